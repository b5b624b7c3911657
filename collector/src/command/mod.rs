//! What each command does, a file each.

pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod check;
pub(crate) mod device;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod results;
pub(crate) mod serve;
pub(crate) mod witness;

use std::io::{ErrorKind, Write as _, stdout};

/// Writes an answer of many lines. Who hangs up early, as `head` does, has seen enough.
pub(crate) fn answer(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

//! Waiting for work that may never end: a flush or an fdatasync on a dying card.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Does `work` in a thread of its own and waits for it; `None` if it takes longer than
/// `limit`. Nothing can stop it then: the thread stays until the work or the process
/// ends, and what it did is not known.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (done, waiting) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("commit".to_owned());
    thread.spawn(move || {
        // Nobody waits any more after the limit.
        done.send(work()).ok();
    })?;
    match waiting.recv_timeout(limit) {
        Ok(result) => Ok(Some(result)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the commit panicked")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_ends_gives_its_result() {
        assert_eq!(within(Duration::from_secs(60), || 7).unwrap(), Some(7));
        let panicked = within(Duration::from_secs(60), || panic!("torn page"));
        assert!(panicked.map(|done: Option<()>| done).is_err(), "a panic is told at once");
    }

    #[test]
    fn work_that_hangs_is_not_waited_for() {
        let (release, held) = mpsc::channel::<()>();
        let hanging = within(Duration::from_millis(20), move || held.recv().is_ok());
        assert_eq!(hanging.unwrap(), None);
        release.send(()).unwrap();
    }
}

//! What each command does, a file each.

pub(crate) mod authority;
pub(crate) mod check;
pub(crate) mod device;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod results;
pub(crate) mod serve;

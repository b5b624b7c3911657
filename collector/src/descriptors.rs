//! Open files: each connection is one, and systems begin with 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Files besides the connections: the journal's, photos under way, pages.
const BESIDES: u64 = 200;

/// Has the system allow as many open files as it ever would, and says so if these are
/// too few for so many connections.
pub fn allow(connections: usize) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(fault) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        warn!(%fault, "the limit of open files stays as it is");
    }
    let wanted = connections as u64 + BESIDES;
    if let Some(allowed) = getrlimit(Resource::Nofile).current.filter(|allowed| *allowed < wanted) {
        warn!(
            "the system allows {allowed} open files, and {connections} connections need {wanted}: \
             raise it (LimitNOFILE of systemd, or ulimit -n), or lower “connections”"
        );
    }
}

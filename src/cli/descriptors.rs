//! How many sockets and files this process may have open: as many as the system allows, where a shell or a container gives fewer to begin
//! with. The usual 1,024 stands for programs that call `select`, which can't take a higher number; nothing here does.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More is of no use here.
const MOST: u64 = 65_536;

/// Raises the limit to what the system allows, up to [`MOST`]; where it refuses, the limit stays.
pub(super) fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(MOST, |maximum| maximum.min(MOST));
    if current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::debug!("the limit of open files stays as it is, as raising it failed: {error}");
    }
}

/// How many there may be now.
pub(super) fn limit() -> usize {
    let current = getrlimit(Resource::Nofile).current.unwrap_or(MOST).min(MOST);
    usize::try_from(current).unwrap_or(usize::MAX)
}

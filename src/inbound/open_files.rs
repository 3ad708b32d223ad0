//! How many files the process may have open. Every connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to the highest value that the process may set by itself, and returns it. Systems start a process
/// with a low one, often 1024, because programs of old could not cope with more.
pub fn raise_limit_of_open_files() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    limit_of_open_files()
}

/// The present limit.
pub(super) fn limit_of_open_files() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_04_the_limit_of_open_files_is_raised_to_the_hard_one() {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        assert_eq!(raise_limit_of_open_files(), maximum.unwrap_or(u64::MAX));
        assert_eq!(limit_of_open_files(), maximum.unwrap_or(u64::MAX));
    }
}

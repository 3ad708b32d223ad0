//! Machine clients: programs that authenticate by themselves (RFC 6749 §4.4).

pub(super) mod machine;

pub use machine::{IssueError, Machine, MachineToken, authenticate, create, issue_token, revoke};

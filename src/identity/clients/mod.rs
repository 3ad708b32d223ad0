//! Machine clients: programs that authenticate by themselves (RFC 6749 §4.4). [`create`] registers one and [`revoke`]
//! ends it, [`prove`] checks its secret and [`issue_token()`] gives it an access token, and [`authenticate()`] finds the client behind such a token.

pub(super) mod authenticate;
pub(super) mod issue_token;
pub(super) mod register;

pub use authenticate::{Machine, authenticate};
pub use issue_token::{IssueError, MachineToken, ProvenClient, issue_token, prove};
pub use register::{RegisteredClient, Revocation, create, revoke};

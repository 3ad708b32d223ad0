//! Machine clients: programs that authenticate by themselves (RFC 6749 §4.4), and people at the support page. [`create`]
//! and [`create_for_person`] register one and [`revoke`] ends it, [`prove`] checks its secret and [`issue_token()`] gives it
//! an access token, and [`authenticate()`] finds the client behind such a token. `page_session` lets a person go on at the
//! support page without the secret.

pub(super) mod authenticate;
pub(super) mod issue_token;
pub(super) mod page_session;
pub(super) mod register;

pub use authenticate::{Machine, authenticate};
pub use issue_token::{IssueError, MachineToken, ProvenClient, issue_token, prove};
pub use page_session::{
    PageAccess, PageSession, PageSessionError, end_page_session, refresh_page_session, start_page_session,
};
pub use register::{RegisteredClient, Revocation, create, create_for_person, revoke};

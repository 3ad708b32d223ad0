//! Machine clients: programs that authenticate by themselves (RFC 6749 §4.4), and people at the support page. [`register()`]
//! makes one, [`rotate_secret`] and [`set_keys`] replace what it authenticates itself by, [`list()`] shows all, and [`revoke`]
//! ends one. [`prove()`] checks its secret, or [`prove_by_assertion`] what it has signed; then [`issue_token()`] gives it an
//! access token, [`introspect()`] tells it what a token is worth, and [`revoke_token()`] ends one of its own.
//! [`authenticate()`] finds the client behind an access token. `metered` counts its calls, and `page_session` lets a person
//! go on at the support page without the secret.

pub(super) mod authenticate;
mod credentials;
mod introspect;
pub(super) mod issue_token;
mod list;
mod metered;
pub(super) mod page_session;
mod prove;
pub(super) mod register;
mod revoke_token;

pub use authenticate::{Machine, authenticate};
pub use credentials::{CredentialChange, end_previous_secret, rotate_secret, set_keys};
pub use introspect::{Introspection, introspect};
pub use issue_token::{IssueError, MachineToken, issue_token};
pub use list::list;
pub use metered::Metered;
pub use page_session::{
    PageAccess, PageSession, PageSessionError, end_page_session, refresh_page_session, start_page_session,
};
pub use prove::{ProveError, ProvenClient, prove, prove_by_assertion};
pub use register::{RegisteredClient, Registration, Revocation, register, revoke};
pub use revoke_token::revoke_token;

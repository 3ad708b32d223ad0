//! The audit trail, for auditors. [`list()`] reads a page of [`AuditEvent`]s; `cursor` says where the next one begins (a
//! [`Cursor`]). The trail is told, never asked: no rule depends on it (LO-06).
//!
//! The trail is sealed: [`seal_batch`] gives committed entries their positions and hashes them into a chain, in the canonical
//! form that `form` maps them to. The chain ends in a [`SignedHead`], which leaves this service, and [`verify()`] compares
//! everything with it. `docs/audit-trail.md` says what that proves.

mod cursor;
mod event;
mod form;
mod head;
mod list;
mod seal;
mod verification;

pub use cursor::Cursor;
pub use event::{AuditEvent, AuditEventName, Outcome};
pub use head::{InvalidHead, LeftHead, SealAge, SignedHead, find_head, seal_age, tell_head};
pub use list::{AuditPage, AuditRequest, list};
pub use seal::{Sealing, seal_all, seal_batch};
pub use verification::{Finding, FindingKind, Place, Report, Verdict, verify};

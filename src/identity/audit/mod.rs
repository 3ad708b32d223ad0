//! The audit trail, for auditors. [`list()`] reads a page of [`AuditEvent`]s; `cursor` says where the next one begins (a
//! [`Cursor`]). The trail is told, never asked: no rule depends on it (LO-06).

mod cursor;
mod event;
mod list;

pub use cursor::Cursor;
pub use event::{AuditEvent, AuditEventName, Outcome};
pub use list::{AuditPage, AuditRequest, list};

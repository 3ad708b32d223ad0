//! The customer guide's reset, in the order in which it happens: [`request`] writes the request down, [`issue_link`] makes the
//! link in the background, `outbox::send` hands the mail over, [`verify_link`] looks at the link, and [`complete`] sets
//! the new password or [`withdraw_link`] ends the link ("this was not me").

pub(super) mod complete;
pub(super) mod issue_link;
pub(super) mod mail_budget;
pub(super) mod request;
pub(super) mod verify_link;
pub(super) mod withdraw_link;

pub use complete::{NewPasswordForm, complete};
pub use issue_link::issue_link;
pub use request::request;
pub use verify_link::verify_link;
pub use withdraw_link::withdraw_link;

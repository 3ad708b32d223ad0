//! The development mailbox. It receives mails through the API of Mailpit and shows them in a browser. It holds the last
//! mails in memory, delivers no mail, and is never started in production.

mod api;
mod memory;
mod page;
mod server;
mod stored_mail;

pub use server::start;

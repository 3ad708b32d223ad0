//! The development mailbox. It receives mail by the API of Mailpit and shows it in a browser. It holds the last mails in
//! memory, delivers no mail, and is never started in production.

mod api;
mod memory;
mod page;
mod server;
mod stored_mail;

pub use server::start;

//! The development mailbox: takes mail as Mailpit does and shows it to the developer. It keeps the last mails in memory,
//! delivers none, and is never started in production.

mod api;
mod memory;
mod page;
mod server;
mod stored_mail;

pub use server::start;

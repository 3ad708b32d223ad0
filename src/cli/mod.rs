//! The commands: they build the [`App`](crate::app::App) and start the service.

mod account;
mod background;
mod client;
mod command;
mod common;
mod demo;
mod error;
mod key;
mod listeners;
mod logging;
mod mail;
mod service;
mod support;
mod worker;

pub use command::main;

use error::CliError;

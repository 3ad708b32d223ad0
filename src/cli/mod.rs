//! The commands: they build the [`App`](crate::app::App) and start the service. [`main`] reads the arguments and runs the file
//! that is named like the command; `serve` and `worker` share [`listeners`], [`background`] and `stop_signal`.

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

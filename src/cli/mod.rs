//! The commands. [`main`] reads the arguments and runs the file that is named like the command (`serve` is in
//! `service`). Commands about accounts, clients, keys and support build the [`App`](crate::app::App) and call one use
//! case. `doctor` looks at the parts without building them. `serve`, `worker` and `demo` also start `listeners` and `background` jobs.

mod account;
mod audit;
mod background;
mod client;
mod client_list;
mod command;
mod common;
mod demo;
mod doctor;
mod epoch;
mod error;
mod healthcheck;
mod import;
mod json_line;
mod key;
mod listeners;
mod logging;
mod mail;
mod output;
mod service;
mod starting;
mod support;
mod worker;

pub use command::main;
#[doc(hidden)]
pub use import::read_csv;

use error::CliError;

//! `doctor`: whether this machine, with these settings, can serve. `command` runs the checks, each in a file of its own, and
//! prints their [`Finding`](finding::Finding)s. A check writes nothing but the row by which readiness is proved, sends no mail
//! and shows no secret.

mod argon2;
mod command;
mod database;
mod dns;
mod domains;
mod finding;
mod keys;
mod mail_api;
mod mail_events;
mod settings;
mod webhooks;

pub(super) use command::{Doctor, run};

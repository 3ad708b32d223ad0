//! Faults that the service survives by itself, under a load of mixed calls: nothing that it has accepted is lost, and nothing is done
//! twice. `site` is the service with its surroundings, `load` and `links` are the callers, `round` is the course of a fault and
//! `check` what has to hold after it. Each test prints a row of the table in `docs/operations.md`, and `tests/proof faults` runs
//! longer rounds on the release build.

mod catalogue;
mod check;
mod clock;
mod connections;
mod database;
mod disk;
mod jobs;
mod key_file;
mod links;
mod load;
mod mail_api;
mod processes;
mod received;
mod round;
mod site;

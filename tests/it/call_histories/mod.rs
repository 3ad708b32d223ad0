//! Histories of calls. Callers work on three instances while processes are killed, the database restarts, mail APIs
//! and receivers fail, and a clock is wrong. Each call is recorded with its start, its end and its answer. A checker
//! then looks for a history that no service which keeps its promises can have: a call whose answer was lost may have
//! had its effect or not, and calls that overlap may have come in either order.
//!
//! `site` is the service with its surroundings, `owners`, `machine` and `feed_reader` are the callers, `disturbances`
//! is what happens to them, `history` is what is recorded, and each file of `rules` is one kind of promise. `planted`
//! switches a condition, a lease or an order of the service off, and each has to be found.

mod callers;
mod choices;
mod course;
mod disturbances;
mod feed_reader;
mod final_tables;
mod history;
mod machine;
mod mailbox;
mod mixes;
mod owners;
mod pace;
mod planted;
mod receiver;
mod recorder;
mod rules;
mod site;
mod soak;
mod statement_relay;

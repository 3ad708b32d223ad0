//! The sealed audit trail: sealing, verifying, erasing, and everything that somebody with the database in his hands may do
//! to it (LO-06).

mod chain;
mod changed;
mod commands;
mod erased;
mod killed;
mod older_versions;
mod other_program;
mod retention;
mod sealing;
mod tampering;

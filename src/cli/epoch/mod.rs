//! `restore-epoch`. `command` has its words and its way through the parts, `events_file` reads what was exported of the time
//! since a backup, and `report` says what was done.

mod command;
mod events_file;
mod report;

pub(super) use command::{RestoreEpoch, run};

//! `account import`: brings customers in from a file. `command` has its words, `opened` finds out what `format` the
//! file has, `csv_rows` and `json_rows` read it row by row in bounded memory (`bounded`), with the `columns` that its
//! header or `--map` names, and `report` and `progress` say what has come out.

mod bounded;
mod columns;
mod command;
mod csv_rows;
mod format;
mod json_rows;
mod opened;
mod progress;
mod report;
mod text;

pub(super) use command::{ImportFile, run};
pub use csv_rows::read_csv;

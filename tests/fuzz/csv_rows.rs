//! Fuzzes the reading of files with columns.

#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::run("csv_rows", bytes));

//! How an import is to be done.

use chrono::TimeDelta;

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatToDo {
    /// Accounts are made. Those that exist stay as they are.
    Create,
    /// Accounts that exist take over address, language, name and closing; none is made.
    Update,
}

/// What a rejected row does to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRejection {
    /// Nothing is imported.
    KeepOut,
    /// The others are imported, in batches that are committed one by one.
    GoOn,
}

/// How a file is imported.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions {
    /// What becomes of the rows.
    pub what: WhatToDo,
    /// What a rejected row does to the others.
    pub on_rejection: OnRejection,
    /// Whether nothing is written, and the report says what would be.
    pub dry_run: bool,
    /// Over how many days passwords expire that would expire all at once.
    pub spread: Option<TimeDelta>,
}

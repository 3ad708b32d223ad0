//! The clock of a machine that is ahead of all others, as one process reads it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A library that moves the clock of the processes into which it is loaded (`LD_PRELOAD`), by the seconds in a file. It
/// needs a C compiler.
pub(crate) struct ClockAhead {
    library: PathBuf,
    file: PathBuf,
}

impl ClockAhead {
    /// Compiles the library into this folder. The clock is right at first.
    pub(crate) fn compile(folder: &Path) -> Self {
        let (library, file, source) = (folder.join("clock.so"), folder.join("ahead"), folder.join("clock.c"));
        fs::write(&source, include_str!("clock_ahead.c")).unwrap();
        let compiled =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
        assert!(compiled.unwrap().success());
        let clock = Self { library, file };
        clock.set(0);
        clock
    }

    /// Sets by how many seconds the clock is ahead from now on.
    pub(crate) fn set(&self, seconds: i64) {
        fs::write(&self.file, seconds.to_ne_bytes()).unwrap();
    }

    /// What the environment of a process has to have.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [("LD_PRELOAD", self.library.display().to_string()), ("CLOCK_AHEAD", self.file.display().to_string())]
    }
}

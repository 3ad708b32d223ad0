//! The kept inputs of a target, and small changes of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The longest input whose every bit is changed, in bytes.
const LONGEST_CHANGED: usize = 1024;
/// The most changes of all inputs of a target. Where there are more, they are taken at equal distances.
const MOST_CHANGES: usize = 10_000;

/// One kept input.
pub(super) struct Input {
    /// The name of its file.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Something done to an input.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// Its end is cut off, so that it has this length.
    Cut(usize),
    /// One bit is turned over, counted from the first byte on.
    Flip(usize),
}

impl Change {
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        match self {
            Self::Cut(length) => changed.truncate(length),
            Self::Flip(bit) => changed[bit / 8] ^= 1 << (bit % 8),
        }
        changed
    }
}

/// The folder with a folder for each target.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

/// The kept inputs of a target, by the names of their files.
pub(super) fn kept(target: &str) -> Vec<Input> {
    let files = fs::read_dir(folder().join(target)).unwrap().map(|entry| entry.unwrap().path());
    let mut inputs: Vec<Input> = files
        .map(|path| Input {
            name: path.file_name().unwrap().to_str().unwrap().to_owned(),
            bytes: fs::read(&path).unwrap(),
        })
        .collect();
    assert!(!inputs.is_empty(), "no input of {target} is kept");
    inputs.sort_by(|one, other| one.name.cmp(&other.name));
    inputs
}

/// Cuts each input after every byte, and turns over every bit of it.
pub(super) fn changes(inputs: &[Input]) -> impl Iterator<Item = (&Input, Change)> {
    let of_one = |input: &Input| {
        let length = if input.bytes.len() <= LONGEST_CHANGED { input.bytes.len() } else { 0 };
        (0..length).map(Change::Cut).chain((0..length * 8).map(Change::Flip))
    };
    let count: usize = inputs.iter().map(|input| of_one(input).count()).sum();
    let all = inputs.iter().flat_map(move |input| of_one(input).map(move |change| (input, change)));
    all.step_by(count.div_ceil(MOST_CHANGES).max(1))
}

//! The kept inputs of the fuzzers. `replay` runs each target on them and on small changes of them, and `planted` shows
//! for each target that the kept inputs find a wrong reader. `tests/proof fuzz` looks for further inputs.

mod corpus;
mod planted;
mod replay;
#[path = "../../fuzz/targets/mod.rs"]
mod targets;
mod versions;

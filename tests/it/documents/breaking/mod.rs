//! No change of the API breaks the programs of partners unnoticed.
//!
//! `openapi/released.json` is the document of the last release. `operations` compares the operations of two documents,
//! and `schemas` what bodies, parameters and headers hold: a request may ask for no more than before, and an answer may
//! promise no less. `released` compares the present document with the released one, and lets those changes pass that the
//! changelog tells. `rules` proves each rule of the comparison.

mod operations;
mod released;
mod rules;
mod schemas;

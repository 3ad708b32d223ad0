//! How long everything is kept. `document` reads `docs/data.md` and compares it with the code, `history` fills every table by
//! what people and programs do, and `ageing` lets the full database become two years old.

mod ageing;
mod document;
mod history;
mod plans;

//! Periodic upkeep, once a minute on every instance.

pub(super) mod forget;

pub use forget::forget;

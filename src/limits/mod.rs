//! The state of limits in the memory of an instance: the sources that were refused a moment ago, and the customer
//! numbers that unknown devices have tried.

mod pressure;
mod recent_refusals;

pub use pressure::{Counts, Level, Pressure, Reading, Signal};
pub use recent_refusals::RecentRefusals;

//! What an instance remembers of limits, in memory alone: which sources have just been refused, and how many different numbers
//! strangers have tried on all of them.

mod pressure;
mod recent_refusals;

pub use pressure::{Counts, Level, Pressure, Reading, Signal};
pub use recent_refusals::RecentRefusals;

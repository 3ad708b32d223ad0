//! The state of limits in the memory of an instance: the sources that were refused a moment ago, and the customer
//! numbers that unknown devices have tried.

mod pressure;
mod recent_refusals;

pub(crate) use pressure::{Counts, Pressure, Reading, Signal};
pub(crate) use recent_refusals::RecentRefusals;

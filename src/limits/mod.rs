//! The state of limits in the memory of an instance: the sources that were refused a moment ago, and the customer
//! numbers that unknown devices have tried.

mod pressure;
mod recent_refusals;
mod seen;

pub(crate) use pressure::{Pressure, Reading};
pub(crate) use recent_refusals::RecentRefusals;
pub(crate) use seen::{Counts, Signal};

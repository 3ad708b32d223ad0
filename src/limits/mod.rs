//! The state of limits in the memory of an instance: the sources that were refused a moment ago, the customer numbers
//! that unknown devices have tried, and whose turn it is.

mod pressure;
mod recent_refusals;
mod seen;
mod turns;

pub(crate) use pressure::{Pressure, Reading};
pub(crate) use recent_refusals::RecentRefusals;
pub(crate) use seen::{Counts, Signal};
pub(crate) use turns::{Turn, Turns};

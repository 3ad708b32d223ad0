//! The state of limits in the memory of an instance: the sources that were refused a moment ago, the customer numbers
//! that unknown devices have tried, whose turn it is, and how many lines of the log a flood has written.

mod log_sample;
mod pressure;
mod recent_refusals;
mod seen;
mod turns;

pub(crate) use log_sample::LogSample;
pub(crate) use pressure::{Pressure, Reading};
pub(crate) use recent_refusals::RecentRefusals;
pub(crate) use seen::{Counts, Signal};
pub(crate) use turns::{Turn, Turns};

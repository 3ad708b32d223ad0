//! Support's question, "why did no mail arrive?". [`diagnose()`] answers a [`Question`]: `facts` gathers what the tables
//! hold, `assessment` relates the facts to each other, `findings` says what they mean, the decisive [`Finding`] first,
//! and `timeline` lists what happened. `take_turn` limits how much a machine client may ask.

pub(super) mod assessment;
pub(super) mod diagnose;
pub(super) mod facts;
pub(super) mod finding;
pub(super) mod findings;
pub(super) mod question;
mod take_turn;
pub(super) mod timeline;

pub use diagnose::{Diagnosis, diagnose};
pub use finding::{Finding, FindingCode, Severity};
pub use question::Question;
pub use timeline::{DerivedEvent, TimelineEntry, TimelineEvent};

//! Support's question, "why did no mail arrive?". [`diagnose()`] answers a [`Question`]: `facts` gathers what the tables
//! hold, and `old_password` where somebody goes on with the password before. `assessment` relates the facts to each other,
//! `findings` says what they mean, the decisive [`Finding`] first, by the ranks of `finding_code`, and `advice` keeps them
//! from advising opposites. `timeline` lists what happened, and `timeline_words` puts it into words.

mod advice;
pub(super) mod assessment;
pub(super) mod diagnose;
pub(super) mod facts;
pub(super) mod finding;
pub(super) mod finding_code;
pub(super) mod findings;
mod old_password;
pub(super) mod question;
pub(super) mod timeline;
mod timeline_words;

pub use diagnose::{Diagnosis, diagnose};
pub use finding::{Asking, Finding};
pub use finding_code::{FindingCode, Severity};
pub use question::Question;
pub use timeline::{DerivedEvent, TimelineEntry, TimelineEvent};

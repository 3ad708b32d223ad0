//! The only place that turns an error into a response (RFC 9457): `catalog` says what kinds there are, `kind` which of them an
//! error is, `render` what the response holds, in the forms of `body` and `challenge`.

mod body;
mod catalog;
mod challenge;
mod kind;
mod render;

pub(in crate::http) use body::{FieldProblem, ProblemBody, SUPPORT, SupportContact, params};
pub(in crate::http) use catalog::{Entry, find};
pub(in crate::http) use challenge::{ChallengeBody, ProblemChallenge};
pub(in crate::http) use kind::Problem;

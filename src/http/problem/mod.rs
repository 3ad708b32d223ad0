//! The only place that turns an error into a response (RFC 9457). `catalog` lists the kinds of problem, `kind` maps
//! refusals and faults to them, and `render` makes the response out of `body`, `reason` and `challenge`. `responses`
//! describes all of them for the OpenAPI document.

mod body;
mod body_mistake;
mod catalog;
mod challenge;
mod example;
mod kind;
mod reason;
mod render;
mod responses;

pub(in crate::http) use body::{FieldProblem, ProblemBody, SupportContact, params};
pub(in crate::http) use body_mistake::{BodyMistake, BodyMistakeKind};
pub(in crate::http) use catalog::ProblemCode;
pub(in crate::http) use challenge::ChallengeBody;
pub(in crate::http) use kind::{Problem, coarse_seconds};
pub(in crate::http) use render::BASIC_CHALLENGE;
pub(in crate::http) use responses::*;

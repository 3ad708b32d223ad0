//! The condition `If-Match` (RFC 9110 §13.1.1).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag, Header as _},
};

use super::account_body::version_of;
use crate::{app::App, http::problem::Problem, identity::accounts::FoundAccount};

/// The versions of an account that a call is meant for. Of a list one match suffices, and `*` means every version.
pub(in crate::http) struct IfMatch(Option<header::IfMatch>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(header::IF_MATCH) {
            return ready(Ok(Self(None)));
        }
        // A condition that cannot be read must not be taken for one that holds.
        ready(
            header::IfMatch::parse(request)
                .map(|condition| Self(Some(condition)))
                .map_err(|_| Problem::MalformedRequest(None)),
        )
    }
}

impl IfMatch {
    /// Whether the call is meant for the account as it is. Weak tags match nothing (RFC 9110 §8.8.3.2).
    pub(in crate::http) fn holds(&self, app: &App, found: &FoundAccount) -> bool {
        match &self.0 {
            None | Some(header::IfMatch::Any) => true,
            Some(header::IfMatch::Items(tags)) => {
                let present = EntityTag::new_strong(version_of(app, found));
                tags.iter().any(|tag| tag.strong_eq(&present))
            }
        }
    }
}

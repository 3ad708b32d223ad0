//! What a limit leaves to a machine client, in the headers `RateLimit` and `RateLimit-Policy` of
//! draft-ietf-httpapi-ratelimit-headers-10. A stranger is told nothing (RL-11).

use std::{
    cell::Cell,
    convert::Infallible,
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::{http::problem::coarse_seconds, store::Quota};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Which limit the headers are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Policy {
    /// The calls of the client.
    Calls,
    /// The access tokens that the client gets.
    Tokens,
}

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Tokens => "tokens",
        }
    }
}

/// Where a request keeps what is left to its client, from when the client is known until the answer goes out. Whatever
/// becomes of the request in between, the answer has the headers.
#[derive(Clone, Default)]
pub(in crate::http) struct QuotaSlot(Rc<Cell<Option<(Policy, Quota)>>>);

impl QuotaSlot {
    /// The slot of a request.
    pub(in crate::http) fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Sets what is left; nothing where nothing limits the client.
    pub(in crate::http) fn set(&self, policy: Policy, quota: Option<Quota>) {
        self.0.set(quota.map(|quota| (policy, quota)));
    }

    /// Adds the headers to an answer.
    pub(in crate::http) fn mark(&self, headers: &mut HeaderMap) {
        let Some((policy, quota)) = self.0.get() else { return };
        for (name, value) in [(RATE_LIMIT, left(policy, quota)), (RATE_LIMIT_POLICY, policy_of(policy, quota))] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

impl FromRequest for QuotaSlot {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// How many calls are left, and for how long. Where none is, the time is that of `Retry-After`.
fn left(policy: Policy, Quota { remaining, renewed_in, .. }: Quota) -> String {
    let seconds = match remaining {
        0 => coarse_seconds(renewed_in),
        _ => u64::try_from(renewed_in.num_milliseconds()).unwrap_or(0).div_ceil(1000),
    };
    format!("\"{}\";r={remaining};t={seconds}", policy.name())
}

fn policy_of(policy: Policy, Quota { limit, .. }: Quota) -> String {
    format!("\"{}\";q={};w={}", policy.name(), limit.count, limit.period.num_seconds())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::Limit;

    #[test]
    fn rl_13_what_is_left_is_told_in_structured_fields() {
        let limit = Limit { count: 1200, period: TimeDelta::minutes(1) };
        let told = |remaining, milliseconds| {
            let quota = Quota { limit, remaining, renewed_in: TimeDelta::milliseconds(milliseconds) };
            let (slot, mut headers) = (QuotaSlot::default(), HeaderMap::new());
            slot.set(Policy::Calls, Some(quota));
            slot.mark(&mut headers);
            assert_eq!(headers.get(RATE_LIMIT_POLICY).unwrap(), r#""calls";q=1200;w=60"#);
            headers.get(RATE_LIMIT).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(told(1199, 50), r#""calls";r=1199;t=1"#);
        assert_eq!(told(3, 59_001), r#""calls";r=3;t=60"#);
        // As `Retry-After` says it.
        assert_eq!(told(0, 50), r#""calls";r=0;t=1"#);
        assert_eq!(told(0, 40_000), r#""calls";r=0;t=60"#);
        let mut headers = HeaderMap::new();
        QuotaSlot::default().mark(&mut headers);
        assert!(headers.is_empty());
    }
}

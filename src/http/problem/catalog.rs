//! Every kind of problem: what `GET /problems/{slug}` says of it.

/// One kind.
pub(in crate::http) struct Entry {
    /// The end of its `type`, and its `code`.
    pub(in crate::http) slug: &'static str,
    /// The HTTP status.
    pub(in crate::http) status: u16,
    /// Constant (RFC 9457 §3.1.3).
    pub(in crate::http) title: &'static str,
    /// When it is answered.
    pub(in crate::http) cause: &'static str,
    /// What to do about it.
    pub(in crate::http) remedy: &'static str,
}

pub(in crate::http) const MALFORMED_REQUEST: Entry = Entry {
    slug: "malformed-request",
    status: 400,
    title: "The request cannot be read",
    cause: "The body is not a JSON object in UTF-8, has a duplicate or unknown key, a null or a value of the wrong \
            type, begins with a byte order mark, goes on behind the object, or did not arrive in time.",
    remedy: "A mistake in the calling program: compare the request with the OpenAPI document. Customer numbers and \
             passwords are JSON strings.",
};
pub(in crate::http) const VALIDATION_FAILED: Entry = Entry {
    slug: "validation-failed",
    status: 422,
    title: "Some fields are wrong",
    cause: "A field is missing, or well-formed but wrong. `errors` lists every one of them.",
    remedy: "Mark each field that a `pointer` names and show its `detail` beside it. Nothing has been used up: the \
             same link, session or change token serves for the next attempt; only wrong customer numbers and passwords are \
             counted, as the operation says.",
};
pub(in crate::http) const INVALID_CREDENTIALS: Entry = Entry {
    slug: "invalid-credentials",
    status: 401,
    title: "Customer number or password is wrong",
    cause: "The password is wrong, the number is unknown, or its account has no password. The answer does not tell \
            which.",
    remedy: "Let the customer try again, or ask for a reset mail.",
};
pub(in crate::http) const INVALID_TOKEN: Entry = Entry {
    slug: "invalid-token",
    status: 401,
    title: "The token is missing or not valid",
    cause: "No token was sent, or it is forged, expired, used, meant for something else, or its session has ended: by \
            signing out, a new password, or the closing of the account.",
    remedy: "Sign in again.",
};
pub(in crate::http) const PASSWORD_EXPIRED: Entry = Entry {
    slug: "password-expired",
    status: 403,
    title: "The password must be changed",
    cause: "The password is right but too old, or must be changed for another reason, which `reason` names.",
    remedy: "With `reason` `expired`, let the customer choose a new password, sent with the `change_token`. Otherwise \
             tell that a reset mail is on its way.",
};
pub(in crate::http) const ACCOUNT_CLOSED: Entry = Entry {
    slug: "account-closed",
    status: 403,
    title: "The access is closed",
    cause: "The password is right, and an administrator has closed the access.",
    remedy: "Show the `support` contact. No reset lifts a closing.",
};
pub(in crate::http) const INSUFFICIENT_SCOPE: Entry = Entry {
    slug: "insufficient-scope",
    status: 403,
    title: "The token lacks the scope",
    cause: "The access token is valid but was not issued for this operation.",
    remedy: "Ask for a token with the scope that the operation's documentation names.",
};
pub(in crate::http) const NOT_FOUND: Entry = Entry {
    slug: "not-found",
    status: 404,
    title: "Nothing is at this address",
    cause: "The path is wrong, or what it named does not exist.",
    remedy: "Compare the path with the OpenAPI document: no trailing slash, no double slash, lower case.",
};
pub(in crate::http) const METHOD_NOT_ALLOWED: Entry = Entry {
    slug: "method-not-allowed",
    status: 405,
    title: "The method is not supported here",
    cause: "The path exists, but not with this method.",
    remedy: "Use a method that the `Allow` header names.",
};
pub(in crate::http) const NOT_ACCEPTABLE: Entry = Entry {
    slug: "not-acceptable",
    status: 406,
    title: "No acceptable representation",
    cause: "The `Accept` header excludes application/json.",
    remedy: "Send `Accept: application/json`, or no such header.",
};
pub(in crate::http) const CONFLICT: Entry = Entry {
    slug: "conflict",
    status: 409,
    title: "It conflicts with what is there",
    cause: "What should be created exists already, or the same request is still being worked on.",
    remedy: "Read what is there before you try again.",
};
pub(in crate::http) const RESET_LINK_UNUSABLE: Entry = Entry {
    slug: "reset-link-unusable",
    status: 410,
    title: "The reset link cannot be used",
    cause: "`reason` says why: `expired`, `used` or `withdrawn` for what once was a link, `unknown` for anything else.",
    remedy: "Offer the customer to ask for a new link.",
};
pub(in crate::http) const PAYLOAD_TOO_LARGE: Entry = Entry {
    slug: "payload-too-large",
    status: 413,
    title: "The request is too large",
    cause: "The body has more than the operation takes: 16 KiB, and 1 MiB for delivery events.",
    remedy: "No request of this API needs that much.",
};
pub(in crate::http) const UNSUPPORTED_MEDIA_TYPE: Entry = Entry {
    slug: "unsupported-media-type",
    status: 415,
    title: "The content type is not supported",
    cause: "The body is not declared as application/json in UTF-8, or is compressed.",
    remedy: "Send `Content-Type: application/json`.",
};
pub(in crate::http) const CHALLENGE_REQUIRED: Entry = Entry {
    slug: "challenge-required",
    status: 403,
    title: "A proof of work is asked for",
    cause: "Somebody is trying many customer numbers, so whoever presents no known `device_token` has to prove a little \
            work first. The proof was missing, wrong, too old, for another number, or has served already.",
    remedy: "Solve `challenge` and repeat the request with `proof`, as `POST /v1/challenges` describes.",
};
pub(in crate::http) const RATE_LIMITED: Entry = Entry {
    slug: "rate-limited",
    status: 429,
    title: "Too many requests",
    cause: "A limit is exhausted. It counts what was submitted, so it does not tell whether an account exists.",
    remedy: "Wait as many seconds as `Retry-After` says.",
};
pub(in crate::http) const INTERNAL_ERROR: Entry = Entry {
    slug: "internal-error",
    status: 500,
    title: "Something went wrong in the service",
    cause: "A mistake of ours. It has been logged under the `request_id`.",
    remedy: "Try again later; tell us the `request_id` if it stays.",
};
pub(in crate::http) const UNAVAILABLE: Entry = Entry {
    slug: "unavailable",
    status: 503,
    title: "The service is not available at the moment",
    cause: "The database cannot be reached, or more passwords are being checked than the machine can.",
    remedy: "Try again after as many seconds as `Retry-After` says.",
};

/// All of them, by status.
pub(in crate::http) const ALL: [&Entry; 18] = [
    &MALFORMED_REQUEST,
    &INVALID_CREDENTIALS,
    &INVALID_TOKEN,
    &PASSWORD_EXPIRED,
    &ACCOUNT_CLOSED,
    &CHALLENGE_REQUIRED,
    &INSUFFICIENT_SCOPE,
    &NOT_FOUND,
    &METHOD_NOT_ALLOWED,
    &NOT_ACCEPTABLE,
    &CONFLICT,
    &RESET_LINK_UNUSABLE,
    &PAYLOAD_TOO_LARGE,
    &UNSUPPORTED_MEDIA_TYPE,
    &VALIDATION_FAILED,
    &RATE_LIMITED,
    &INTERNAL_ERROR,
    &UNAVAILABLE,
];

/// The kind of a slug.
pub(in crate::http) fn find(slug: &str) -> Option<&'static Entry> {
    ALL.into_iter().find(|entry| entry.slug == slug)
}

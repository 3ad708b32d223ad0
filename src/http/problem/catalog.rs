//! Every kind of problem, written once: its code, when it is answered, and what to do about it.

use crate::types::text_enum;

/// Defines [`ProblemCode`] from one list: the documentation of a code is the cause of the problem.
macro_rules! problem_catalog {
    ($($(#[doc = $cause:literal])+ $code:ident = $slug:literal: $status:literal $title:literal, $remedy:literal;)+) => {
        text_enum! {
            /// The code of a problem, which is the last segment of its `type`. Programs decide by it.
            pub(in crate::http) enum ProblemCode {
                $($(#[doc = $cause])+ $code = $slug,)+
            }
        }

        impl ProblemCode {
            /// The HTTP status of the answer.
            pub(in crate::http) const fn status(self) -> u16 {
                match self {
                    $(Self::$code => $status,)+
                }
            }

            /// The name of the kind in English, the same in every answer (RFC 9457 §3.1.3).
            pub(in crate::http) const fn title(self) -> &'static str {
                match self {
                    $(Self::$code => $title,)+
                }
            }

            /// What the caller does about it.
            pub(in crate::http) const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$code => $remedy,)+
                }
            }
        }
    };
}

// The list is ordered by status.
problem_catalog! {
    /// The body is not a JSON object in UTF-8, has a duplicate or unknown key, a null or a value of the wrong type,
    /// begins with a byte order mark, goes on behind the object, or did not arrive in time.
    MalformedRequest = "malformed-request": 400 "The request cannot be read",
        "Correct the calling program: compare the request with the OpenAPI document. Customer numbers and passwords are \
         JSON strings.";
    /// The password is wrong, the number is unknown, or its account has no password. The answer does not tell which.
    InvalidCredentials = "invalid-credentials": 401 "Customer number or password is wrong",
        "Let the customer try again, or ask for a reset mail.";
    /// No token was sent, or the token is forged, expired, already used or meant for another purpose, or its session
    /// has ended through a sign-out, a new password or the closing of the account.
    InvalidToken = "invalid-token": 401 "The token is missing or not valid",
        "Let the customer sign in again; a machine client asks for a new token.";
    /// The password is right but too old, or must be changed for another reason, which `reason` names.
    PasswordExpired = "password-expired": 403 "The password must be changed",
        "With `reason` `expired`, let the customer choose a new password and send it with the `change_token`. Otherwise \
         say that a reset mail will arrive shortly.";
    /// The password is right, and an administrator has closed the access.
    AccountClosed = "account-closed": 403 "The access is closed",
        "Show the `support` contact. A reset does not reopen an access.";
    /// An attack tries many customer numbers, so every caller without a known `device_token` has to solve a proof
    /// of work first. The proof of work was missing, wrong, too old, made for another number, or used before.
    ChallengeRequired = "challenge-required": 403 "A proof of work is required",
        "Solve `challenge` and repeat the request with `proof`, as `POST /v1/challenges` describes.";
    /// The access token is valid but was not issued for this operation.
    InsufficientScope = "insufficient-scope": 403 "The token lacks the scope",
        "Ask for a token with the scope that the operation's documentation names.";
    /// The support page is called over an unprotected line or by another site, or the client is a program's and not a
    /// person's.
    Forbidden = "forbidden": 403 "The call is not allowed here",
        "Open the support page as the operator has set it up, and sign in with a client of your own.";
    /// The path is wrong, or the resource that it names does not exist.
    NotFound = "not-found": 404 "No resource is at this address",
        "Compare the path with the OpenAPI document: no trailing slash, no double slash, lower case.";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method-not-allowed": 405 "The method is not supported here",
        "Use a method that the `Allow` header names.";
    /// The `Accept` header excludes application/json.
    NotAcceptable = "not-acceptable": 406 "No acceptable representation",
        "Send `Accept: application/json`, or leave the header out.";
    /// The resource exists already, or the same request is still being processed.
    Conflict = "conflict": 409 "The request conflicts with the current state",
        "Read the current state before you try again.";
    /// `reason` says why: `expired`, `used` or `withdrawn` for a link that the service issued, `unknown` for any other
    /// token.
    ResetLinkUnusable = "reset-link-unusable": 410 "The reset link cannot be used",
        "Offer the customer to ask for a new link.";
    /// The link does not confirm or withdraw a change of the address. `reason` says why: `expired`, `used` or `withdrawn`
    /// for a link that the service issued, `unknown` for any other token.
    EmailChangeUnusable = "email-change-unusable": 410 "The link of the address change cannot be used",
        "Show `detail`. The customer signs in, and changes the address again where that is still wanted.";
    /// The resource has changed since the version that `If-Match` names, so nothing was done (RFC 9110 §13.1.1).
    PreconditionFailed = "precondition-failed": 412 "The resource has changed in the meantime",
        "Read the resource again, apply the change to what it is now, and send the new `ETag`.";
    /// The body is larger than the operation allows: 16 KiB, 256 KiB for delivery events, or 8 MiB for
    /// an import.
    PayloadTooLarge = "payload-too-large": 413 "The request is too large",
        "Correct the calling program: no request of this API needs that much.";
    /// The body is not declared as application/json in UTF-8, or is compressed.
    UnsupportedMediaType = "unsupported-media-type": 415 "The content type is not supported",
        "Send `Content-Type: application/json`.";
    /// A field is missing, or well-formed but wrong. `errors` lists every one of them.
    ValidationFailed = "validation-failed": 422 "Some fields are wrong",
        "Mark each field that a `pointer` names and show its `detail` beside it. The same link, session or change token is \
         accepted in the next attempt; only wrong customer numbers and passwords are counted, as the operation says.";
    /// A limit is exhausted. It counts what was submitted, so it does not tell whether an account exists.
    RateLimited = "rate-limited": 429 "Too many requests",
        "Wait as many seconds as `Retry-After` says.";
    /// The service failed unexpectedly. The failure is logged under the `request_id`.
    InternalError = "internal-error": 500 "Something went wrong in the service",
        "Try again later; report the `request_id` if the error stays.";
    /// The database cannot be reached, or too many passwords are being verified at the same time.
    Unavailable = "unavailable": 503 "The service is not available at the moment",
        "Try again after as many seconds as `Retry-After` says.";
}

//! Refusals in the OpenAPI document. Each type is one response: its codes and its description are written here once,
//! and operations refer to it by its name in `responses(..)`.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{
        Content, KnownFormat, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, SchemaFormat, Type,
        content::ContentBuilder, example::ExampleBuilder, header::HeaderBuilder,
    },
};

use super::{catalog::ProblemCode, example::example};
use crate::identity::{Field, FieldError};

/// The description of a response that refuses a request.
pub(in crate::http) struct ProblemResponse {
    /// The name of the response among the components of the document.
    pub(in crate::http) name: &'static str,
    /// All codes of one status that the response may have.
    codes: &'static [ProblemCode],
    /// The condition under which an operation answers so.
    cause: &'static str,
    /// The field error that the example shows.
    field_error: Option<FieldError>,
}

impl ProblemResponse {
    /// The response itself, with an example of each code.
    pub(in crate::http) fn describe(&self) -> Response {
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        let content = match self.codes {
            [code] => Content::builder().example(Some(example(*code, self.field_error.as_ref()))),
            codes => ContentBuilder::new().examples_from_iter(codes.iter().map(|code| {
                let value = example(*code, self.field_error.as_ref());
                (code.as_str(), ExampleBuilder::new().summary(code.title()).value(Some(value)))
            })),
        };
        let content = content.schema(Some(schema)).build();
        let codes = listed(self.codes.iter().map(|code| code.as_str()));
        let mut response = ResponseBuilder::new()
            .description(format!("{codes}: {}", self.cause))
            .content("application/problem+json", content);
        if self.codes.iter().any(|code| matches!(code, ProblemCode::RateLimited | ProblemCode::Unavailable)) {
            response = response.header(RETRY_AFTER, retry_after());
        }
        response.build()
    }

    /// The entry of an operation's `responses` that refers to the component.
    fn refer(&self) -> BTreeMap<String, RefOr<Response>> {
        let statuses = self.codes.iter().map(|code| code.status().to_string());
        statuses.map(|status| (status, RefOr::Ref(Ref::from_response_name(self.name)))).collect()
    }
}

/// The name of the header that says when to try again.
pub(in crate::http) const RETRY_AFTER: &str = "Retry-After";

/// The header [`RETRY_AFTER`], described.
pub(in crate::http) fn retry_after() -> utoipa::openapi::header::Header {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
    let schema = ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).minimum(Some(0));
    HeaderBuilder::new().schema(Some(schema)).description(Some("Seconds to wait before the next attempt")).build()
}

/// Lists codes as the beginning of a sentence: `` `a`, `b` or `c` ``.
pub(in crate::http) fn listed<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let codes: Vec<String> = codes.map(|code| format!("`{code}`")).collect();
    match codes.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

macro_rules! problem_responses {
    ($($name:ident = $($code:ident)|+ $(, shown at $field_error:expr)?, $cause:literal;)+) => {
        $(
            #[doc = $cause]
            pub(in crate::http) enum $name {}

            impl $name {
                const RESPONSE: ProblemResponse = ProblemResponse {
                    name: stringify!($name),
                    codes: &[$(ProblemCode::$code),+],
                    cause: $cause,
                    field_error: problem_responses!(@field_error $($field_error)?),
                };
            }

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    Self::RESPONSE.refer()
                }
            }
        )+

        /// Every response of this kind, for the components of the document.
        pub(in crate::http) const PROBLEM_RESPONSES: &[ProblemResponse] = &[$($name::RESPONSE),+];
    };
    (@field_error) => { None };
    (@field_error $field_error:expr) => { Some($field_error) };
}

// The list is ordered by status. A description continues the sentence that begins with the codes.
problem_responses! {
    MalformedRequest = MalformedRequest, "the body is not a JSON object of the documented shape";

    WrongCredentials = InvalidCredentials, "the number or the password is wrong; the answer does not tell which";
    SessionEnded = InvalidToken, "the session has ended, or the access token has expired";
    ChangeNotAuthorized = InvalidToken, "the session has ended, or the change token was used or has expired";
    RefreshTokenUnusable = InvalidToken,
        "the refresh token was used, is unknown or too old, or its session or password has expired";
    MachineTokenUnusable = InvalidToken, "the access token is missing or has expired: ask for a new one";
    EventsNotAuthentic = InvalidToken, "the call is not signed or authenticated as the settings of the service demand";

    ProofRequired = ChallengeRequired,
        "solve `challenge`, as `POST /v1/challenges` describes, and repeat the request with `proof`";
    SignInRefused = PasswordExpired | AccountClosed | ChallengeRequired,
        "the first two follow only after the right password; for the third, solve `challenge`, as `POST /v1/challenges` \
         describes, and repeat the request with `proof`";
    ScopeMissing = InsufficientScope, "the client was not granted the scope that this operation needs";

    NotFound = NotFound, "the address names nothing that exists";
    NoChangePage = NotFound, "the hosted pages are off, and no other page is set";
    ProviderNotConfigured = NotFound, "the service is not set up for events of this mail API";
    NoSuchAccount = NotFound, "no account has this id";
    NoSuchSession = NotFound, "the customer has no live session with this id";
    NoSuchCallerCode = NotFound, "the client has asked no question with this id";
    NoSuchWebhookEndpoint = NotFound, "the client has no endpoint with this id";
    NoSuchWebhookDelivery = NotFound,
        "the client has no endpoint with this id, the endpoint has no such attempt, or its event is not kept any more";
    NotAskedBySupport = NotFound, "support has not asked within the last ten minutes, or waits for a code by mail";
    NoSelfService = NotFound, "customers do not change their address here: show the support contact";
    NoEmailOnFile = NotFound, "no address is on file";

    CallInFlight = Conflict, "the same call with this `Idempotency-Key` is still being answered";
    WebhookConflict = Conflict,
        "the client has ten endpoints or one with this address, or the call with this `Idempotency-Key` was answered or is \
         being answered";
    WebhookUrlTaken = Conflict, "another endpoint of the client has this address";
    ReplayRefused = Conflict, "the endpoint is not active, or events are being sent to it again already";
    AccountExists = Conflict,
        "the number has an account already, or the same call with this `Idempotency-Key` is still being answered";

    NotAcceptable = NotAcceptable, "the header `Accept` excludes JSON";

    AccountHasChanged = PreconditionFailed, "the account is not in the version that `If-Match` names: read it again";

    LinkUnusable = ResetLinkUnusable, "the link cannot be used, and `reason` says why: offer to ask for a new one";
    LockDownLinkUnusable = ResetLinkUnusable,
        "the link cannot be used, and `reason` says why: offer to ask for a reset mail, and show the support contact";
    EmailChangeUnusable = EmailChangeUnusable, "the link cannot be used, and `reason` says why: show `detail`";

    PayloadTooLarge = PayloadTooLarge, "the body has more than 16 KiB";
    EventsTooLarge = PayloadTooLarge, "the body has more than 256 KiB";

    ImportTooLarge = PayloadTooLarge, "the body has more than 8 MiB: send fewer rows in a call";

    AccountMadeMeanwhile = Conflict,
        "an account was made for one of the numbers at the same time, and nothing was imported: send the call again";

    UnsupportedMediaType = UnsupportedMediaType, "the body is not declared as `application/json`";

    WrongCustomerNumber = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "the number is missing (`required`) or not six digits (`invalid_format`)";
    WrongSignInFields = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "`errors` names all wrong fields at once";
    WrongNewPassword = ValidationFailed, shown at FieldError::passwords_differ(),
        "`errors` names all wrong fields at once";
    WrongNumberOfLink = ValidationFailed, shown at FieldError::customer_number_mismatch(),
        "the number is not the one that the link was sent for, or a field is missing";
    WrongReason = ValidationFailed, shown at FieldError::required(Field::Reason),
        "the reason is missing (`required`), too short, too long, or has characters that are not seen (`invalid_format`)";
    WrongDecision = ValidationFailed, shown at FieldError::required(Field::Email),
        "the address is missing (`required`) or no address (`invalid_format`)";
    WrongCallerQuestion = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "`errors` names all wrong fields at once";
    WrongCallerCode = ValidationFailed, shown at FieldError::invalid_format(Field::Code),
        "the code is missing (`required`) or not six digits (`invalid_format`), and has counted as no try";
    WrongNewEmail = ValidationFailed, shown at FieldError::incorrect_password(),
        "`errors` names all wrong fields at once: the address is no e-mail address (`invalid_format`), the present one \
         (`same_as_current`), or support alone can change it (`support_required`); the password is wrong";
    WrongNewAccount = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "`errors` names all wrong fields at once: the number is missing or not six digits, the address is none, or it is \
         missing although `send_activation` is true; `idempotency_key_reused` for a key that came with another body";
    WrongAccountChange = ValidationFailed, shown at FieldError::invalid_format(Field::Email),
        "`errors` names all wrong fields at once";
    WrongSearch = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "the number or the address is malformed, both are missing (`required`), or both are sent (`one_of_two`)";
    WrongAuditQuery = ValidationFailed, shown at FieldError::invalid_format(Field::Event),
        "`errors` names all wrong parameters at once; where `after` is too old, begin again without it";
    LinkTokenMissing = ValidationFailed, shown at FieldError::required(Field::Token),
        "the token of the link is missing";
    RefreshTokenMissing = ValidationFailed, shown at FieldError::required(Field::RefreshToken),
        "the refresh token is missing";
    WrongName = ValidationFailed, shown at FieldError::required(Field::Name),
        "the name is missing (`required`), has no character that is seen (`too_short`) or more than 40 (`too_long`), or \
         has characters that mislead a reader (`invalid_format`)";
    WrongActivityQuery = ValidationFailed, shown at FieldError::invalid_format(Field::Limit),
        "`limit` is not a number from 1 to 100, or `after` is not the `next` of a page that the customer got within a day";
    WrongImport = ValidationFailed, shown at FieldError::required(Field::Accounts),
        "there are no rows, or more than ten thousand, or a parameter is not `true` or `false`; wrong rows are no such \
         error, the answer names them";
    WrongEventsQuery = ValidationFailed, shown at FieldError::invalid_format(Field::After),
        "`limit` is not a number from 1 to 100, `type` is no type of event, or `after` is no `next` of an earlier answer, or \
         one behind which events are not kept any more";
    WrongWebhookEndpoint = ValidationFailed, shown at FieldError::url_not_allowed(),
        "`errors` names all wrong fields at once: the address is missing (`required`), none (`invalid_format`), too long, or \
         one that nothing can be sent to (`not_allowed`); a type or the signature is unknown; the description is too long";
    WrongDeliveriesQuery = ValidationFailed, shown at FieldError::invalid_format(Field::After),
        "`limit` is not a number from 1 to 100, or `after` is not the `next` of a page of this endpoint that the client got \
         within a day";
    WrongReplay = ValidationFailed, shown at FieldError::required(Field::From),
        "`errors` names all wrong fields at once: a time is missing (`required`) or none (`invalid_format`), `to` is not \
         after `from`, or the type is unknown";
    WrongDiagnosisFields = ValidationFailed, shown at FieldError::required(Field::CustomerNumber),
        "the number is missing or not six digits, or the address is no e-mail address";

    TooManyResetRequests = RateLimited,
        "one source has sent too many requests, or requests for too many different numbers";
    TooManyUnknownTokens = RateLimited, "one source has presented too many tokens that the service never issued";
    TooManyWithdrawals = RateLimited,
        "one source has presented too many unknown tokens, or too many wrong numbers were sent for this link";
    TooManyLinkNumbers = RateLimited,
        "one source has presented too many unknown tokens, or too many wrong numbers were sent for this link";
    TooManyLockDowns = RateLimited,
        "one source has presented too many unknown tokens, too many wrong numbers were sent for this link, or a link has \
         locked the account down within 24 hours";
    TooManyEmailChanges = RateLimited,
        "too many wrong passwords were sent for this account, or its address was changed within seven days";
    TooManyWrongPasswords = RateLimited, "too many wrong passwords were sent for this account";
    TooManySignIns = RateLimited,
        "this number or this device has failed too often, or one source has sent too many sign-ins";
    TooManyNames = RateLimited, "names were given too often for this account";
    TooManyCalls = RateLimited, "this client has called too often";
    TooManyDiagnoses = RateLimited,
        "this client has called too often, has asked for too many diagnoses, or about too many different customers";
    TooManyExports = RateLimited,
        "this client has called too often, or has asked for too many exports, or about too many different customers";
    TooManySearches = RateLimited,
        "this client has called or searched too often, or for too many different customers";
    TooManyAdministrations = RateLimited,
        "this client has called too often, changed too many addresses, erased too many accounts, or had too many links \
         mailed";
    TooManyForgedEvents = RateLimited,
        "one source has sent too many calls that are not signed or authenticated as the settings of the service demand";

    InternalError = InternalError, "the service has failed, and the failure is logged under the `request_id`";

    Unavailable = Unavailable, "the service cannot answer now: try again after `Retry-After` seconds";
    NotReady = Unavailable, "the database does not answer, or lacks the tables of this version";
}

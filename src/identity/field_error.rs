//! What is wrong with the fields of a request.

use crate::{
    crypto::HashRefused,
    policy::Rule,
    texts::{Parameter, sentence},
    types::{
        CustomerNumber, DeviceLabel, DisplayName, EmailAddress, FieldCode, InvalidLine, InvalidWebhookUrl, Locale,
        Password, Reason, WebhookDescription, WebhookSignature, WebhookUrl, text_enum,
    },
};

text_enum! {
    /// A field that can be wrong, by its name in JSON.
    pub enum Field {
        /// The token of a reset link.
        Token = "token",
        /// The customer number of an account.
        CustomerNumber = "customer_number",
        /// An e-mail address of the customer.
        Email = "email",
        /// The password at a sign-in.
        Password = "password",
        /// The refresh token of a session.
        RefreshToken = "refresh_token",
        /// The present password, at its change.
        CurrentPassword = "current_password",
        /// The password to be set.
        NewPassword = "new_password",
        /// The repetition of the password to be set.
        NewPasswordConfirmation = "new_password_confirmation",
        /// The name of a device.
        Name = "name",
        /// The name of a customer.
        DisplayName = "display_name",
        /// The language of mails to a customer.
        Locale = "locale",
        /// The reason of an act.
        Reason = "reason",
        /// The header by which a call can be repeated.
        IdempotencyKey = "Idempotency-Key",
        /// The rows of an import.
        Accounts = "accounts",
        /// The hash of a password, made by another system.
        PasswordHash = "password_hash",
        /// When a password was set.
        PasswordChangedAt = "password_changed_at",
        /// Whether access is closed.
        Closed = "closed",
        /// Why access is closed.
        ClosedReason = "closed_reason",
        /// Whether nothing is to be written.
        DryRun = "dry_run",
        /// Whether wrong rows let the others in.
        Continue = "continue",
        /// The place in a list after which a page begins.
        After = "after",
        /// The way by which a caller code reaches the customer.
        DeliverTo = "deliver_to",
        /// The caller code that was read out.
        Code = "code",
        /// The length of a page of a list.
        Limit = "limit",
        /// The account whose events are listed.
        AccountId = "account_id",
        /// The event that is listed.
        Event = "event",
        /// The time from which events are listed.
        From = "from",
        /// The time before which events are listed.
        To = "to",
        /// The address of a webhook endpoint.
        Url = "url",
        /// The types of events that an endpoint gets.
        Types = "types",
        /// What an endpoint is for.
        Description = "description",
        /// How the events for an endpoint are signed.
        Signature = "signature",
        /// The type of what a list has.
        Type = "type",
    }
}

/// One thing wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// The field that is wrong.
    pub field: Field,
    /// The code that programs read.
    pub code: FieldCode,
    /// The key of the sentence that people read.
    pub text_key: &'static str,
    /// The number that the sentence contains, such as a minimum length.
    pub parameter: Option<Parameter>,
}

impl FieldError {
    /// The sentence for people.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        sentence(locale, self.text_key, self.parameter)
    }

    /// The field is missing.
    #[must_use]
    pub const fn required(field: Field) -> Self {
        Self { field, code: FieldCode::Required, text_key: "field-required", parameter: None }
    }

    /// The value does not have the form of the field.
    #[must_use]
    pub const fn invalid_format(field: Field) -> Self {
        let text_key = match field {
            Field::Email => "field-invalid_email",
            Field::Name => "field-invalid_name",
            Field::DisplayName | Field::Reason | Field::ClosedReason | Field::Description => "field-invalid_line",
            Field::Locale => "field-invalid_locale",
            Field::IdempotencyKey => "field-invalid_idempotency_key",
            Field::PasswordHash => "field-malformed_hash",
            Field::PasswordChangedAt => "field-invalid_changed_at",
            Field::Closed | Field::DryRun | Field::Continue => "field-invalid_switch",
            Field::Accounts => "field-invalid_rows",
            Field::After => "field-invalid_cursor",
            Field::Limit => "field-invalid_limit",
            Field::AccountId => "field-invalid_id",
            Field::Event => "field-invalid_event",
            Field::From | Field::To => "field-invalid_time",
            Field::Code => "field-invalid_code",
            Field::DeliverTo => "field-invalid_deliver_to",
            Field::Type | Field::Types => "field-invalid_event_type",
            Field::Url => "field-invalid_url",
            Field::Signature => "field-invalid_signature",
            _ => "field-invalid_format",
        };
        Self { field, code: FieldCode::InvalidFormat, text_key, parameter: None }
    }

    /// A span of time ends before it begins, or as it begins.
    #[must_use]
    pub const fn empty_span() -> Self {
        Self { field: Field::To, code: FieldCode::InvalidFormat, text_key: "field-empty_span", parameter: None }
    }

    /// Reads the customer number, which is required.
    pub fn check_customer_number(text: Option<&str>) -> Result<CustomerNumber, Self> {
        let text = text.ok_or(Self::required(Field::CustomerNumber))?;
        CustomerNumber::parse(text).map_err(|_| Self::invalid_format(Field::CustomerNumber))
    }

    /// Another field excludes this one.
    #[must_use]
    pub const fn one_of_two(field: Field) -> Self {
        Self { field, code: FieldCode::OneOfTwo, text_key: "field-one_of_two", parameter: None }
    }

    /// The key was used with another body.
    #[must_use]
    pub const fn idempotency_key_reused() -> Self {
        Self {
            field: Field::IdempotencyKey,
            code: FieldCode::IdempotencyKeyReused,
            text_key: "field-idempotency_key_reused",
            parameter: None,
        }
    }

    /// What is wrong with a line of text; `text_key` is the sentence about its length.
    const fn of_line(field: Field, text_key: &'static str, error: InvalidLine) -> Self {
        let code = match error {
            InvalidLine::Blank => FieldCode::TooShort,
            InvalidLine::TooLong => FieldCode::TooLong,
            InvalidLine::Misleading => return Self::invalid_format(field),
        };
        Self { field, code, text_key, parameter: None }
    }

    /// Reads the name of a device.
    pub fn check_name(text: &str) -> Result<DeviceLabel, Self> {
        DeviceLabel::parse(text).map_err(|error| Self::of_line(Field::Name, "field-name_length", error))
    }

    /// Reads the name of a customer.
    pub fn check_display_name(text: &str) -> Result<DisplayName, Self> {
        DisplayName::parse(text)
            .map_err(|error| Self::of_line(Field::DisplayName, "field-display_name_length", error))
    }

    /// Reads the language of mails to a customer.
    pub fn check_locale(text: &str) -> Result<Locale, Self> {
        Locale::parse(text).map_err(|_| Self::invalid_format(Field::Locale))
    }

    /// Reads the reason of an act, which is required.
    pub fn check_reason(text: Option<&str>) -> Result<Reason, Self> {
        let text = text.ok_or(Self::required(Field::Reason))?;
        Reason::parse(text).map_err(|error| Self::of_line(Field::Reason, "field-reason_length", error))
    }

    /// Reads the address of a webhook endpoint.
    pub fn check_webhook_url(text: &str) -> Result<WebhookUrl, Self> {
        WebhookUrl::parse(text).map_err(|error| match error {
            InvalidWebhookUrl::Malformed => Self::invalid_format(Field::Url),
            InvalidWebhookUrl::NotAllowed => Self::url_not_allowed(),
            InvalidWebhookUrl::TooLong => {
                let (code, text_key) = (FieldCode::TooLong, "field-url_length");
                Self { field: Field::Url, code, text_key, parameter: None }
            }
        })
    }

    /// The address leads nowhere that events may be sent to. The reason is not told (WH-07).
    #[must_use]
    pub const fn url_not_allowed() -> Self {
        let (field, code) = (Field::Url, FieldCode::NotAllowed);
        Self { field, code, text_key: "field-url_not_allowed", parameter: None }
    }

    /// Reads what a webhook endpoint is for.
    pub fn check_description(text: &str) -> Result<WebhookDescription, Self> {
        WebhookDescription::parse(text)
            .map_err(|error| Self::of_line(Field::Description, "field-description_length", error))
    }

    /// Reads how the events for an endpoint are signed.
    pub fn check_signature(text: &str) -> Result<WebhookSignature, Self> {
        WebhookSignature::parse(text).map_err(|_| Self::invalid_format(Field::Signature))
    }

    /// Reads why an imported access is closed.
    pub fn check_closed_reason(text: &str) -> Result<Reason, Self> {
        Reason::parse(text).map_err(|error| Self::of_line(Field::ClosedReason, "field-reason_length", error))
    }

    /// A reason for closing stands beside an access that is open.
    #[must_use]
    pub const fn reason_without_closing() -> Self {
        let (field, text_key) = (Field::Closed, "field-reason_without_closing");
        Self { field, code: FieldCode::InvalidFormat, text_key, parameter: None }
    }

    /// Another row of the import has the same customer number.
    #[must_use]
    pub const fn duplicate_number() -> Self {
        let field = Field::CustomerNumber;
        Self { field, code: FieldCode::DuplicateNumber, text_key: "field-duplicate_number", parameter: None }
    }

    /// The row is right, and other rows keep it out.
    #[must_use]
    pub const fn kept_out() -> Self {
        let field = Field::CustomerNumber;
        Self { field, code: FieldCode::KeptOut, text_key: "field-kept_out", parameter: None }
    }

    /// A list has too many entries.
    #[must_use]
    pub const fn too_many_rows() -> Self {
        Self { field: Field::Accounts, code: FieldCode::TooLong, text_key: "field-invalid_rows", parameter: None }
    }

    /// The hash of another system is refused.
    #[must_use]
    pub const fn hash_refused(refused: HashRefused) -> Self {
        let (code, text_key) = match refused {
            HashRefused::Unknown => (FieldCode::UnknownHash, "field-unknown_hash"),
            HashRefused::Malformed(_) => (FieldCode::InvalidFormat, "field-malformed_hash"),
            HashRefused::TooWeak(_) => (FieldCode::HashTooWeak, "field-hash_too_weak"),
            HashRefused::TooDear(_) => (FieldCode::HashTooDear, "field-hash_too_dear"),
        };
        Self { field: Field::PasswordHash, code, text_key, parameter: None }
    }

    /// The customer number is well-formed, but not the link's.
    #[must_use]
    pub const fn customer_number_mismatch() -> Self {
        Self {
            field: Field::CustomerNumber,
            code: FieldCode::CustomerNumberMismatch,
            text_key: "field-customer_number_mismatch",
            parameter: None,
        }
    }

    /// The repetition is not the password.
    #[must_use]
    pub const fn passwords_differ() -> Self {
        Self {
            field: Field::NewPasswordConfirmation,
            code: FieldCode::PasswordsDiffer,
            text_key: "field-passwords_differ",
            parameter: None,
        }
    }

    /// What is wrong with the repetition of a new password.
    #[must_use]
    pub fn of_confirmation(password: Option<&Password>, confirmation: Option<&Password>) -> Option<Self> {
        match (password, confirmation) {
            (_, None) => Some(Self::required(Field::NewPasswordConfirmation)),
            (Some(password), Some(confirmation)) if password != confirmation => Some(Self::passwords_differ()),
            _ => None,
        }
    }

    /// The address is the one on file already, perhaps in another spelling.
    #[must_use]
    pub const fn same_email() -> Self {
        Self { field: Field::Email, code: FieldCode::SameAsCurrent, text_key: "field-same_email", parameter: None }
    }

    /// Support alone can change the address now.
    #[must_use]
    pub const fn support_required() -> Self {
        Self {
            field: Field::Email,
            code: FieldCode::SupportRequired,
            text_key: "field-support_required",
            parameter: None,
        }
    }

    /// Reads an address that is required.
    pub fn check_email(text: Option<&str>) -> Result<EmailAddress, Self> {
        let text = text.ok_or(Self::required(Field::Email))?;
        EmailAddress::parse(text).map_err(|_| Self::invalid_format(Field::Email))
    }

    /// The current password is not the account's.
    #[must_use]
    pub const fn incorrect_password() -> Self {
        Self {
            field: Field::CurrentPassword,
            code: FieldCode::IncorrectPassword,
            text_key: "field-incorrect_password",
            parameter: None,
        }
    }

    /// Checks a password that is to be compared with the stored one. Only its length is checked: a password that the
    /// policy accepted when it was set goes on working (CH-10).
    pub fn check_present_password(password: Option<Password>, field: Field) -> Result<Password, Self> {
        let password = password.ok_or(Self::required(field))?;
        match password.character_count() {
            0 => Err(Self::password_length(field, FieldCode::TooShort)),
            length if length > Password::MAX_CHARACTERS => Err(Self::password_length(field, FieldCode::TooLong)),
            _ => Ok(password),
        }
    }

    /// No password can have this length.
    const fn password_length(field: Field, code: FieldCode) -> Self {
        Self { field, code, text_key: "field-password_length", parameter: None }
    }

    /// The new password breaks a rule.
    #[must_use]
    pub const fn broken_rule(rule: Rule) -> Self {
        Self {
            field: Field::NewPassword,
            code: rule.code(),
            text_key: rule.text_key(),
            parameter: rule.parameter(),
        }
    }
}

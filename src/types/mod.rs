//! The values that every part of the service uses. A value is parsed once, where it enters, and trusted from there on.

mod actor;
mod allowed_target;
mod bounce_cause;
mod caller_code;
mod client_method;
mod clock;
mod customer_number;
mod delivery_kind;
mod device_label;
mod device_name;
mod display_name;
mod email_address;
mod fault;
mod field_code;
mod hash_scheme;
mod ids;
mod locale;
mod loopback;
mod mail_kind;
mod moment;
mod password;
mod random;
mod reason;
mod request_context;
mod scope;
mod share;
mod text_column;
mod text_enum;
mod tokens;
pub mod told;
mod trace_context;
mod visible_line;
mod webhook;
mod webhook_description;
mod webhook_url;

pub use actor::{Actor, ActorName};
pub use allowed_target::AllowedTarget;
pub use bounce_cause::BounceCause;
pub use caller_code::{CallerCode, CallerCodeWay};
pub use client_method::ClientMethod;
pub use clock::{Clock, SystemClock, UtcTime};
pub use customer_number::{CustomerNumber, InvalidCustomerNumber};
pub use delivery_kind::DeliveryKind;
pub use device_label::{DeviceLabel, device_words};
pub use device_name::device_name;
pub use display_name::DisplayName;
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use fault::{Fault, FaultKind};
pub use field_code::FieldCode;
pub use hash_scheme::HashScheme;
pub use ids::{
    AccountId, AuditEventId, CallerCodeId, ClientId, DeviceId, EmailChangeId, EventId, Id, ImportId, JobId, MailId,
    PasswordHistoryId, RefreshTokenId, ResetLinkId, ResetRequestId, SessionId, WebhookAttemptId, WebhookDeliveryId,
    WebhookEndpointId, WebhookKeyId,
};
pub use locale::Locale;
pub use loopback::is_loopback;
pub use mail_kind::MailKind;
pub use moment::Moment;
pub use password::Password;
pub use random::{random_below, random_bytes};
pub use reason::Reason;
pub use request_context::RequestContext;
pub use scope::{NotOfSupport, Scope, Scopes, SupportScopes, UnknownScope};
pub use share::Share;
pub(crate) use text_column::text_column;
pub use text_enum::UnknownText;
pub(crate) use text_enum::{open_enum_schema, text_enum};
pub use tokens::{
    ClientSecret, ClientSecretHash, DeviceToken, DeviceTokenHash, EmailConfirmToken, EmailConfirmTokenHash,
    EmailWithdrawToken, EmailWithdrawTokenHash, LockDownToken, LockDownTokenHash, PageSessionToken,
    PageSessionTokenHash, Purpose, RefreshToken, RefreshTokenHash, ResetToken, ResetTokenHash, Token, TokenHash,
};
pub use told::EventType;
pub use trace_context::TraceContext;
pub use visible_line::InvalidLine;
pub use webhook::{
    WebhookCause, WebhookDisabledReason, WebhookOutcome, WebhookSignature, WebhookState, WebhookTypes,
};
pub use webhook_description::WebhookDescription;
pub use webhook_url::{InvalidWebhookUrl, WebhookUrl};

//! The `data` of each type of event: ids and reasons, with no address and no customer number in it. Who needs more asks
//! with the id, and gets what is true then.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    event_type::EventType,
    reasons::{AccountField, EventActor, PasswordExpiryReason, PasswordSetBy, SessionEndReason, ThrottledAttempt},
};
use crate::types::{AccountId, BounceCause, MailId, MailKind, SessionId, WebhookEndpointId};

/// Defines the `data` of each type, and [`Told`] over all of them. A type that is not in the list has no data, so
/// [`Told::event_type`] and the list of types agree in both directions.
macro_rules! told {
    ($(
        $(#[$documentation:meta])+
        $variant:ident as $data:ident in version $version:literal {
            $($(#[$field_documentation:meta])+ $field:ident: $type:ty,)+
        }
    )+) => {
        $(
            $(#[$documentation])+
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
            pub struct $data {
                /// The version of this form. A later version of the service may add members without another number; the
                /// number rises where a member goes, or means something else.
                #[schema(minimum = 1, example = $version)]
                version: i32,
                $($(#[$field_documentation])+ pub $field: $type,)+
            }

            impl From<$data> for Told {
                fn from(data: $data) -> Self {
                    Self::$variant(data)
                }
            }

            impl $data {
                /// The data, in its present version.
                #[must_use]
                pub const fn new($($field: $type),+) -> Self {
                    Self { version: $version, $($field),+ }
                }
            }
        )+

        /// What an event tells.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Told {
            $($(#[$documentation])+ $variant($data),)+
        }

        impl Told {
            /// The type of the event.
            #[must_use]
            pub const fn event_type(&self) -> EventType {
                match self {
                    $(Self::$variant(_) => EventType::$variant,)+
                }
            }

            /// Each type with the schema of its `data`: the name of the schema, the schema itself, and those that it
            /// refers to.
            #[must_use]
            pub fn schemas() -> Vec<ToldSchema> {
                vec![$({
                    let mut others = Vec::new();
                    <$data as ToSchema>::schemas(&mut others);
                    ToldSchema {
                        event_type: EventType::$variant,
                        name: <$data as ToSchema>::name().into_owned(),
                        schema: <$data as utoipa::PartialSchema>::schema(),
                        others,
                    }
                }),+]
            }
        }
    };
}

/// The schema of the `data` of one type.
pub struct ToldSchema {
    /// The type.
    pub event_type: EventType,
    /// The name of the schema in the OpenAPI document.
    pub name: String,
    /// The schema.
    pub schema: utoipa::openapi::RefOr<utoipa::openapi::Schema>,
    /// The schemas that it refers to, by name.
    pub others: Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
}

told! {
    /// An account was made.
    AccountCreated as AccountCreatedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
    }

    /// Fields of an account were changed.
    AccountUpdated as AccountUpdatedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The fields that have another value now. The values are read with the id.
        changed: Vec<AccountField>,
        /// Whose act it was.
        by: EventActor,
    }

    /// Access to an account was closed.
    AccountClosed as AccountClosedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
    }

    /// Access to an account was opened again.
    AccountReopened as AccountReopenedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
    }

    /// An account was erased.
    AccountErased as AccountErasedData in version 1 {
        /// The id that the account had. It is never used again.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
    }

    /// The access was locked down.
    AccountLockedDown as AccountLockedDownData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
        /// Whether support has to decide which address is the owner's, since it was changed shortly before.
        #[schema(example = false)]
        contested: bool,
    }

    /// A password reset was asked for.
    PasswordResetRequested as PasswordResetRequestedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Who asked for it.
        by: EventActor,
    }

    /// A password was set or changed.
    PasswordChanged as PasswordChangedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// What has set the password.
        set_by: PasswordSetBy,
    }

    /// A password must be changed before its time.
    PasswordExpired as PasswordExpiredData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The reason of the expiry.
        reason: PasswordExpiryReason,
    }

    /// A session of an account began.
    SessionStarted as SessionStartedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The session, as the claim `sid` of its access tokens names it.
        #[schema(value_type = String, example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        session_id: SessionId,
    }

    /// A session of an account ended.
    SessionEnded as SessionEndedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The session. Access tokens with this `sid` are worth nothing any more.
        #[schema(value_type = String, example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        session_id: SessionId,
        /// The reason of the end.
        reason: SessionEndReason,
    }

    /// A refresh token was presented a second time.
    SessionReuseDetected as SessionReuseDetectedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The session, which has ended.
        #[schema(value_type = String, example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        session_id: SessionId,
    }

    /// Attempts on the password of an account are refused for a while.
    SignInThrottled as SignInThrottledData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// What kind of attempt is refused.
        attempt: ThrottledAttempt,
    }

    /// A mail came back.
    MailBounced as MailBouncedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The id of the mail.
        #[schema(value_type = String, example = "h2c7rzq5m3tvx6w4kpn8ydjsae")]
        mail_id: MailId,
        /// What the mail is about.
        mail: MailKind,
        /// Whether the receiving server has refused the mail for good. Otherwise it was not taken this time.
        #[schema(example = true)]
        permanent: bool,
        /// The cause, as far as it is known.
        cause: BounceCause,
    }

    /// A mail was delivered.
    MailDelivered as MailDeliveredData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// The id of the mail.
        #[schema(value_type = String, example = "h2c7rzq5m3tvx6w4kpn8ydjsae")]
        mail_id: MailId,
        /// What the mail is about.
        mail: MailKind,
    }

    /// The address on file was changed.
    EmailChanged as EmailChangedData in version 1 {
        /// The id of the account.
        #[schema(value_type = String, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        account_id: AccountId,
        /// Whose act it was.
        by: EventActor,
    }

    /// A batch of the audit trail was sealed.
    AuditHead as AuditHeadData in version 1 {
        /// The number of the batch. The first one is 1, and there are no gaps.
        #[schema(minimum = 1, example = 4711)]
        batch: i64,
        /// The position of the last entry of the batch. The first entry has 1, and there are no gaps.
        #[schema(minimum = 1, example = 90210)]
        position: i64,
        /// The hash of the chain after the batch: SHA-256 in lower-case hexadecimal digits.
        #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
        hash: String,
        /// The signature of the head: Ed25519 (RFC 8032), in Base64url without padding.
        #[schema(example = "cXpYb0VyM2pLc2Rq9fT1xk4oJqWm7Zl8uYtRvQeNfGhBdCsAzXwPiLkMoUnEbVrTgHyJcKdSaFqWeRtYuIoP")]
        signature: String,
        /// The id of the key that the signature is of: the thumbprint of its JWK (RFC 7638).
        #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
        key_id: String,
    }

    /// An endpoint of webhooks is tried out.
    WebhookTest as WebhookTestData in version 1 {
        /// The id of the endpoint.
        #[schema(value_type = String, example = "b4cr8ysz7c2rzq5m3tvx6w4kpn")]
        endpoint_id: WebhookEndpointId,
    }
}

impl Told {
    /// The members of the `data`.
    pub fn members(&self) -> Result<Map<String, Value>, serde_json::Error> {
        match serde_json::to_value(self)? {
            Value::Object(members) => Ok(members),
            other => serde_json::from_value(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_06_every_type_of_the_catalogue_has_data_of_its_own() {
        let types: Vec<EventType> = Told::schemas().iter().map(|told| told.event_type).collect();
        assert_eq!(types, EventType::ALL);
    }
}

//! The settings of sessions and access tokens: their lifetimes, and the algorithm that signs the tokens.

use chrono::TimeDelta;

use super::setting::{Group, Nothing, OneOf, Reader, Secrecy, Setting, Span, Switch, Text, Value, Whole};
use crate::types::text_enum;

pub(super) const GROUP: Group = Group {
    title: "Sessions and access tokens",
    introduction: String::new,
    settings: &[
        &ACCESS_TOKEN_TTL,
        &REFRESH_TOKEN_TTL,
        &REFRESH_GRACE,
        &SESSION_TTL,
        &SESSIONS_PER_ACCOUNT,
        &NEW_DEVICE_MAIL,
        &JWT_ALGORITHM,
        &TOKEN_AUDIENCE,
    ],
};

/// The lifetimes of sessions, and their number for an account (LG-08, LG-12).
#[derive(Debug, Clone, Copy)]
pub struct SessionConfig {
    /// The time without use after which a session ends.
    pub idle_ttl: TimeDelta,
    /// The time after the sign-in at which a session ends, even if it is used.
    pub ttl: TimeDelta,
    /// For how long after its use a refresh token brings its successor again, where the answer was lost; zero where a
    /// used token always ends its session (JW-09).
    pub refresh_grace: TimeDelta,
    /// The greatest number of sessions of one account. A further one ends the session that was not used for longest.
    pub per_account: usize,
    /// Whether a sign-in from an unknown device is announced by mail.
    pub new_device_mail: bool,
}

text_enum! {
    /// The algorithms that can sign access tokens (JW-03), by their names in JWA (RFC 7518 §3.1; RFC 8037 §3.1).
    pub enum JwtAlgorithm {
        /// ECDSA on P-256.
        Es256 = "ES256",
        /// RSA with 3072 bits.
        Rs256 = "RS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

pub(super) const ACCESS_TOKEN_TTL: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_ACCESS_TOKEN_TTL_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(1, 900),
    unset: Value(TimeDelta::minutes(10)),
    sentence: "Seconds for which an access token is valid.",
};

const YEAR: i64 = 365 * 86_400;

const REFRESH_TOKEN_TTL: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_REFRESH_TOKEN_TTL_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(1, YEAR),
    unset: Value(TimeDelta::days(30)),
    sentence: "Seconds without use after which a session ends.",
};

const REFRESH_GRACE: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_REFRESH_GRACE_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(0, 60),
    unset: Value(TimeDelta::seconds(30)),
    sentence: "Seconds after its use for which a refresh token brings the same successor again, since the answer may \
               have been lost. 0: a token that is used a second time always ends its session.",
};

const SESSION_TTL: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_SESSION_TTL_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(1, YEAR),
    unset: Value(TimeDelta::days(30)),
    sentence: "Seconds after sign-in when a session ends, whether it is used or not.",
};

const SESSIONS_PER_ACCOUNT: Setting<Whole<usize>, Value<usize>> = Setting {
    name: "STAKIS_SESSIONS_PER_ACCOUNT",
    secrecy: Secrecy::Open,
    form: Whole { least: 1, most: 10_000 },
    unset: Value(100),
    sentence: "Most sessions of one account. A further sign-in ends the session that was not used for longest.",
};

const NEW_DEVICE_MAIL: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_NEW_DEVICE_MAIL",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether a sign-in from a device that is new to the account is announced to the customer by mail.",
};

pub(super) const JWT_ALGORITHM: Setting<OneOf<JwtAlgorithm>, Value<JwtAlgorithm>> = Setting {
    name: "STAKIS_JWT_ALGORITHM",
    secrecy: Secrecy::Open,
    form: OneOf::new(JwtAlgorithm::ALL, JwtAlgorithm::as_str),
    unset: Value(JwtAlgorithm::Es256),
    sentence: "Algorithm that signs access tokens. After a change the service makes a new key, and keys of the old algorithm \
               go on verifying until their last token has expired.",
};

pub(super) const TOKEN_AUDIENCE: Setting<Text, Nothing> = Setting {
    name: "STAKIS_TOKEN_AUDIENCE",
    secrecy: Secrecy::Open,
    form: Text("any text"),
    unset: Nothing("the public address"),
    sentence: "Audience (`aud`) of access tokens, which partners compare with the value that they expect.",
};

pub(super) fn sessions(reader: &mut Reader) -> SessionConfig {
    SessionConfig {
        idle_ttl: REFRESH_TOKEN_TTL.read(reader),
        ttl: SESSION_TTL.read(reader),
        refresh_grace: REFRESH_GRACE.read(reader),
        per_account: SESSIONS_PER_ACCOUNT.read(reader),
        new_device_mail: NEW_DEVICE_MAIL.read(reader),
    }
}

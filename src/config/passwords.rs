//! The settings of the password policy and of password hashing.

use std::thread;

use url::Url;

use super::{
    address::WebAddress,
    password_profile::PasswordProfile,
    setting::{Computed, Group, Nothing, OneOf, Reader, Secrecy, Setting, Switch, Value, Whole},
};

pub(super) const GROUP: Group = Group {
    title: "Passwords",
    introduction: profiles,
    settings: &[
        &PROFILE,
        &MIN_LENGTH,
        &MAX_AGE_DAYS,
        &HISTORY,
        &BREACH_API_URL,
        &BREACH_AT_SIGN_IN,
        &ARGON2_MEMORY_KIB,
        &ARGON2_ITERATIONS,
        &ARGON2_PARALLELISM,
        &HASH_CONCURRENCY,
    ],
};

/// The table of profiles in the documentation.
fn profiles() -> String {
    let rows: String = PasswordProfile::ALL.iter().map(|profile| profile.row()).collect();
    format!(
        "A profile sets length, composition, age and history of passwords at once; the settings after it override single \
         rules of the profile.\n\n\
         | profile | fewest characters | composition | expires | earlier passwords refused |\n\
         |---|---|---|---|---|\n{}",
        rows.trim_end()
    )
}

/// The password policy: a profile, and the settings that override its rules.
#[derive(Debug, Clone)]
pub struct PasswordConfig {
    /// The profile, whose rules hold unless they are overridden.
    pub profile: PasswordProfile,
    /// Overrides the profile's minimum length, in code points.
    pub min_length: Option<usize>,
    /// Overrides the profile's maximum age, in days; 0 switches expiry off.
    pub max_age_days: Option<u32>,
    /// Overrides the number of earlier passwords that may not be set again.
    pub history: Option<usize>,
    /// The range API that is asked whether a password has leaked. Without it, only the embedded list is checked.
    pub breach_api_url: Option<Url>,
    /// Whether a leaked password is refused at sign-in too.
    pub breach_at_sign_in: bool,
}

/// The cost of one password hash (RFC 9106).
#[derive(Debug, Clone, Copy)]
pub struct Argon2Config {
    /// The memory of one hash, in KiB.
    pub memory_kib: u32,
    /// The number of passes over the memory.
    pub iterations: u32,
    /// The number of lanes in which one hash is computed.
    pub parallelism: u32,
    /// The number of hashes that are computed at the same time.
    pub concurrency: usize,
}

const PROFILE: Setting<OneOf<PasswordProfile>, Value<PasswordProfile>> = Setting {
    name: "STAKIS_PASSWORD_PROFILE",
    secrecy: Secrecy::Open,
    form: OneOf::new(PasswordProfile::ALL, PasswordProfile::as_str),
    unset: Value(PasswordProfile::Stakis),
    sentence: "Profile of password rules, from the table above.",
};

const MIN_LENGTH: Setting<Whole<usize>, Nothing> = Setting {
    name: "STAKIS_PASSWORD_MIN_LENGTH",
    secrecy: Secrecy::Open,
    form: Whole { least: 6, most: 64 },
    unset: Nothing("that of the profile"),
    sentence: "Fewest characters of a new password.",
};

const MAX_AGE_DAYS: Setting<Whole<u32>, Nothing> = Setting {
    name: "STAKIS_PASSWORD_MAX_AGE_DAYS",
    secrecy: Secrecy::Open,
    form: Whole { least: 0, most: 3650 },
    unset: Nothing("that of the profile"),
    sentence: "Days after which a password expires. `0` means that no password expires by age.",
};

const HISTORY: Setting<Whole<usize>, Nothing> = Setting {
    name: "STAKIS_PASSWORD_HISTORY",
    secrecy: Secrecy::Open,
    form: Whole { least: 0, most: 24 },
    unset: Nothing("that of the profile"),
    sentence: "How many passwords before the present one may not be set again.",
};

const BREACH_API_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_BREACH_API_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("none: only the embedded list of common passwords is asked"),
    sentence: "Range API of Have I Been Pwned, such as `https://api.pwnedpasswords.com`, which is asked whether a new password \
               has leaked. It learns five characters of the password's SHA-1 hash.",
};

const BREACH_AT_SIGN_IN: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_BREACH_AT_SIGN_IN",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(false),
    sentence: "`on` asks the range API at sign-in too: a leaked password then has to be replaced through the reset mail. It \
               needs `STAKIS_BREACH_API_URL`.",
};

/// The least memory of Argon2id in KiB (PW-10; OWASP Password Storage Cheat Sheet).
const LEAST_MEMORY_KIB: u32 = 19_456;
const LEAST_ITERATIONS: u32 = 2;

const ARGON2_MEMORY_KIB: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_ARGON2_MEMORY_KIB",
    secrecy: Secrecy::Open,
    form: Whole { least: LEAST_MEMORY_KIB, most: 4_194_304 },
    unset: Value(LEAST_MEMORY_KIB),
    sentence: "Memory of one argon2id password hash, in KiB. A changed cost holds for a password from its next sign-in.",
};

const ARGON2_ITERATIONS: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_ARGON2_ITERATIONS",
    secrecy: Secrecy::Open,
    form: Whole { least: LEAST_ITERATIONS, most: 100 },
    unset: Value(LEAST_ITERATIONS),
    sentence: "Passes of one argon2id password hash over its memory.",
};

const ARGON2_PARALLELISM: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_ARGON2_PARALLELISM",
    secrecy: Secrecy::Open,
    form: Whole { least: 1, most: 64 },
    unset: Value(1),
    sentence: "Lanes of one argon2id password hash.",
};

const HASH_CONCURRENCY: Setting<Whole<usize>, Computed<usize>> = Setting {
    name: "STAKIS_HASH_CONCURRENCY",
    secrecy: Secrecy::Open,
    form: Whole { least: 1, most: 1024 },
    unset: Computed {
        value: || thread::available_parallelism().map_or(1, usize::from),
        words: "the number of cores",
    },
    sentence: "Most password hashes that are computed at the same time; each takes a core and its memory.",
};

pub(super) fn password(reader: &mut Reader) -> PasswordConfig {
    let breach_at_sign_in = BREACH_AT_SIGN_IN.read(reader);
    if breach_at_sign_in && !BREACH_API_URL.is_given(reader) {
        BREACH_AT_SIGN_IN.object(reader, [format!("needs {}", BREACH_API_URL.name)]);
    }
    PasswordConfig {
        profile: PROFILE.read(reader),
        min_length: MIN_LENGTH.read(reader),
        max_age_days: MAX_AGE_DAYS.read(reader),
        history: HISTORY.read(reader),
        breach_api_url: BREACH_API_URL.read(reader),
        breach_at_sign_in,
    }
}

pub(super) fn argon2(reader: &mut Reader) -> Argon2Config {
    Argon2Config {
        memory_kib: ARGON2_MEMORY_KIB.read(reader),
        iterations: ARGON2_ITERATIONS.read(reader),
        parallelism: ARGON2_PARALLELISM.read(reader),
        concurrency: HASH_CONCURRENCY.read(reader),
    }
}

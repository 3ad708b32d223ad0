//! The text of a work, as the table keeps it in `password_cost`. That of argon2 is the head of its PHC string.

use std::{fmt, str::FromStr};

use argon2::{Algorithm, Version};

use super::{
    HashRefused,
    work::{Prf, ShaCrypt, Ssha, Work},
};

impl fmt::Display for Work {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2 { algorithm, version, memory_kib, iterations, parallelism } => {
                let version = u32::from(*version);
                write!(out, "${algorithm}$v={version}$m={memory_kib},t={iterations},p={parallelism}")
            }
            Self::Bcrypt { cost } => write!(out, "$bcrypt$c={cost}"),
            Self::Md5Crypt => out.write_str("$md5-crypt"),
            Self::Pbkdf2 { prf, iterations, length } => {
                write!(out, "$pbkdf2-{}$i={iterations},l={length}", prf.as_str())
            }
            Self::Scrypt { log_n, r, p } => write!(out, "$scrypt$ln={log_n},r={r},p={p}"),
            Self::ShaCrypt { digest: ShaCrypt::Sha256, rounds } => write!(out, "$sha256-crypt$rounds={rounds}"),
            Self::ShaCrypt { digest: ShaCrypt::Sha512, rounds } => write!(out, "$sha512-crypt$rounds={rounds}"),
            Self::Ssha(Ssha::Sha1) => out.write_str("$ssha"),
            Self::Ssha(Ssha::Sha256) => out.write_str("$ssha256"),
            Self::Ssha(Ssha::Sha512) => out.write_str("$ssha512"),
        }
    }
}

impl Prf {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|prf| prf.as_str() == text)
    }
}

impl FromStr for Work {
    type Err = HashRefused;

    fn from_str(text: &str) -> Result<Self, HashRefused> {
        parse(text).ok_or(HashRefused::Malformed("the cost"))
    }
}

fn parse(text: &str) -> Option<Work> {
    let parts: Vec<&str> = text.strip_prefix('$')?.split('$').collect();
    Some(match parts.as_slice() {
        [name @ ("argon2d" | "argon2i" | "argon2id"), version, parameters] => {
            argon2(name, Some(version.strip_prefix("v=")?), parameters)?
        }
        ["bcrypt", parameters] => Work::Bcrypt { cost: Parameters(parameters).get("c")? },
        ["md5-crypt"] => Work::Md5Crypt,
        ["scrypt", parameters] => {
            let parameters = Parameters(parameters);
            Work::Scrypt { log_n: parameters.get("ln")?, r: parameters.get("r")?, p: parameters.get("p")? }
        }
        ["sha256-crypt", rounds] => {
            Work::ShaCrypt { digest: ShaCrypt::Sha256, rounds: Parameters(rounds).get("rounds")? }
        }
        ["sha512-crypt", rounds] => {
            Work::ShaCrypt { digest: ShaCrypt::Sha512, rounds: Parameters(rounds).get("rounds")? }
        }
        ["ssha"] => Work::Ssha(Ssha::Sha1),
        ["ssha256"] => Work::Ssha(Ssha::Sha256),
        ["ssha512"] => Work::Ssha(Ssha::Sha512),
        [name, parameters] => {
            let prf = Prf::parse(name.strip_prefix("pbkdf2-")?)?;
            let parameters = Parameters(parameters);
            Work::Pbkdf2 { prf, iterations: parameters.get("i")?, length: parameters.get("l")? }
        }
        _ => return None,
    })
}

/// Reads an argon2. Without a version it is that of before versions were written, 16.
pub(super) fn argon2(name: &str, version: Option<&str>, parameters: &str) -> Option<Work> {
    let version = match version {
        None | Some("16") => Version::V0x10,
        Some("19") => Version::V0x13,
        Some(_) => return None,
    };
    let parameters = Parameters(parameters);
    Some(Work::Argon2 {
        algorithm: Algorithm::from_str(name).ok()?,
        version,
        memory_kib: parameters.get("m")?,
        iterations: parameters.get("t")?,
        parallelism: parameters.get("p")?,
    })
}

/// Parameters such as `ln=15,r=8,p=1`.
pub(super) struct Parameters<'a>(pub(super) &'a str);

impl Parameters<'_> {
    /// The value of a name that stands there once, without leading zeros or signs; `None` otherwise.
    pub(super) fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        let mut values = self.0.split(',').filter_map(|pair| pair.split_once('=')).filter(|(key, _)| *key == name);
        let (Some((_, value)), None) = (values.next(), values.next()) else { return None };
        number(value)
    }
}

/// A whole number without leading zeros or a sign.
pub(super) fn number<T: FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

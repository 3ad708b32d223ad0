//! PHC strings (<https://github.com/P-H-C/phc-string-format>) of argon2, scrypt and PBKDF2, and what passlib writes in
//! nearly the same form.

use data_encoding::BASE64_NOPAD;

use super::{
    Digest, HashRefused,
    work::{Prf, Work},
    work_text::{Parameters, argon2, number},
};

/// Reads the text behind the first `$`.
pub(super) fn parse(text: &str) -> Result<Digest, HashRefused> {
    let parts: Vec<&str> = text.split('$').collect();
    let malformed = HashRefused::Malformed("the parameters");
    match parts.as_slice() {
        [name @ ("argon2d" | "argon2i" | "argon2id"), version, parameters, salt, digest] => {
            let version = version.strip_prefix("v=").ok_or(malformed)?;
            with(argon2(name, Some(version), parameters).ok_or(malformed)?, salt, digest)
        }
        [name @ ("argon2d" | "argon2i" | "argon2id"), parameters, salt, digest] => {
            with(argon2(name, None, parameters).ok_or(malformed)?, salt, digest)
        }
        ["scrypt", parameters, salt, digest] => {
            let parameters = Parameters(parameters);
            let scrypt = || {
                Some(Work::Scrypt {
                    log_n: parameters.get("ln")?,
                    r: parameters.get("r")?,
                    p: parameters.get("p")?,
                })
            };
            with(scrypt().ok_or(malformed)?, salt, digest)
        }
        [name, parameters, salt, digest] if name.starts_with("pbkdf2") => pbkdf2(name, parameters, salt, digest),
        [name, ..] if ["argon2d", "argon2i", "argon2id", "scrypt"].contains(name) || name.starts_with("pbkdf2") => {
            Err(HashRefused::Malformed("the number of its parts"))
        }
        _ => Err(HashRefused::Unknown),
    }
}

/// `$pbkdf2-sha256$i=600000,l=32$…`, or with the iterations alone, as passlib has it; its `pbkdf2` is that of SHA-1.
fn pbkdf2(name: &str, parameters: &str, salt: &str, digest: &str) -> Result<Digest, HashRefused> {
    let prf = match name.strip_prefix("pbkdf2") {
        Some("") => Prf::Sha1,
        Some(function) => function.strip_prefix('-').and_then(Prf::parse).ok_or(HashRefused::Unknown)?,
        None => return Err(HashRefused::Unknown),
    };
    let malformed = HashRefused::Malformed("the parameters");
    let (salt, bytes) = (decode(salt, "the salt")?, decode(digest, "the digest")?);
    let iterations = if let Some(iterations) = number(parameters) {
        iterations
    } else {
        let parameters = Parameters(parameters);
        if parameters.0.contains("l=") && parameters.get("l") != Some(bytes.len()) {
            return Err(HashRefused::Malformed("the digest has another length than its parameters say"));
        }
        parameters.get("i").ok_or(malformed)?
    };
    Ok(Digest { work: Work::Pbkdf2 { prf, iterations, length: bytes.len() }, salt, bytes })
}

fn with(work: Work, salt: &str, digest: &str) -> Result<Digest, HashRefused> {
    Ok(Digest { work, salt: decode(salt, "the salt")?, bytes: decode(digest, "the digest")? })
}

/// Base64 without padding. passlib writes `.` for `+`.
fn decode(text: &str, part: &'static str) -> Result<Vec<u8>, HashRefused> {
    let text = if text.contains('.') { text.replace('.', "+") } else { text.to_owned() };
    BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| HashRefused::Malformed(part))
}

impl Digest {
    /// The PHC string of an argon2.
    pub(in crate::crypto) fn phc(&self) -> String {
        format!("{}${}${}", self.work, encode(&self.salt), encode(&self.bytes))
    }
}

/// Writes bytes as a PHC string has them.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_NOPAD.encode(bytes)
}

//! The forms in which other systems write their hashes.

use super::{Digest, HashRefused, aspnet, bounds, crypt, django, ldap, phc};

/// The longest text of a hash in bytes.
const LONGEST: usize = 512;

/// Reads a hash of another system, and refuses one that costs too much or protects too little.
pub fn parse(text: &str) -> Result<Digest, HashRefused> {
    if text.len() > LONGEST {
        return Err(HashRefused::Malformed("it has more than 512 characters"));
    }
    let digest = if let Some(rest) = text.strip_prefix('$') {
        let name = rest.split('$').next().unwrap_or_default();
        match name {
            "2a" | "2b" | "2y" => crypt::bcrypt(rest)?,
            "1" => crypt::md5_crypt(rest)?,
            "5" | "6" => crypt::sha_crypt(rest)?,
            _ => phc::parse(rest)?,
        }
    } else if text.starts_with('{') {
        ldap::parse(text)?
    } else if text.starts_with("pbkdf2_") {
        django::parse(text)?
    } else {
        aspnet::parse(text)?
    };
    bounds::check(digest)
}

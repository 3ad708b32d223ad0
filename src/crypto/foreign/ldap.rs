//! Salted digests of LDAP directories: the Base64 of the digest with the salt behind it.

use data_encoding::BASE64;

use super::{
    Digest, HashRefused,
    work::{Ssha, Work},
};

pub(super) fn parse(text: &str) -> Result<Digest, HashRefused> {
    let (name, encoded) = text.split_once('}').ok_or(HashRefused::Unknown)?;
    let function = match name {
        "{SSHA" => Ssha::Sha1,
        "{SSHA256" => Ssha::Sha256,
        "{SSHA512" => Ssha::Sha512,
        _ => return Err(HashRefused::Unknown),
    };
    let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| HashRefused::Malformed("the Base64"))?;
    let (digest, salt) =
        bytes.split_at_checked(function.length()).ok_or(HashRefused::Malformed("the digest is too short"))?;
    Ok(Digest { work: Work::Ssha(function), salt: salt.to_vec(), bytes: digest.to_vec() })
}

//! Django's PBKDF2: `pbkdf2_sha256$iterations$salt$digest`, the salt as it is, the digest in Base64.

use data_encoding::BASE64;

use super::{
    Digest, HashRefused,
    work::{Prf, Work},
    work_text::number,
};

pub(super) fn parse(text: &str) -> Result<Digest, HashRefused> {
    let [name, iterations, salt, digest] = <[&str; 4]>::try_from(text.split('$').collect::<Vec<_>>())
        .map_err(|_| HashRefused::Malformed("the number of its parts"))?;
    let prf = match name {
        "pbkdf2_sha1" => Prf::Sha1,
        "pbkdf2_sha256" => Prf::Sha256,
        _ => return Err(HashRefused::Unknown),
    };
    let iterations = number(iterations).ok_or(HashRefused::Malformed("the iterations"))?;
    let bytes = BASE64.decode(digest.as_bytes()).map_err(|_| HashRefused::Malformed("the digest"))?;
    Ok(Digest { work: Work::Pbkdf2 { prf, iterations, length: bytes.len() }, salt: salt.into(), bytes })
}

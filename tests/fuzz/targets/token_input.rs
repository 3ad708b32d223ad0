//! The inputs of the targets that read signed tokens.

use aws_lc_rs::signature::Ed25519KeyPair;
use data_encoding::BASE64URL_NOPAD;

/// One input. A fuzzer cannot sign, so a target signs for it.
pub(super) enum TokenInput<'a> {
    /// A token as it is presented.
    Token(&'a str),
    /// The header of a token in the first line and its claims behind it, to be signed.
    Unsigned { header: &'a [u8], claims: &'a [u8] },
}

impl<'a> TokenInput<'a> {
    /// Reads an input; `None` where it can stand in no header of HTTP.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => Some(Self::Unsigned { header: &bytes[..end], claims: &bytes[end + 1..] }),
            None => str::from_utf8(bytes).ok().map(Self::Token),
        }
    }
}

/// Signs any header and claims.
pub(super) fn sign(key: &Ed25519KeyPair, header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header), BASE64URL_NOPAD.encode(claims));
    let signature = BASE64URL_NOPAD.encode(key.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

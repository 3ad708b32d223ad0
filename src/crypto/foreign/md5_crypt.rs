//! MD5-crypt, the scheme of `$1$` (Poul-Henning Kamp, FreeBSD's `crypt-md5.c`). No kept crate has it.

use md5::{Digest as _, Md5};

const ROUNDS: usize = 1000;
const LENGTH: usize = 16;

/// Computes the digest of a password. The salt has up to eight bytes.
pub(super) fn md5_crypt(password: &[u8], salt: &[u8]) -> [u8; LENGTH] {
    let alternate: [u8; LENGTH] = digest(&[password, salt, password]);
    let mut first = Md5::new();
    first.update(password);
    first.update(b"$1$");
    first.update(salt);
    for byte in alternate.iter().cycle().take(password.len()) {
        first.update([*byte]);
    }
    let mut length = password.len();
    while length > 0 {
        // A zero byte or the first byte of the password, by the bits of its length: a slip of the original that stays.
        let byte = if length & 1 == 1 { 0 } else { password.first().copied().unwrap_or(0) };
        first.update([byte]);
        length >>= 1;
    }
    let mut current: [u8; LENGTH] = first.finalize().into();
    for round in 0..ROUNDS {
        let (odd, of_salt, of_password) = (round % 2 == 1, round % 3 != 0, round % 7 != 0);
        let [begin, end]: [&[u8]; 2] = if odd { [password, &current] } else { [&current, password] };
        let none: &[u8] = &[];
        let next =
            digest(&[begin, if of_salt { salt } else { none }, if of_password { password } else { none }, end]);
        current = next;
    }
    current
}

fn digest(parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut context = Md5::new();
    for part in parts {
        context.update(part);
    }
    context.finalize().into()
}

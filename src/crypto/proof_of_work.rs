//! A proof of work by hash inversion in many small parts, so that the time it takes varies little (Juels and Brainard,
//! "Client Puzzles", 1999; Back, "Hashcash", 2002).
//!
//! A challenge is a text that names its purpose and carries a tag (HMAC-SHA-256), so nothing is stored of it. A proof
//! is `challenge.nonces`: for each part, counted from 0, the decimal nonce with which
//! `SHA-256(challenge + "." + part + "." + nonce)` begins with `difficulty` zero bits; the nonces are joined by `-`.

use aws_lc_rs::{digest, hmac};
use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64URL_NOPAD;

use crate::types::{CustomerNumber, UtcTime, random_bytes};

/// How many parts a challenge has.
pub const PARTS: usize = 16;
/// How long a challenge can be used.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// The zero bits of each part, by level: 65,536 hashes in the mean at the first, four times that at the last.
const DIFFICULTIES: [u32; 3] = [12, 13, 14];
/// The longest nonce of a part, in digits.
const LONGEST_NONCE: usize = 10;
/// The longest proof, in bytes.
const LONGEST_PROOF: usize = 512;

/// A challenge for a proof of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The text to hash with each nonce.
    pub text: String,
    /// How many leading zero bits each part needs.
    pub difficulty: u32,
    /// When the challenge expires.
    pub expires_at: UtcTime,
}

/// A valid proof, which serves once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The id of the challenge.
    pub id: String,
    /// When the challenge expires. The proof has to be remembered until then.
    pub expires_at: UtcTime,
}

/// Makes a challenge for a customer number.
pub(super) fn issue(key: &hmac::Key, number: &CustomerNumber, level: i32, now: UtcTime) -> Challenge {
    let id = BASE64URL_NOPAD.encode(&random_bytes::<12>());
    let difficulty = difficulty_of(level);
    let expires_at = now + LIFETIME;
    let seconds = expires_at.and_utc().timestamp();
    let expires_at = DateTime::from_timestamp(seconds, 0).map_or(expires_at, |moment| moment.naive_utc());
    let named = format!("{id}.{difficulty}.{seconds}");
    let text = format!("{named}.{}", tag(key, &named, number));
    Challenge { text, difficulty, expires_at }
}

/// Verifies a proof: its challenge was made here, for this number, is hard enough for `level` and has not expired, and
/// is solved.
pub(super) fn check(
    keys: &[&hmac::Key],
    number: &CustomerNumber,
    proof: &str,
    level: i32,
    now: UtcTime,
) -> Option<Proof> {
    if proof.len() > LONGEST_PROOF {
        return None;
    }
    let (challenge, nonces) = proof.rsplit_once('.')?;
    let (named, presented) = challenge.rsplit_once('.')?;
    let [id, difficulty, seconds] = named.split('.').collect::<Vec<_>>().try_into().ok()?;
    let is_ours = keys.iter().any(|key| {
        let expected = tag(key, named, number);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), presented.as_bytes()).is_ok()
    });
    let difficulty: u32 = difficulty.parse().ok()?;
    let expires_at = DateTime::from_timestamp(seconds.parse().ok()?, 0)?.naive_utc();
    if !is_ours || difficulty < difficulty_of(level) || expires_at <= now {
        return None;
    }
    let nonces: [&str; PARTS] = nonces.split('-').collect::<Vec<_>>().try_into().ok()?;
    let solved = nonces
        .iter()
        .enumerate()
        .all(|(part, nonce)| is_nonce(nonce) && zero_bits(&format!("{challenge}.{part}.{nonce}")) >= difficulty);
    solved.then(|| Proof { id: id.to_owned(), expires_at })
}

fn difficulty_of(level: i32) -> u32 {
    let index = usize::try_from(level.max(1) - 1).unwrap_or(0).min(DIFFICULTIES.len() - 1);
    DIFFICULTIES.get(index).copied().unwrap_or(u32::MAX)
}

fn tag(key: &hmac::Key, named: &str, number: &CustomerNumber) -> String {
    let tag = hmac::sign(key, format!("{named}.{}", number.as_str()).as_bytes());
    BASE64URL_NOPAD.encode(tag.as_ref())
}

fn is_nonce(text: &str) -> bool {
    (1..=LONGEST_NONCE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn zero_bits(text: &str) -> u32 {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes).leading_zeros())
}

/// Solves a challenge, as a front end does.
#[must_use]
pub fn solve(challenge: &str, difficulty: u32) -> String {
    let nonce = |part: usize| {
        (0..u64::MAX)
            .find(|nonce| zero_bits(&format!("{challenge}.{part}.{nonce}")) >= difficulty)
            .unwrap_or_default()
    };
    let nonces: Vec<String> = (0..PARTS).map(|part| nonce(part).to_string()).collect();
    format!("{challenge}.{}", nonces.join("-"))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(seconds: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::seconds(seconds)
    }

    fn number(text: &str) -> CustomerNumber {
        CustomerNumber::parse(text).unwrap()
    }

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    #[test]
    fn rl_05_a_proof_serves_its_number_until_it_expires() {
        let challenge = issue(&key(1), &number("004217"), 1, at(0));
        let proof = solve(&challenge.text, challenge.difficulty);
        let check = |number_: &str, proof: &str, level, now| {
            check(&[&key(2), &key(1)], &number(number_), proof, level, now)
        };
        let id = challenge.text.split('.').next().unwrap().to_owned();
        assert_eq!(check("004217", &proof, 1, at(299)), Some(Proof { id, expires_at: at(300) }));
        assert_eq!(check("004217", &proof, 1, at(300)), None, "expired");
        assert_eq!(check("004218", &proof, 1, at(0)), None, "another number's");
        assert_eq!(check("004217", &proof, 2, at(0)), None, "not hard enough any more");
        assert_eq!(super::check(&[&key(2)], &number("004217"), &proof, 1, at(0)), None, "not ours");
    }

    #[test]
    fn rl_05_what_is_no_proof_is_refused() {
        let challenge = issue(&key(1), &number("004217"), 1, at(0));
        let proof = solve(&challenge.text, challenge.difficulty);
        let easier = proof.replacen(".12.", ".0.", 1);
        let (text, nonces) = proof.rsplit_once('.').unwrap();
        let unsolved = format!("{text}.{}", ["0"; PARTS].join("-"));
        let short = format!("{text}.{}", nonces.rsplit_once('-').unwrap().0);
        let impossible = proof.replacen(".12.", ".4294967295.", 1);
        let overlong = format!("{proof}-{}", "1".repeat(600));
        let signed = format!("{text}.{}", nonces.replacen('-', "-+", 1));
        for wrong in ["", ".", "....", text, &easier, &unsolved, &short, &impossible, &overlong, &signed] {
            assert_eq!(check(&[&key(1)], &number("004217"), wrong, 1, at(0)), None, "{wrong}");
        }
        assert!(check(&[&key(1)], &number("004217"), &proof, 1, at(0)).is_some());
    }
}

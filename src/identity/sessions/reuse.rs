//! A refresh token that is presented a second time: a lost answer, a call sent twice, or a theft (JW-09).
//!
//! A lost answer may be fetched again, and so may a thief's: he holds the token that its owner has just used. What
//! keeps him from living on it:
//!
//! - He gets the token that the owner has got, and never one of his own. Whichever of both uses it first, the other one
//!   presents a used token after the grace, and the session ends.
//! - A thief who is fast enough to ride each rotation is seen by his network, or by the number of his calls in a day.
//! - A token that a new password has ended was not exchanged. It brings nothing again, or a thief would come back by it.

use chrono::TimeDelta;

use crate::{
    identity::transaction::Tx,
    store::{
        StoreError,
        refresh_tokens::{self, Exchanger, RefreshTokenRow},
        sessions::SessionEnd,
    },
    types::RefreshToken,
};

/// How often one rotation's successor is handed out again.
const REISSUES_OF_A_ROTATION: i32 = 3;
/// How often successors are handed out again in a session within [`REISSUES_COUNTED_FOR`].
const REISSUES_OF_A_SESSION: i64 = 5;
const REISSUES_COUNTED_FOR: TimeDelta = TimeDelta::hours(24);

/// What speaks for a theft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theft {
    /// The token is older than a lost answer can be.
    Reused,
    /// Another program presents the token than the one that has used it.
    OtherProgram,
    /// More answers were lost than a line loses.
    TooOften,
    /// The answers of two rotations in a row were fetched again from another network than that of the rotation.
    Elsewhere,
}

impl Theft {
    /// The detail in the audit trail.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Reused => SessionEnd::TokenReuse.as_str(),
            Self::OtherProgram => "refresh token reused by another user agent",
            Self::TooOften => "refresh token reissued too often",
            Self::Elsewhere => "refresh token reissued to other networks",
        }
    }
}

/// A successor that is handed out again.
pub(super) struct Reissue {
    pub(super) successor: RefreshToken,
    /// Whether the call comes from another network than that of the rotation.
    pub(super) is_elsewhere: bool,
}

/// What becomes of a call with a used token.
pub(super) enum Ruling {
    /// The call gets the successor again.
    Reissue(Reissue),
    /// The call is refused, and the session goes on.
    Refuse,
    /// The session ends.
    End(Theft),
}

/// Rules on a used token of a live session. It changes nothing.
pub(super) fn rule_on(tx: &mut Tx<'_>, token: &RefreshTokenRow, by: &Exchanger) -> Result<Ruling, StoreError> {
    let Some(newest) = refresh_tokens::find_newest(tx, &token.session_id)? else { return Ok(Ruling::Refuse) };
    let grace = tx.app.config.sessions.refresh_grace;
    let is_in_grace = !grace.is_zero() && token.used_at.is_some_and(|used_at| tx.now - used_at <= grace);
    let rotations_since = newest.generation.saturating_sub(token.generation);
    if !is_in_grace || ![1, 2].contains(&rotations_since) {
        return Ok(Ruling::End(Theft::Reused));
    }
    // The release before has exchanged the token, or a new password has ended it.
    let Some(used_by) = &token.used_by else { return Ok(Ruling::Refuse) };
    // Compared whole, as far as it is stored. A browser that is updated restarts, which takes longer than the grace.
    if *used_by != by.user_agent {
        return Ok(Ruling::End(Theft::OtherProgram));
    }
    // Where the successor was used its answer has arrived, so this call was sent twice.
    if rotations_since == 2 || newest.used_at.is_some() || token.reissues >= REISSUES_OF_A_ROTATION {
        return Ok(Ruling::Refuse);
    }
    let Some(successor) = derive(tx, &newest) else { return Ok(Ruling::Refuse) };
    let counted_from = tx.now - REISSUES_COUNTED_FOR;
    if refresh_tokens::count_reissues(tx, &token.session_id, counted_from)? >= REISSUES_OF_A_SESSION {
        return Ok(Ruling::End(Theft::TooOften));
    }
    let is_elsewhere = token.used_from != by.network;
    if is_elsewhere {
        let before = refresh_tokens::find_generation(tx, &token.session_id, token.generation - 1)?;
        if before.is_some_and(|before| before.reissued_elsewhere) {
            return Ok(Ruling::End(Theft::Elsewhere));
        }
    }
    Ok(Ruling::Reissue(Reissue { successor, is_elsewhere }))
}

/// Derives the token of a row; `None` where the release before has made it at random, or its secret key is gone.
fn derive(tx: &Tx<'_>, row: &RefreshTokenRow) -> Option<RefreshToken> {
    let (id, secret_key_id) = (row.token_id.as_ref()?, row.secret_key_id.as_deref()?);
    let token = tx.app.keyring.refresh_token(secret_key_id, id).ok()?;
    // A token that no row knows would be of no use to its bearer.
    (token.hash() == row.token_hash).then_some(token)
}

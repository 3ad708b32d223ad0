//! What the holder of a link may get wrong a limited number of times.

use chrono::TimeDelta;

use super::link::{ended_meanwhile, link_entry};
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        audit_events::Event,
        reset_links::{self, CountedMistake, ResetLink},
    },
    types::RequestContext,
};

/// The answer to this many wrong customer numbers withdraws the link.
const MOST_MISMATCHES: i32 = 5;
/// The answer to this many passwords that a rule about the account refuses withdraws it too: otherwise the link could
/// be used to find out about the account (CH-11).
const MOST_ACCOUNT_RULES: i32 = 10;

/// How long to wait where other instances try as many passwords with the link as it allows.
const ANOTHER_TRY_AFTER: TimeDelta = TimeDelta::seconds(1);

/// Counts a wrong customer number, and withdraws the link at the last one allowed. The answer to that one still names
/// the wrong fields; from the next on the link is withdrawn.
pub(in crate::identity) async fn count_mismatch(
    app: &App,
    context: &RequestContext,
    link: ResetLink,
) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        let Some(count) = reset_links::count_mistake(tx, &link.id, CountedMistake::Mismatch)? else {
            return Err(ended_meanwhile(tx, &link)?);
        };
        if count >= MOST_MISMATCHES {
            withdraw(tx, &link, "too many wrong customer numbers")?;
        }
        Ok(())
    })
    .await
}

/// A new password that is counted as refused by a rule about the account, before the rules are asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct PasswordTry {
    /// How many the link has met with this one.
    count: i32,
}

impl PasswordTry {
    /// Counts a new password ahead, on a link that is still live.
    pub(in crate::identity) fn begin(tx: &mut Tx<'_>, link: &ResetLink) -> Result<Decision<Self>, IdentityError> {
        match reset_links::count_mistake(tx, &link.id, CountedMistake::AccountRule)? {
            None => Err(ended_meanwhile(tx, link)?),
            Some(count) if count <= MOST_ACCOUNT_RULES => Ok(Decision::Done(Self { count })),
            Some(_) => {
                reset_links::take_back_account_rule(tx, &link.id)?;
                Ok(Decision::Refused(Refusal::TooManyAttempts(ANOTHER_TRY_AFTER)))
            }
        }
    }

    /// Leaves the password counted as refused, and withdraws the link at the last one allowed.
    pub(in crate::identity) fn fail(self, tx: &mut Tx<'_>, link: &ResetLink) -> Result<(), StoreError> {
        link_entry(tx, Event::PasswordChangeFail, link).detail("refused for the account").append(tx)?;
        if self.count >= MOST_ACCOUNT_RULES {
            withdraw(tx, link, "too many passwords refused for the account")?;
        }
        Ok(())
    }

    /// Takes a password back, which no rule about the account has refused.
    pub(in crate::identity) fn take_back(tx: &mut Tx<'_>, link: &ResetLink) -> Result<(), StoreError> {
        reset_links::take_back_account_rule(tx, &link.id)
    }
}

fn withdraw(tx: &mut Tx<'_>, link: &ResetLink, detail: &str) -> Result<(), StoreError> {
    if reset_links::withdraw(tx, &link.id)? {
        link_entry(tx, Event::ResetWithdrawn, link).detail(detail).append(tx)?;
    }
    Ok(())
}

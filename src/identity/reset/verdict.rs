//! What a reset request leads to: a link and its mail, or nothing of its own (RL-08).

use chrono::TimeDelta;

use super::{
    mail_caps::{Room, find_room},
    mail_history::{LONGEST_LIFE, MailHistory, SERVED_FOR, list_mails},
};
use crate::{
    identity::{
        abuse::mail_budget::{self, Asker, Budget},
        address::cools_off_until,
        decoy::nobody,
        transaction::Tx,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        mails::Mail,
        reset_mails::ResetMail,
        reset_requests::{RequestOutcome, ResetCause, ResetRequest},
        suppressions,
    },
    types::{AccountId, Actor, EmailAddress},
};

/// The most links of one number that may be live at the same time (RQ-11).
pub(in crate::identity) const LIVE_LINKS: usize = 3;

/// What the worker does with a request.
pub(in crate::identity) enum Verdict {
    /// The request was not served in time.
    Stale,
    /// The request repeats others, for this reason.
    Repeats(RequestOutcome),
    /// The mail of an earlier request still waits, and this request renews it.
    Renews(Box<Mail>),
    /// The request gets a link and a mail.
    Makes(Addressee, Grant),
}

/// A mail that the caps and the budget allow.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Grant {
    /// How long the link lives at least, where its mail is the last one for a while: strangers who exhaust a cap
    /// must not be able to switch the owner's reset off.
    pub(in crate::identity) link_lives_for: Option<TimeDelta>,
}

/// Whom the link of a request is for.
pub(in crate::identity) enum Addressee {
    /// The owner of the account, who can be written to.
    Owner(Box<Account>),
    /// The owner of the account, while mail to the address on file is paused. The mail takes the same steps as others
    /// and does not go out.
    Paused(Box<Account>),
    /// Nobody: the link is a decoy.
    Nobody {
        because: RequestOutcome,
        /// The account of the number, which gets no mail. Its owner reads that a reset was asked for.
        account_id: Option<AccountId>,
    },
}

impl Addressee {
    pub(in crate::identity) fn account(&self) -> Option<&Account> {
        match self {
            Self::Owner(account) | Self::Paused(account) => Some(account),
            Self::Nobody { .. } => None,
        }
    }

    /// The account that the request is about, whether or not it gets a mail.
    pub(in crate::identity) fn account_id(&self) -> Option<&AccountId> {
        match self {
            Self::Owner(account) | Self::Paused(account) => Some(&account.id),
            Self::Nobody { account_id, .. } => account_id.as_ref(),
        }
    }

    pub(in crate::identity) fn recipient(&self) -> Option<&EmailAddress> {
        self.account().and_then(|account| account.email.as_ref())
    }

    /// The outcome of a request that gets a link.
    pub(in crate::identity) const fn outcome(&self) -> RequestOutcome {
        match self {
            Self::Owner(_) => RequestOutcome::LinkMade,
            Self::Paused(_) => RequestOutcome::Suppressed,
            Self::Nobody { because, .. } => *because,
        }
    }

    /// The outcome of a request that gets no link since three are live.
    const fn with_enough_links(&self) -> RequestOutcome {
        match self {
            Self::Owner(_) => RequestOutcome::EnoughLinks,
            // These links never were any.
            Self::Paused(_) | Self::Nobody { .. } => RequestOutcome::Repeated,
        }
    }

    /// The outcome of a request that gets no link since a cap or the budget is exhausted.
    const fn beyond_budget(&self) -> RequestOutcome {
        match self {
            Self::Owner(_) => RequestOutcome::MailBudget,
            // No mail is missing.
            Self::Paused(_) | Self::Nobody { .. } => self.outcome(),
        }
    }

    /// The mails of the number that count for the request.
    fn history(&self, mails: Vec<ResetMail>) -> MailHistory {
        match self {
            Self::Owner(account) => MailHistory::of_owner(mails, account),
            Self::Paused(_) | Self::Nobody { .. } => MailHistory::of_nobody(mails),
        }
    }
}

/// Decides what a request leads to, by the same statements for every number. The number is locked.
pub(in crate::identity) fn judge(tx: &mut Tx<'_>, request: &ResetRequest) -> Result<Verdict, StoreError> {
    if request.requested_at + SERVED_FOR <= tx.now {
        return Ok(Verdict::Stale);
    }
    let number = &request.customer_number;
    let to = find_addressee(tx, request)?;
    if request.cause == Some(ResetCause::LockDown) {
        // It stands in place of every link that the lock-down has ended, so no cap and no budget holds it up (OW-06).
        return Ok(Verdict::Makes(to, Grant { link_lives_for: Some(LONGEST_LIFE) }));
    }
    let history = to.history(list_mails(tx, number)?);
    let room = find_room(tx, number, to.recipient(), &history)?;
    // Last, since the requests of all customers wait for each other from here on.
    let budget = take_from_budget(tx, request)?;
    if let Some(waiting) = history.waiting() {
        return Ok(Verdict::Renews(Box::new(waiting.clone())));
    }
    if history.cooldown_until(tx.app.config.reset_cooldown) > Some(request.requested_at) {
        return Ok(Verdict::Repeats(RequestOutcome::Cooldown));
    }
    let live_links = history.live_links(tx.now).count();
    if live_links >= LIVE_LINKS {
        return Ok(Verdict::Repeats(to.with_enough_links()));
    }
    let link_lives_for = match (room, budget) {
        (Room::ForOneMore | Room::ForTheLast { .. }, Budget::LastResort) if live_links == 0 => Some(LONGEST_LIFE),
        (Room::Exhausted, _) | (_, Budget::LastResort | Budget::Exhausted) => {
            return Ok(Verdict::Repeats(to.beyond_budget()));
        }
        // People do not open a mail that they did not ask for within the hour.
        (Room::ForOneMore, Budget::Granted) if request.cause == Some(ResetCause::Activation) => Some(LONGEST_LIFE),
        (Room::ForOneMore, Budget::Granted) => None,
        (Room::ForTheLast { frees_at }, Budget::Granted) => Some(frees_at - tx.now),
    };
    Ok(Verdict::Makes(to, Grant { link_lives_for }))
}

/// A request of the service in place of the customer, after the right password, takes nothing from the budget. One of support
/// takes what a customer's does.
fn take_from_budget(tx: &mut Tx<'_>, request: &ResetRequest) -> Result<Budget, StoreError> {
    if request.actor == Actor::Service.name() {
        return Ok(Budget::Granted);
    }
    let (network, source_hash) = (request.source.as_deref(), request.source_hash.as_deref());
    mail_budget::take(tx, Asker { network, source_hash, at: request.requested_at })
}

/// Finds whom the link is for, and locks the account until the transaction ends: a change or a closing that runs at
/// the same time is either seen here, or sees the link.
fn find_addressee(tx: &mut Tx<'_>, request: &ResetRequest) -> Result<Addressee, StoreError> {
    let found = accounts::find_by_customer_number(tx, &request.customer_number)?;
    let account = accounts::lock(tx, &found.map_or_else(nobody, |account| account.id))?;
    let email = account.as_ref().and_then(|account| account.email.clone());
    let is_paused = suppressions::list_of(tx, email.as_ref())?.iter().any(|suppression| suppression.pauses(tx.now));
    let not_to = |account: Account, because| Addressee::Nobody { because, account_id: Some(account.id) };
    let unknown = Addressee::Nobody { because: RequestOutcome::NoAccount, account_id: None };
    Ok(match account {
        None => unknown,
        // A request that came before the account was made is an earlier owner's, or a stranger's.
        Some(account) if account.created_at > request.requested_at => unknown,
        Some(account) if account.closed_at.is_some() => not_to(account, RequestOutcome::Closed),
        Some(account) if account.contested_since.is_some() => not_to(account, RequestOutcome::Contested),
        Some(account) if account.email.is_none() => not_to(account, RequestOutcome::NoEmail),
        Some(account) if cools_off_until(&tx.app.config, &account, tx.now).is_some() => {
            not_to(account, RequestOutcome::CoolingOff)
        }
        Some(account) if is_paused => Addressee::Paused(Box::new(account)),
        Some(account) => Addressee::Owner(Box::new(account)),
    })
}

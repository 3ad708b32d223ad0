//! Which links from mails can be used now, and why the others cannot.

use super::refusal::{LinkReason, Refusal};
use crate::{
    store::{
        email_changes::{EmailChange, EmailChangeEnd},
        lock_down_links::{LockDownLink, LockDownLinkEnd},
        reset_links::{LinkEnd, ResetLink},
    },
    types::UtcTime,
};

/// A link that a mail carries.
pub(in crate::identity) trait MailedLink {
    /// What has ended it.
    fn ended(&self) -> Option<LinkReason>;
    /// Until when it can be used; `None` where no attempt has handed its mail over yet, so that nobody has read it.
    fn expires_at(&self) -> Option<UtcTime>;
}

impl MailedLink for ResetLink {
    fn ended(&self) -> Option<LinkReason> {
        self.ended_because.map(|because| match because {
            LinkEnd::Used => LinkReason::Used,
            LinkEnd::Withdrawn => LinkReason::Withdrawn,
        })
    }

    fn expires_at(&self) -> Option<UtcTime> {
        self.expires_at
    }
}

impl MailedLink for LockDownLink {
    fn ended(&self) -> Option<LinkReason> {
        self.ended_because.map(|because| match because {
            LockDownLinkEnd::Used => LinkReason::Used,
            LockDownLinkEnd::Withdrawn => LinkReason::Withdrawn,
        })
    }

    fn expires_at(&self) -> Option<UtcTime> {
        Some(self.expires_at)
    }
}

impl MailedLink for EmailChange {
    fn ended(&self) -> Option<LinkReason> {
        self.ended_because.map(|because| match because {
            EmailChangeEnd::Confirmed | EmailChangeEnd::Decided => LinkReason::Used,
            EmailChangeEnd::Withdrawn => LinkReason::Withdrawn,
        })
    }

    fn expires_at(&self) -> Option<UtcTime> {
        Some(self.expires_at)
    }
}

/// Why the link cannot be used now; `None` where it can.
pub(in crate::identity) fn why_not_live(link: &impl MailedLink, now: UtcTime) -> Option<LinkReason> {
    match (link.ended(), link.expires_at()) {
        (Some(reason), _) => Some(reason),
        (None, None) => Some(LinkReason::Unknown),
        (None, Some(expires_at)) => (expires_at <= now).then_some(LinkReason::Expired),
    }
}

/// The link, if it can be used now; otherwise the reason why not.
pub(in crate::identity) fn live_link<Link: MailedLink>(link: Option<Link>, now: UtcTime) -> Result<Link, Refusal> {
    let link = link.ok_or(Refusal::LinkUnusable(LinkReason::Unknown))?;
    match why_not_live(&link, now) {
        None => Ok(link),
        Some(reason) => Err(Refusal::LinkUnusable(reason)),
    }
}

/// The refusal of a link that was live when it was read, and is not any more. `present` is the link by now.
pub(in crate::identity) fn no_longer_live<Link: MailedLink>(present: Option<Link>, now: UtcTime) -> Refusal {
    // The transaction that used the link up has committed by now. Without one, only the link's time can be over.
    live_link(present, now).err().unwrap_or(Refusal::LinkUnusable(LinkReason::Expired))
}

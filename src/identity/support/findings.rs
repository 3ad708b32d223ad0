//! What the facts mean, the decisive finding first.

use chrono::TimeDelta;

use super::{
    advice::leave_out_excluded,
    assessment::{Assessment, Swallowed, SwallowedBecause},
    finding::Finding,
    finding_code::{FindingCode, Severity},
};
use crate::{
    store::{
        accounts::{Account, ExpiredBecause},
        mails::{Mail, MailStatus},
        reset_links::LinkEnd,
        reset_requests::RequestOutcome,
        suppressions::SuppressionReason,
    },
    types::{BounceCause, DeliveryKind, UtcTime, device_name, device_words},
};

/// A link that is opened this soon after its mail arrived was opened by a mail scanner.
const SCANNERS_OPEN_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// After this many failed attempts, while no other mail went out either, the reason is not in the mail.
const ATTEMPTS_THAT_TELL: i32 = 2;

impl Assessment<'_> {
    /// What the facts mean, the decisive finding first.
    pub(in crate::identity) fn findings(&self) -> Vec<Finding> {
        let Some(account) = &self.facts.account else { return vec![Finding::new(FindingCode::NoSuchCustomer)] };
        let mut found = Vec::new();
        self.of_account(account, &mut found);
        if !self.is_over() {
            self.of_mail(account, &mut found);
            self.of_link(account, &mut found);
        }
        self.of_requests(&mut found);
        found.extend(self.facts.old_passwords.iter().map(|used| {
            let finding = Finding::new(FindingCode::OldPasswordUsed).at(used.last_at).count(used.failures);
            let program = used.device.user_agent.as_deref().and_then(device_name);
            let device = device_words(used.device.name.as_ref(), program.as_deref());
            Finding { device, source: used.source.clone(), ..finding }
        }));
        if self.facts.throttled_for > TimeDelta::zero() {
            let throttled = Finding::new(FindingCode::SignInThrottled).count(self.facts.failures);
            found.push(throttled.until(self.facts.now + self.facts.throttled_for));
        }
        leave_out_excluded(&mut found);
        found.sort_by_key(|finding| finding.code);
        self.add_complaint(&mut found);
        found
    }

    fn of_account(&self, account: &Account, found: &mut Vec<Finding>) {
        if let Some(closed_at) = account.closed_at {
            found.push(Finding::new(FindingCode::AccountClosed).at(closed_at));
        }
        found.extend(of_lock_down(account));
        match &account.email {
            None => found.push(Finding::new(FindingCode::NoEmailOnFile)),
            Some(on_file) if self.facts.asked_email.is_some() && !self.facts.asks_for_email_on_file() => {
                let masked_email = Some(on_file.masked());
                found.push(Finding { masked_email, ..Finding::new(FindingCode::EmailDiffers) });
            }
            Some(_) => {}
        }
        // While support has to decide about the address, no time alone lets a link go there.
        if let Some(until) = self.cools_off_until.filter(|_| account.contested_since.is_none()) {
            let finding = Finding::new(FindingCode::EmailChangedCoolingOff).at(account.email_changed_at);
            found.push(finding.until(until));
        }
        if let Some(change) = &self.facts.pending_change {
            let masked_email = Some(change.new_email.masked());
            let finding = Finding { masked_email, ..Finding::new(FindingCode::EmailChangePending) };
            found.push(finding.at(change.created_at).until(change.expires_at));
        }
        if self.is_confirmation_due {
            found.push(Finding::new(FindingCode::AddressUnconfirmed));
        }
        if let Some(pause) = self.pause() {
            let finding = Finding::new(FindingCode::AddressSuppressed).at(pause.since).until(pause.retry_at);
            // The release before has paused addresses for other causes too, which their codes tell.
            let cause = Some(BounceCause::NoSuchMailbox);
            found.push(finding.detail(pause.detail.as_deref()).cause(cause));
        }
    }

    fn of_mail(&self, account: &Account, found: &mut Vec<Finding>) {
        let Some(mail) = &self.facts.mail else { return };
        let code = match (mail.status, mail.delivery) {
            (MailStatus::Queued, _) if self.is_provider_down(mail) => FindingCode::MailProviderDown,
            (MailStatus::Queued, _) => FindingCode::MailWaiting,
            (MailStatus::Refused, _) => FindingCode::MailRefused,
            (MailStatus::Abandoned, _) => FindingCode::MailAbandoned,
            (MailStatus::Dropped, _) => FindingCode::MailDropped,
            // While the address is suppressed, the finding about the address says so.
            (MailStatus::Suppressed | MailStatus::Decoy, _) => return,
            (MailStatus::HandedOver, None) => FindingCode::MailHandedOverUnconfirmed,
            (MailStatus::HandedOver, Some(DeliveryKind::Deferred)) => FindingCode::MailDeferred,
            // The mail API has the address on a list of its own, and the mail has met no server.
            (MailStatus::HandedOver, Some(kind))
                if kind.is_bounce() && mail.bounce_cause == Some(BounceCause::Listed) =>
            {
                FindingCode::MailRefused
            }
            (MailStatus::HandedOver, Some(DeliveryKind::BouncedSoft | DeliveryKind::BouncedHard)) => {
                FindingCode::MailBounced
            }
            (MailStatus::HandedOver, Some(DeliveryKind::Delivered)) => FindingCode::MailDelivered,
            (MailStatus::HandedOver, Some(DeliveryKind::Complained)) => FindingCode::MailComplained,
        };
        // The end of the link explains why the mail was dropped.
        let ended = self.facts.link.as_ref().is_some_and(|link| link.ended_at.is_some());
        if code == FindingCode::MailDropped && (ended || account.closed_at.is_some()) {
            return;
        }
        let at = mail.delivery_at.or(mail.finished_at).or(mail.last_tried_at).unwrap_or(mail.created_at);
        let until = if code == FindingCode::MailProviderDown { Some(mail.serve_until) } else { mail.next_try_at };
        let detail = mail.smtp_code.as_deref().or(mail.last_error.as_deref());
        let finding = Finding::new(code).at(at).until(until).detail(detail).cause(mail.bounce_cause);
        let finding = finding.count(mail.attempts);
        // A paused address cannot be helped by asking again.
        let is_final = code == FindingCode::MailBounced && self.pause().is_some();
        found.push(if is_final { finding.without_asking() } else { finding });
    }

    /// Whether the mail waits because no mail goes out.
    fn is_provider_down(&self, mail: &Mail) -> bool {
        let tried = mail.attempts >= ATTEMPTS_THAT_TELL && mail.last_error.is_some();
        (tried || waits_for_a_mail_api(mail)) && !self.facts.others_went_out
    }

    fn of_link(&self, account: &Account, found: &mut Vec<Finding>) {
        let Some(link) = &self.facts.link else { return };
        let requested_at = self.facts.request.as_ref().map(|request| request.requested_at);
        let changed_at = account.password_changed_at.filter(|changed_at| Some(*changed_at) > requested_at);
        match (link.ended_because, link.ended_at) {
            (Some(LinkEnd::Used), at) => return found.push(Finding::new(FindingCode::LinkUsed).at(at)),
            (Some(LinkEnd::Withdrawn), at) => {
                // A new password withdraws all links, so the password explains the link.
                if let Some(changed_at) = changed_at {
                    found.push(Finding::new(FindingCode::PasswordAlreadyChanged).at(changed_at));
                } else if self.was_link_under_way() {
                    found.push(Finding::new(FindingCode::LinkWithdrawn).at(at));
                }
                return;
            }
            (None, _) => {}
        }
        let was_sent = self.facts.mail.as_ref().is_some_and(Mail::was_sent);
        if was_sent && !link.is_live(self.facts.now) {
            found.push(Finding::new(FindingCode::LinkExpired).at(link.expires_at));
        }
        if let Some(looked_at) = link.first_looked_at {
            let at_once = self.delivered_at().is_some_and(|delivered_at| {
                (delivered_at..=delivered_at + SCANNERS_OPEN_WITHIN).contains(&looked_at)
            });
            let code = if at_once { FindingCode::LinkOpenedByScanner } else { FindingCode::LinkOpened };
            found.push(Finding::new(code).at(looked_at));
        }
    }

    /// Whether the mail of the link went out, or its end is why the mail did not. A link whose mail was never going
    /// to arrive is no link to the customer.
    fn was_link_under_way(&self) -> bool {
        let dropped = |mail: &Mail| matches!(mail.status, MailStatus::Queued | MailStatus::Dropped);
        self.facts.mail.as_ref().is_some_and(|mail| mail.was_sent() || dropped(mail))
    }

    /// When the receiving server took the mail, unless the mail API has reported something later.
    fn delivered_at(&self) -> Option<UtcTime> {
        let mail = self.facts.mail.as_ref().filter(|mail| mail.delivery == Some(DeliveryKind::Delivered))?;
        mail.delivery_at
    }

    fn of_requests(&self, found: &mut Vec<Finding>) {
        let waits = [FindingCode::MailWaiting, FindingCode::MailProviderDown];
        let awaited = self.awaited().filter(|_| !found.iter().any(|finding| waits.contains(&finding.code)));
        // The worker has not served the request yet.
        found.extend(awaited.map(|pending| Finding::new(FindingCode::MailWaiting).at(pending.requested_at)));
        let swallowed = self.swallowed_now();
        found.extend(swallowed.map(|Swallowed { requests, because }| {
            let finding = match because {
                SwallowedBecause::MailBefore(until) => Finding::new(FindingCode::RequestSwallowed).until(until),
                SwallowedBecause::CapExhausted => Finding::new(FindingCode::MailLimitReached),
            };
            finding.at(requests.last_at).detail(Some(requests.outcome.as_str())).count(requests.requests)
        }));
        match self.facts.request.as_ref().map(|request| (request, request.outcome)) {
            Some((request, Some(RequestOutcome::Stale))) => {
                found.push(Finding::new(FindingCode::MailAbandoned).at(request.requested_at));
            }
            _ if self.awaited().is_none() && swallowed.is_none() && self.has_to_ask() => {
                found.push(Finding::new(FindingCode::NoRequestReceived));
            }
            _ => {}
        }
    }

    /// Whether the customer has to ask again: no request so far leads to a mail any more.
    fn has_to_ask(&self) -> bool {
        // What stood in the way of an earlier request may have been mended since.
        let outcome = self.facts.request.as_ref().and_then(|request| request.outcome);
        let was_paused = self.facts.mail.as_ref().is_some_and(|mail| mail.status == MailStatus::Suppressed);
        !outcome.is_some_and(RequestOutcome::led_to_a_mail)
            || (was_paused && self.pause().is_none())
            || self.is_over()
    }

    /// Adds an earlier complaint after all other findings: it keeps reminders from the address, but no link.
    fn add_complaint(&self, found: &mut Vec<Finding>) {
        let complaint = self.facts.suppressions.iter().find(|known| known.reason == SuppressionReason::Complaint);
        if let Some(complaint) = complaint
            && !found.iter().any(|finding| finding.code == FindingCode::MailComplained)
        {
            let finding = Finding::new(FindingCode::MailComplained).at(complaint.since);
            let finding = finding.detail(complaint.detail.as_deref());
            found.push(Finding { severity: Severity::Info, ..finding });
        }
    }
}

/// Whether the mail waits without an attempt, since no mail API works.
fn waits_for_a_mail_api(mail: &Mail) -> bool {
    mail.is_held()
}

/// What a lock-down means. Support has to decide where it is contested.
fn of_lock_down(account: &Account) -> Option<Finding> {
    if let Some(contested_since) = account.contested_since {
        return Some(Finding::new(FindingCode::Contested).at(contested_since));
    }
    let is_locked_down = account.password_expired_because == Some(ExpiredBecause::LockedDown);
    is_locked_down.then(|| Finding::new(FindingCode::LockedDown).at(account.password_expired_at))
}

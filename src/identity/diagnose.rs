//! Step 5b of the guide: why did no mail arrive?

use chrono::TimeDelta;

use super::{
    finding::{Finding, FindingCode},
    refusal::{IdentityError, Refusal},
    throttle::{count_turned_away, failures_of_strangers, strangers_wait},
};
use crate::{
    app::App,
    store::{
        AnyConnection, StoreError,
        accounts::{self, Account},
        audit_events::{self, Entry, Event, Happened},
        mails::{self, Mail, MailStatus},
        rate_limits::{self, Rate},
        reset_links::{self, LinkEnd, ResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
        suppressions::{self, Suppression, SuppressionReason},
        swallowed_requests::{self, SwallowedRequests},
    },
    types::{CustomerNumber, DeliveryKind, EmailAddress, RequestContext, UtcTime},
};

/// Older requests are nobody's question any more.
const LOOKED_BACK: TimeDelta = TimeDelta::days(30);
/// Who opens a link so soon after the mail arrived is a mail scanner.
const SCANNERS_OPEN_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// A mail that failed this often while no other went out either: it is not the mail.
const ATTEMPTS_THAT_TELL: i32 = 2;
/// So much of the trail is shown, the newest first.
const LONGEST_TIMELINE: i64 = 100;

/// What support asks.
pub struct Question {
    /// The number the customer gave.
    pub number: CustomerNumber,
    /// The address the customer gave, if any.
    pub email: Option<EmailAddress>,
}

/// Who asks.
pub struct Asker {
    /// In the trail.
    pub name: String,
    /// What its questions are counted on; `None` where nobody counts, as on the command line.
    pub counted_as: Option<String>,
}

/// The answer.
pub struct Diagnosis {
    /// The decisive one first.
    pub findings: Vec<Finding>,
    /// Whether the customer may be told: the address given is the one on file.
    pub for_customer: bool,
    /// What happened, the newest first.
    pub timeline: Vec<Moment>,
}

/// One line of the timeline.
#[derive(Debug)]
pub struct Moment {
    /// When.
    pub at: UtcTime,
    /// What, in the trail's words.
    pub event: String,
    /// A word or two more.
    pub detail: Option<String>,
    /// How often, where lines are counted together; then `at` is the first of them.
    pub count: i32,
}

/// Looks everything up that is known of a number's mails, and says what it means. Every question is written into the
/// trail (AD-10).
pub async fn diagnose(
    app: &App,
    context: &RequestContext,
    question: Question,
    asker: Asker,
) -> Result<Diagnosis, IdentityError> {
    let now = app.clock.now();
    let cooldown = TimeDelta::from_std(app.reset_cooldown).unwrap_or(TimeDelta::MAX);
    let cooling_off = TimeDelta::from_std(app.email_cooling_off).unwrap_or(TimeDelta::MAX);
    let limit = app.support_limit.filter(|_| app.limits);
    let entry = Entry::by_caller(context, Event::SupportDiagnosis, now).actor(&asker.name).number(&question.number);
    let diagnosis = app
        .database
        .write(move |connection| -> Result<_, StoreError> {
            if let (Some(rate), Some(client)) = (limit, &asker.counted_as)
                && let Err(wait) = take(connection, client, rate, now)?
            {
                return Ok(Err(Refusal::TooManyAttempts(wait).into()));
            }
            let facts = Facts::gather(connection, &question, cooldown, cooling_off, now)?;
            let findings = facts.findings(now);
            let decisive = findings.first().map_or("", |finding| finding.code.as_str());
            let timeline = timeline(connection, &question.number, &facts, now)?;
            audit_events::append(connection, &entry.detail(decisive))?;
            Ok(Ok(Diagnosis { for_customer: facts.email_is_on_file(), findings, timeline }))
        })
        .await?;
    count_turned_away(app, "support_diagnosis", &diagnosis);
    diagnosis
}

fn take(
    connection: &mut AnyConnection,
    client: &str,
    rate: Rate,
    now: UtcTime,
) -> Result<Result<(), TimeDelta>, StoreError> {
    rate_limits::take(connection, &format!("support/{client}"), rate, now)
}

/// Everything that is known.
struct Facts {
    asked_email: Option<EmailAddress>,
    account: Option<Account>,
    suppressions: Vec<Suppression>,
    request: Option<ResetRequest>,
    swallowed: Vec<SwallowedRequests>,
    link: Option<ResetLink>,
    mail: Option<Mail>,
    /// Whether any mail went out since this one was tried.
    others_went_out: bool,
    throttled_for: TimeDelta,
    failures: i32,
    cooldown: TimeDelta,
    cooling_off: TimeDelta,
}

impl Facts {
    fn gather(
        connection: &mut AnyConnection,
        question: &Question,
        cooldown: TimeDelta,
        cooling_off: TimeDelta,
        now: UtcTime,
    ) -> Result<Self, StoreError> {
        let number = &question.number;
        let account = accounts::find_by_customer_number(connection, number)?;
        let email = account.as_ref().and_then(|account| account.email.as_ref());
        let suppressions = suppressions::list_of(connection, email)?;
        let request = reset_requests::find_newest(connection, number)?
            .filter(|request| request.requested_at > now - LOOKED_BACK);
        let link = match &request {
            Some(request) => reset_links::find_of_request(connection, &request.id)?,
            None => None,
        };
        let mail = match &link {
            Some(link) => mails::find_of_link(connection, &link.id)?,
            None => None,
        };
        let others_went_out = match mail.as_ref().and_then(|mail| mail.last_tried_at) {
            Some(tried_at) => mails::any_handed_over_since(connection, tried_at)?,
            None => true,
        };
        Ok(Self {
            asked_email: question.email.clone(),
            suppressions,
            swallowed: swallowed_requests::list_since(connection, number, now - LOOKED_BACK)?,
            throttled_for: strangers_wait(connection, number, now)?,
            failures: failures_of_strangers(connection, number, now)?,
            account,
            request,
            link,
            mail,
            others_went_out,
            cooldown,
            cooling_off,
        })
    }

    fn email_is_on_file(&self) -> bool {
        let on_file = self.account.as_ref().and_then(|account| account.email.as_ref());
        match (on_file, &self.asked_email) {
            (Some(on_file), Some(asked)) => on_file.canonical() == asked.canonical(),
            _ => false,
        }
    }

    fn findings(&self, now: UtcTime) -> Vec<Finding> {
        let Some(account) = &self.account else { return vec![Finding::new(FindingCode::NoSuchCustomer)] };
        let mut found = Vec::new();
        self.of_account(account, now, &mut found);
        self.of_mail(account, &mut found);
        self.of_link(account, now, &mut found);
        self.of_requests(now, &mut found);
        if self.throttled_for > TimeDelta::zero() {
            let throttled = Finding::new(FindingCode::SignInThrottled).count(self.failures);
            found.push(throttled.until(now + self.throttled_for));
        }
        let rank = |finding: &Finding| FindingCode::ALL.iter().position(|code| *code == finding.code);
        found.sort_by_key(rank);
        found
    }

    fn of_account(&self, account: &Account, now: UtcTime, found: &mut Vec<Finding>) {
        if let Some(closed_at) = account.closed_at {
            found.push(Finding::new(FindingCode::AccountClosed).at(closed_at));
        }
        match &account.email {
            None => found.push(Finding::new(FindingCode::NoEmailOnFile)),
            Some(on_file) if self.asked_email.is_some() && !self.email_is_on_file() => {
                let masked_email = Some(on_file.masked());
                found.push(Finding { masked_email, ..Finding::new(FindingCode::EmailDiffers) });
            }
            Some(_) => {}
        }
        if let Some(changed_at) = account.email_changed_at
            && changed_at + self.cooling_off > now
        {
            let cooling_off = Finding::new(FindingCode::EmailChangedCoolingOff).at(changed_at);
            found.push(cooling_off.until(changed_at + self.cooling_off));
        }
        for suppression in &self.suppressions {
            let code = match suppression.reason {
                SuppressionReason::HardBounce => FindingCode::AddressSuppressed,
                SuppressionReason::Complaint => FindingCode::MailComplained,
            };
            let finding = Finding::new(code).at(suppression.since).until(suppression.retry_at);
            found.push(finding.detail(suppression.detail.as_deref()));
        }
    }

    fn of_mail(&self, account: &Account, found: &mut Vec<Finding>) {
        let Some(mail) = self.mail.as_ref().filter(|mail| mail.account_id.is_some()) else { return };
        let tried = mail.attempts >= ATTEMPTS_THAT_TELL && mail.last_error.is_some();
        let code = match (mail.status, mail.delivery) {
            (MailStatus::Queued, _) if tried && !self.others_went_out => FindingCode::MailProviderDown,
            (MailStatus::Queued, _) => FindingCode::MailWaiting,
            (MailStatus::Refused, _) => FindingCode::MailRefused,
            (MailStatus::Suppressed, _) => FindingCode::AddressSuppressed,
            (MailStatus::Abandoned, _) => FindingCode::MailAbandoned,
            (MailStatus::Dropped, _) => FindingCode::MailDropped,
            (MailStatus::Decoy, _) => return,
            (MailStatus::HandedOver, None) => FindingCode::MailHandedOverUnconfirmed,
            (MailStatus::HandedOver, Some(DeliveryKind::Deferred)) => FindingCode::MailDeferred,
            (MailStatus::HandedOver, Some(DeliveryKind::BouncedSoft | DeliveryKind::BouncedHard)) => {
                FindingCode::MailBounced
            }
            (MailStatus::HandedOver, Some(DeliveryKind::Delivered)) => FindingCode::MailDelivered,
            (MailStatus::HandedOver, Some(DeliveryKind::Complained)) => FindingCode::MailComplained,
        };
        // Said already, by what holds for the address.
        if found.iter().any(|finding| finding.code == code) {
            return;
        }
        // Where the link ended first, that is why.
        let ended = self.link.as_ref().is_some_and(|link| link.ended_at.is_some());
        if code == FindingCode::MailDropped && (ended || account.closed_at.is_some()) {
            return;
        }
        let at = mail.delivery_at.or(mail.finished_at).or(mail.last_tried_at).unwrap_or(mail.created_at);
        let until = if code == FindingCode::MailProviderDown { Some(mail.serve_until) } else { mail.next_try_at };
        let detail = mail.smtp_code.as_deref().or(mail.last_error.as_deref());
        found.push(Finding::new(code).at(at).until(until).detail(detail).count(mail.attempts));
    }

    fn of_link(&self, account: &Account, now: UtcTime, found: &mut Vec<Finding>) {
        let Some(link) = self.link.as_ref().filter(|link| link.account_id.is_some()) else { return };
        let requested_at = self.request.as_ref().map(|request| request.requested_at);
        let changed_at = account.password_changed_at.filter(|changed_at| Some(*changed_at) > requested_at);
        match (link.ended_because, link.ended_at) {
            (Some(LinkEnd::Used), at) => return found.push(Finding::new(FindingCode::LinkUsed).at(at)),
            (Some(LinkEnd::Withdrawn), at) => {
                // A new password withdraws all links: then that is the story.
                let (code, at) = match changed_at {
                    Some(changed_at) => (FindingCode::PasswordAlreadyChanged, Some(changed_at)),
                    None => (FindingCode::LinkWithdrawn, at),
                };
                return found.push(Finding::new(code).at(at));
            }
            (None, _) => {}
        }
        let went_out = self.mail.as_ref().is_some_and(|mail| mail.status == MailStatus::HandedOver);
        if went_out && !link.is_live(now) {
            found.push(Finding::new(FindingCode::LinkExpired).at(link.expires_at));
        }
        if let Some(looked_at) = link.first_looked_at {
            let arrived_at = self.mail.as_ref().and_then(|mail| mail.delivery_at.or(mail.finished_at));
            let at_once = arrived_at.is_some_and(|arrived_at| looked_at - arrived_at <= SCANNERS_OPEN_WITHIN);
            let code = if at_once { FindingCode::LinkOpenedByScanner } else { FindingCode::LinkOpened };
            found.push(Finding::new(code).at(looked_at));
        }
    }

    fn of_requests(&self, now: UtcTime, found: &mut Vec<Finding>) {
        let swallowed = self.swallowed.first();
        if let Some(swallowed) = swallowed.filter(|swallowed| swallowed.last_at + self.cooldown > now) {
            let until = match (swallowed.outcome, &self.request) {
                (RequestOutcome::Cooldown, Some(request)) => Some(request.requested_at + self.cooldown),
                _ => self.link.as_ref().and_then(|link| link.expires_at),
            };
            let finding = Finding::new(FindingCode::RequestSwallowed).at(swallowed.last_at).until(until);
            found.push(finding.detail(Some(swallowed.outcome.as_str())).count(swallowed.requests));
        }
        match self.request.as_ref().map(|request| (request, request.outcome)) {
            // The worker has not come to it yet.
            Some((request, None)) => {
                found.push(Finding::new(FindingCode::MailWaiting).at(request.requested_at));
            }
            Some((request, Some(RequestOutcome::Stale))) => {
                found.push(Finding::new(FindingCode::MailAbandoned).at(request.requested_at));
            }
            // What stood in the way then may have been mended since: he has to ask again.
            Some((_, Some(outcome))) if !outcome.led_to_a_mail() => {
                found.push(Finding::new(FindingCode::NoRequestReceived));
            }
            Some(_) => {}
            None => found.push(Finding::new(FindingCode::NoRequestReceived)),
        }
    }
}

/// What happened, from the trail, with what is only counted.
fn timeline(
    connection: &mut AnyConnection,
    number: &CustomerNumber,
    facts: &Facts,
    now: UtcTime,
) -> Result<Vec<Moment>, StoreError> {
    let since = now - LOOKED_BACK;
    let happened = audit_events::list_of_number(connection, number, since, LONGEST_TIMELINE)?;
    let mut moments: Vec<Moment> = happened
        .into_iter()
        .map(|Happened { occurred_at, event, detail }| Moment { at: occurred_at, event, detail, count: 1 })
        .collect();
    moments.extend(facts.swallowed.iter().map(|swallowed| Moment {
        at: swallowed.first_at,
        event: "reset_swallowed".to_owned(),
        detail: Some(swallowed.outcome.as_str().to_owned()),
        count: swallowed.requests,
    }));
    // Nothing happens when a time is over, so nothing is written then.
    let expired_at = facts.link.as_ref().filter(|link| link.ended_at.is_none()).and_then(|link| link.expires_at);
    moments.extend(expired_at.filter(|expired_at| *expired_at <= now).map(|at| Moment {
        at,
        event: "reset_link_expired".to_owned(),
        detail: None,
        count: 1,
    }));
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    Ok(moments)
}

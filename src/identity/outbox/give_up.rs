//! Ending a mail whose job has failed within this service for too long.

use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Tx},
    metrics::MailOutcome,
    store::{
        StoreError,
        audit_events::Event,
        given_up_mails::{self, GivenUpMail},
        jobs::{self, Job},
        mails::{self, MailStatus},
        reset_links,
    },
    types::{MailId, RequestContext},
};

/// What the row of the mail and the audit trail say.
const WHY: &str = "abandoned: failed in this service";

/// Ends a mail together with its job, which has failed for too long. Only what the record needs is read: another column
/// may be what the job fails for. A mail that was reported to be delivered went out. Where another worker has the job by
/// now, nothing is done.
pub async fn give_up(app: &App, context: &RequestContext, job: &Job, mail_id: MailId) -> Result<(), IdentityError> {
    let job = job.clone();
    if let Some(outcome) = app.transact(context, move |tx| Ok(end(tx, &job, &mail_id)?)).await? {
        app.metrics.mails.ended(outcome, None);
    }
    Ok(())
}

fn end(tx: &mut Tx<'_>, job: &Job, mail_id: &MailId) -> Result<Option<MailOutcome>, StoreError> {
    if !jobs::confirm_lease(tx, job)? {
        return Ok(None);
    }
    jobs::finish(tx, &job.id)?;
    let Some(mail) = given_up_mails::find(tx, mail_id)? else { return Ok(None) };
    let (status, event, outcome) = if mail.delivery.is_some() {
        (MailStatus::HandedOver, Event::MailHandedOver, MailOutcome::HandedOver)
    } else {
        mails::set_last_error(tx, mail_id, WHY, None)?;
        (MailStatus::Abandoned, Event::MailGivenUp, MailOutcome::GivenUp)
    };
    mails::finish(tx, mail_id, status, None)?;
    let GivenUpMail { account_id, reset_link_id, customer_number, reset_request_id, .. } = &mail;
    if mail.leaves_nothing_behind() {
        mails::forget_recipient(tx, mail_id)?;
    }
    if let Some(link) = reset_link_id {
        reset_links::set_mail_finished(tx, link)?;
    }
    let mut entry = tx.entry(event).account(account_id.as_ref());
    if let Some(number) = customer_number {
        entry = entry.number(number);
    }
    if let Some(request) = reset_request_id {
        entry = entry.reset_request(request);
    }
    let detail = if event == Event::MailGivenUp { WHY } else { status.as_str() };
    entry.detail(detail).append(tx)?;
    Ok(Some(outcome))
}

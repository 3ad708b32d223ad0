//! Step 5b of the customer guide: why did no mail arrive?

use super::{
    assessment::Assessment,
    facts::MailFacts,
    finding::Finding,
    question::Question,
    timeline::{TimelineEntry, timeline},
};
use crate::{
    app::App,
    identity::{abuse::client_limits::count_question, refusal::IdentityError},
    store::audit_events::Event,
    types::{AccountId, RequestContext},
};

/// The answer to support's question.
pub struct Diagnosis {
    /// What keeps the customer from a new password, the decisive finding first.
    pub findings: Vec<Finding>,
    /// Whether the customer may be told: the address given is the one on file.
    pub for_customer: bool,
    /// What happened, the newest first.
    pub timeline: Vec<TimelineEntry>,
    /// The account of the number, for acts on it.
    pub account_id: Option<AccountId>,
}

/// Looks up everything that is known of a number's mails, and says what it means. Every question is written into the
/// audit trail before it is answered (AD-10). The questions of a machine client are limited, those of the command line
/// are not.
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) for a machine client that has asked too many
/// questions, or about too many different numbers.
pub async fn diagnose(app: &App, context: &RequestContext, question: Question) -> Result<Diagnosis, IdentityError> {
    count_question(app, context, question.number.as_str().to_owned()).await?;
    let asked = question.clone();
    // Not in the transaction that writes: no reset has to wait for a dozen look-ups.
    let handle = app.clone();
    let facts = app.read(move |tx| MailFacts::gather(tx, &handle, &asked)).await?;
    let findings = Assessment::new(&facts, &app.config).findings();
    let decisive = findings.first().map_or("", |finding| finding.code.as_str());
    app.transact(context, move |tx| {
        Ok(tx.entry(Event::SupportDiagnosis).number(&question.number).detail(decisive).append(tx)?)
    })
    .await?;
    Ok(Diagnosis {
        findings,
        for_customer: facts.asks_for_email_on_file(),
        timeline: timeline(&facts),
        account_id: facts.account.map(|account| account.id),
    })
}

//! Step 5b of the guide: why did no mail arrive?

use super::{
    facts::{Facts, Periods},
    finding::Finding,
    question::Question,
    timeline::{self, Moment},
};
use crate::{
    app::App,
    identity::{
        abuse::throttle::count_turned_away,
        refusal::{IdentityError, Refusal},
    },
    store::{
        StoreError,
        audit_events::{self, Entry, Event},
        rate_limits,
    },
    types::RequestContext,
};

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

/// Looks everything up that is known of a number's mails, and says what it means. Every question is written into the
/// trail before it is answered (AD-10).
pub async fn diagnose(
    app: &App,
    context: &RequestContext,
    question: Question,
    asker: Asker,
) -> Result<Diagnosis, IdentityError> {
    let now = app.clock.now();
    if let Some(client) = asker.counted_as {
        take_turn(app, client).await?;
    }
    let entry = Entry::by_caller(context, Event::SupportDiagnosis, now).actor(&asker.name).number(&question.number);
    let periods = Periods::of(app);
    // Not in the write's turn: nobody's reset waits for a dozen look-ups.
    let diagnosis = app
        .database
        .read(move |tx| -> Result<_, StoreError> {
            let facts = Facts::gather(tx, &question, periods, now)?;
            let timeline = timeline::tell(tx, &question.number, &facts, now)?;
            Ok(Diagnosis { findings: facts.findings(now), for_customer: facts.email_is_on_file(), timeline })
        })
        .await?;
    let decisive = diagnosis.findings.first().map_or("", |finding| finding.code.as_str());
    let entry = entry.detail(decisive);
    app.database.write(move |tx| audit_events::append(tx, &entry)).await?;
    Ok(diagnosis)
}

async fn take_turn(app: &App, client: String) -> Result<(), IdentityError> {
    let Some(rate) = app.limits.support_diagnosis else { return Ok(()) };
    let now = app.clock.now();
    let taken = app.database.write(move |tx| rate_limits::take(tx, &format!("support/{client}"), rate)).await?;
    let taken = taken.map_err(|wait| Refusal::TooManyAttempts(wait).into());
    count_turned_away(app, "support_diagnosis", &taken);
    taken
}

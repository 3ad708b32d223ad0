//! Support asks who is calling.

use chrono::TimeDelta;

use super::caps::{find_exhausted, note};
use crate::{
    app::App,
    identity::{
        address::cools_off_until,
        idempotency::Recording,
        refusal::IdentityError,
        transaction::Tx,
        work::{queue_mail, soon},
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        caller_codes::{self, NewCallerQuestion, SwallowedBy},
        mails::{MailKind, MailStatus, NewMail},
    },
    types::{
        CallerCodeId, CallerCodeWay, ClientId, CustomerNumber, EmailAddress, Locale, MailId, RequestContext,
        UtcTime,
    },
};

/// How long a code can be checked.
const LIVES_FOR: TimeDelta = TimeDelta::minutes(10);

/// The question that support has asked.
pub struct AskedCode {
    /// The id, under which the same client checks the code.
    pub id: CallerCodeId,
    /// Until when the code can be checked.
    pub expires_at: UtcTime,
}

/// Whom a client asks about.
pub struct CallerQuestion {
    /// The client that asks.
    pub client: ClientId,
    /// The number, as the caller gave it.
    pub number: CustomerNumber,
    /// The way by which the customer gets the code.
    pub way: CallerCodeWay,
}

/// Makes a code for the owner of a number. It ends the one before. The answer and the work are the same for a number
/// without account, for an owner who cannot be reached, and, up to the limits, however often a client asks: no code comes
/// of these, and none is right (AD-10). `recording` keeps the answer for a repetition of the call.
pub async fn ask(
    app: &App,
    context: &RequestContext,
    question: CallerQuestion,
    recording: Option<Recording<AskedCode>>,
) -> Result<AskedCode, IdentityError> {
    let asked = app
        .transact(context, move |tx| {
            let asked = store(tx, &question)?;
            if let Some(recording) = recording {
                let account = accounts::find_by_customer_number(tx, &question.number)?;
                recording.record(tx, &asked, account.as_ref().map(|account| &account.id))?;
            }
            Ok(asked)
        })
        .await?;
    app.job_queued.notify_one();
    Ok(asked)
}

fn store(
    tx: &mut Tx<'_>,
    CallerQuestion { client, number, way }: &CallerQuestion,
) -> Result<AskedCode, StoreError> {
    caller_codes::lock(tx, client, number)?;
    let swallowed_by = find_exhausted(tx, client, number)?;
    caller_codes::replace_all_of(tx, number)?;
    let account = accounts::find_by_customer_number(tx, number)?;
    let reached = account.as_ref().filter(|account| swallowed_by.is_none() && is_reached(tx, account, *way));
    let expires_at = tx.now + LIVES_FOR;
    let mail_id = (*way == CallerCodeWay::Mail && swallowed_by.is_none()).then(MailId::mint);
    let question = NewCallerQuestion {
        id: CallerCodeId::mint(),
        client_id: client.clone(),
        customer_number: number.clone(),
        account_id: reached.map(|account| account.id.clone()),
        deliver_to: *way,
        secret_key_id: tx.app.keyring.current_id().to_owned(),
        mail_id: mail_id.clone(),
        swallowed_by,
        created_at: tx.now,
        expires_at,
    };
    caller_codes::insert(tx, &question)?;
    if let Some(mail_id) = mail_id {
        queue(tx, mail_id, number, reached, expires_at)?;
    }
    if let Some(by) = swallowed_by {
        note(tx, client, by)?;
    }
    // Beyond its own limit a client gets no entry for each question.
    if swallowed_by != Some(SwallowedBy::Client) {
        let account_id = account.as_ref().map(|account| &account.id);
        let entry = tx.entry(Event::CallerCodeAsked).number(number).account(account_id);
        entry.detail(if swallowed_by.is_some() { "too many" } else { way.as_str() }).append(tx)?;
    }
    Ok(AskedCode { id: question.id, expires_at })
}

/// Whether a code reaches the owner by this way. No mail goes to an address that cools off, since the person who had it
/// changed may be the one who calls; nor to either address of a contested access.
fn is_reached(tx: &Tx<'_>, account: &Account, way: CallerCodeWay) -> bool {
    match way {
        CallerCodeWay::Page => account.closed_at.is_none(),
        CallerCodeWay::Mail => {
            account.email.is_some()
                && account.contested_since.is_none()
                && cools_off_until(&tx.app.config, account, tx.now).is_none()
        }
    }
}

/// Queues the mail with the code, or a decoy. It starts after a random delay, so that the time of the next answer does not
/// tell which of the two it is.
fn queue(
    tx: &mut Tx<'_>,
    id: MailId,
    number: &CustomerNumber,
    reached: Option<&Account>,
    expires_at: UtcTime,
) -> Result<(), StoreError> {
    let mail = NewMail {
        id,
        kind: MailKind::CallerCode,
        account_id: reached.map(|account| account.id.clone()),
        reset_link_id: None,
        recipient: reached.and_then(|account| account.email.as_ref()).map(EmailAddress::to_send_to),
        last_two_digits: number.last_two_digits().to_owned(),
        locale: reached.map_or(Locale::default(), |account| account.locale),
        status: MailStatus::Queued,
        created_at: tx.now,
        serve_until: expires_at,
        session_id: None,
        email_change_id: None,
    };
    let run_at = soon(tx);
    queue_mail(tx, &mail, run_at)
}

//! Sessions of the support page. A person presents the id and the secret of a client of their own once; from then on the
//! page goes on with a token of the session, and the browser has no use for the secret any more.

use super::{
    issue_token::{Grant, MachineToken, count_token},
    prove::{ProveError, ProvenClient, find_unrevoked, prove},
};
use crate::{
    app::App,
    identity::{
        refusal::IdentityError,
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        audit_events::Event,
        clients::Client,
        support_sessions::{self, SupportSession},
    },
    types::{Actor, ClientId, PageSessionToken, PageSessionTokenHash, RequestContext, SupportScopes, random_bytes},
};

/// What the audit trail says of where a sign-in or an end took place.
const AT_THE_PAGE: &str = "support page";

/// A session that has just begun.
pub struct PageSession {
    /// The token of the session, for the browser to keep.
    pub token: PageSessionToken,
    /// What the page may do at first.
    pub access: PageAccess,
}

/// What the page of a session may do for the next minutes.
pub struct PageAccess {
    /// The access token for the API.
    pub token: MachineToken,
    /// The name of the person who is signed in.
    pub person: String,
}

/// Why there is no session.
#[derive(Debug)]
pub enum PageSessionError {
    /// The client is unknown or revoked, or the secret is wrong. The caller cannot tell these apart.
    InvalidClient,
    /// The secret is right, but the client is a program's.
    NotOfAPerson,
    /// The token is of no session, or of one that has ended.
    Ended,
    /// Too many wrong secrets or too many tokens came before, or the service has failed.
    Other(IdentityError),
}

impl From<IdentityError> for PageSessionError {
    fn from(error: IdentityError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for PageSessionError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// How a transaction answers the page.
enum Answer {
    Granted { grant: Grant, person: String },
    Gone,
    NotOfAPerson,
}

/// Begins a session for the person whose client presents its secret. The secret is checked as for an access token: at the
/// same cost, under the same limits.
///
/// # Errors
/// [`PageSessionError::InvalidClient`] for every client that is not authenticated; [`PageSessionError::NotOfAPerson`].
pub async fn start_page_session(
    app: &App,
    context: &RequestContext,
    client_id: &str,
    client_secret: &str,
) -> Result<PageSession, PageSessionError> {
    let ProvenClient(id) = prove(app, context, client_id, client_secret).await.map_err(|error| match error {
        ProveError::Other(error) => PageSessionError::Other(error),
        ProveError::InvalidClient => PageSessionError::InvalidClient,
    })?;
    let token = PageSessionToken::from_bits(random_bytes());
    let token_hash = token.hash();
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    let answer = app.decide(&context, move |tx| Ok(begin(tx, &id, token_hash)?)).await?;
    match answer {
        Answer::Gone => Err(PageSessionError::InvalidClient),
        Answer::NotOfAPerson => Err(PageSessionError::NotOfAPerson),
        Answer::Granted { grant, person } => {
            Ok(PageSession { token, access: PageAccess { token: grant.sign(app)?, person } })
        }
    }
}

fn begin(tx: &mut Tx<'_>, id: &ClientId, token_hash: PageSessionTokenHash) -> Result<Decision<Answer>, StoreError> {
    if let Decision::Refused(refusal) = count_token(tx, id)?.decision {
        return Ok(Decision::Refused(refusal));
    }
    let Some(client) = find_unrevoked(tx, id)? else { return Ok(Decision::Done(Answer::Gone)) };
    let Some((person, scopes)) = person_of(&client) else {
        tx.entry(Event::LoginFail).detail(&format!("{AT_THE_PAGE}: no person's client")).append(tx)?;
        return Ok(Decision::Done(Answer::NotOfAPerson));
    };
    let session = SupportSession { token_hash, client_id: id.clone(), started_at: tx.now, last_used_at: tx.now };
    support_sessions::insert(tx, &session)?;
    tx.entry(Event::LoginSuccess).detail(&format!("{AT_THE_PAGE}: {person}")).append(tx)?;
    let grant = Grant::make(tx, client, scopes.into_scopes())?.within(session.token_hash);
    Ok(Decision::Done(Answer::Granted { grant, person }))
}

/// The person whose client it is, with the scopes. A client whose scopes have come to be a program's is no person's.
fn person_of(client: &Client) -> Option<(String, SupportScopes)> {
    Some((client.person.clone()?, SupportScopes::of(client.scopes.clone()).ok()?))
}

/// Gives the page of a live session another access token, which counts as a use. The client is read each time, so a
/// revocation and the loss of a scope count at once (AD-09).
///
/// # Errors
/// [`PageSessionError::Ended`] where the token is of no live session.
pub async fn refresh_page_session(
    app: &App,
    context: &RequestContext,
    token: &str,
) -> Result<PageAccess, PageSessionError> {
    let token_hash = PageSessionTokenHash::of_presented(token);
    // A made-up token takes no turn among those that write.
    let found = app.query(move |tx| support_sessions::find_live(tx, token_hash.as_str())).await?;
    let SupportSession { token_hash, client_id, .. } = found.ok_or(PageSessionError::Ended)?;
    let context = RequestContext { actor: Actor::Client(client_id.clone()), ..context.clone() };
    let answer = app.decide(&context, move |tx| Ok(go_on(tx, &client_id, &token_hash)?)).await?;
    match answer {
        Answer::Gone | Answer::NotOfAPerson => Err(PageSessionError::Ended),
        Answer::Granted { grant, person } => Ok(PageAccess { token: grant.sign(app)?, person }),
    }
}

fn go_on(
    tx: &mut Tx<'_>,
    id: &ClientId,
    token_hash: &PageSessionTokenHash,
) -> Result<Decision<Answer>, StoreError> {
    if let Decision::Refused(refusal) = count_token(tx, id)?.decision {
        return Ok(Decision::Refused(refusal));
    }
    let Some(client) = find_unrevoked(tx, id)? else { return Ok(Decision::Done(Answer::Gone)) };
    let Some((person, scopes)) = person_of(&client) else { return Ok(Decision::Done(Answer::NotOfAPerson)) };
    // The write decides: a sign-out may end the session meanwhile.
    if !support_sessions::set_used(tx, token_hash)? {
        return Ok(Decision::Done(Answer::Gone));
    }
    let grant = Grant::make(tx, client, scopes.into_scopes())?.within(token_hash.clone());
    Ok(Decision::Done(Answer::Granted { grant, person }))
}

/// Ends the session of a token, if there is one.
pub async fn end_page_session(app: &App, context: &RequestContext, token: &str) -> Result<(), IdentityError> {
    let token_hash = PageSessionTokenHash::of_presented(token);
    let Some(session) = app.query(move |tx| support_sessions::find_live(tx, token_hash.as_str())).await? else {
        return Ok(());
    };
    let context = RequestContext { actor: Actor::Client(session.client_id), ..context.clone() };
    app.transact(&context, move |tx| {
        if support_sessions::delete(tx, &session.token_hash)? {
            tx.entry(Event::SessionEnded).detail(AT_THE_PAGE).append(tx)?;
        }
        Ok(())
    })
    .await
}

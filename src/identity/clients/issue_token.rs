//! Access tokens for machine clients (RFC 6749 §4.4).

use crate::{
    app::App,
    identity::{
        abuse::throttle::{Trying, begin_attempt},
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        Allowance, StoreError, Transaction,
        audit_events::Event,
        clients::{self, Client},
        rate_limits,
    },
    types::{Actor, ClientId, ClientSecretHash, PageSessionTokenHash, RequestContext, Scopes, UtcTime},
};

/// An access token for a client.
pub struct MachineToken {
    /// The signed token, an RFC 9068 JWT.
    pub access_token: String,
    /// The lifetime of the token in seconds.
    pub expires_in: u64,
    /// The scopes that the token grants.
    pub scope: Scopes,
}

/// Why a client gets no token.
#[derive(Debug)]
pub enum IssueError {
    /// The client is unknown or revoked, or the secret is wrong. The caller cannot tell these apart.
    InvalidClient,
    /// The secret is right, but a requested scope does not exist or was not granted to the client.
    InvalidScope,
    /// Too many wrong secrets came before, or the service has failed.
    Other(IdentityError),
}

impl From<IdentityError> for IssueError {
    fn from(error: IdentityError) -> Self {
        Self::Other(error)
    }
}

/// A client that has presented its secret.
pub struct ProvenClient(pub(super) ClientId);

/// How the transaction answers a request for a token.
enum Answer {
    Granted(Grant),
    InvalidClient,
    InvalidScope,
}

/// Takes one token from the limit of the client. A thief of its secret, and a program that asks for a token before
/// each call, fill the audit trail no faster than that.
pub(super) fn count_token(tx: &mut Tx<'_>, id: &ClientId) -> Result<Decision<()>, StoreError> {
    let Some(limit) = tx.app.config.limits.client_tokens else { return Ok(Decision::Done(())) };
    let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &format!("client_tokens/{id}"), limit)? else {
        return Ok(Decision::Done(()));
    };
    tx.note_refusal(RefusingLimit::ClientTokens);
    Ok(Decision::Refused(Refusal::TooManyAttempts(wait)))
}

/// What the token to sign grants, to whom and from when on.
pub(super) struct Grant {
    client_id: ClientId,
    scope: Scopes,
    /// The session of the support page that the token belongs to.
    page_session: Option<PageSessionTokenHash>,
    granted_at: UtcTime,
}

/// Checks the secret that a client presents. An unknown client, a revoked client and a wrong secret cost the same and get
/// one answer. Wrong secrets are slowed down. The right secret is always accepted: nobody guesses 256 bits, and someone
/// who knows only the id of a client must not be able to lock it out.
///
/// # Errors
/// [`IssueError::InvalidClient`] for every client that is not authenticated.
pub async fn prove(
    app: &App,
    context: &RequestContext,
    client_id: &str,
    client_secret: &str,
) -> Result<ProvenClient, IssueError> {
    // Text that cannot be an id is neither counted nor logged: it may be a secret in the wrong field (LO-04).
    let id = ClientId::parse(client_id).ok_or(IssueError::InvalidClient)?;
    let presented = ClientSecretHash::of_presented(client_secret);
    let wanted = id.clone();
    let found = app.query(move |tx| find_proven(tx, &wanted, &presented)).await.map_err(IdentityError::from)?;
    if found.is_some() {
        return Ok(ProvenClient(id));
    }
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    app.decide(&context, move |tx| Ok(count_failure(tx, &id)?)).await?;
    Err(IssueError::InvalidClient)
}

/// Gives a client a token for all of its scopes, or for those that it requests (RFC 6749 §3.3, §4.4).
///
/// # Errors
/// [`IssueError::InvalidScope`]; [`IssueError::InvalidClient`] where the client was revoked meanwhile;
/// [`Refusal::TooManyAttempts`] where it has got too many tokens of late.
pub async fn issue_token(
    app: &App,
    context: &RequestContext,
    ProvenClient(id): ProvenClient,
    requested_scope: Option<&str>,
) -> Result<MachineToken, IssueError> {
    let requested_scope = requested_scope.map(str::to_owned);
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    let answered = app.decide(&context, move |tx| match count_token(tx, &id)? {
        Decision::Refused(refusal) => Ok(Decision::Refused(refusal)),
        Decision::Done(()) => Ok(Decision::Done(answer(tx, &id, requested_scope.as_deref())?)),
    });
    let answer = answered.await?;
    match answer {
        Answer::InvalidClient => Err(IssueError::InvalidClient),
        Answer::InvalidScope => Err(IssueError::InvalidScope),
        Answer::Granted(grant) => Ok(grant.sign(app)?),
    }
}

impl Grant {
    /// Appends to the audit trail that the client gets a token.
    pub(super) fn make(tx: &mut Tx<'_>, client: Client, scope: Scopes) -> Result<Self, StoreError> {
        clients::set_used(tx, &client)?;
        tx.entry(Event::TokenCreated).detail(scope.as_str()).append(tx)?;
        Ok(Self { client_id: client.id, scope, page_session: None, granted_at: tx.now })
    }

    /// Binds the token to a session of the support page.
    pub(super) fn within(self, page_session: PageSessionTokenHash) -> Self {
        Self { page_session: Some(page_session), ..self }
    }

    /// The signed token.
    pub(super) fn sign(self, app: &App) -> Result<MachineToken, IdentityError> {
        let access_token =
            app.signer.sign_machine(&self.client_id, &self.scope, self.page_session.as_ref(), self.granted_at)?;
        Ok(MachineToken { access_token, expires_in: app.signer.lifetime_seconds(), scope: self.scope })
    }
}

/// The client with this id, where it is not revoked.
pub(super) fn find_unrevoked(tx: &mut Transaction<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    Ok(clients::find(tx, id)?.filter(|client| client.revoked_at.is_none()))
}

fn answer(tx: &mut Tx<'_>, id: &ClientId, requested_scope: Option<&str>) -> Result<Answer, StoreError> {
    let Some(client) = find_unrevoked(tx, id)? else { return Ok(Answer::InvalidClient) };
    let Some(scope) = scope_to_grant(&client, requested_scope) else { return Ok(Answer::InvalidScope) };
    Ok(Answer::Granted(Grant::make(tx, client, scope)?))
}

/// The client with this id, where it is not revoked and the presented secret is its own.
fn find_proven(
    tx: &mut Transaction<'_>,
    id: &ClientId,
    presented: &ClientSecretHash,
) -> Result<Option<Client>, StoreError> {
    let client = find_unrevoked(tx, id)?;
    // A comparison takes place even without a client.
    let stored = client
        .as_ref()
        .map_or_else(|| ClientSecretHash::of_presented("of no client"), |client| client.secret_hash.clone());
    let is_right = stored.matches(presented);
    Ok(client.filter(|_| is_right))
}

/// The scopes of the token; `None` where the client requests a scope that it does not have.
fn scope_to_grant(client: &Client, requested: Option<&str>) -> Option<Scopes> {
    let Some(requested) = requested else { return Some(client.scopes.clone()) };
    Scopes::parse(requested).ok().filter(|requested| requested.are_within(&client.scopes))
}

/// Counts a wrong secret and appends to the audit trail. After too many wrong secrets the attempt is refused, which the
/// audit trail shows only once.
fn count_failure(tx: &mut Tx<'_>, id: &ClientId) -> Result<Decision<()>, StoreError> {
    // The attempt has failed already, so its count is never taken back.
    let refused = tx.entry(Event::LoginFailMax);
    if let Decision::Refused(refusal) = begin_attempt(tx, &Trying::Client(id), &refused)? {
        return Ok(Decision::Refused(refusal));
    }
    tx.entry(Event::LoginFail).detail("client secret").append(tx)?;
    Ok(Decision::Done(()))
}

//! Access tokens for machine clients (RFC 6749 §4.4).

use super::{
    metered::Metered,
    prove::{ProvenClient, find_unrevoked},
};
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        Allowance, Quota, StoreError,
        audit_events::Event,
        clients::{self, Client},
        rate_limits,
    },
    types::{Actor, ClientId, PageSessionTokenHash, RequestContext, Scopes, UtcTime},
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
    /// The client was revoked a moment ago.
    InvalidClient,
    /// A requested scope does not exist or was not granted to the client.
    InvalidScope,
    /// The client has got too many tokens of late, or the service has failed.
    Other(IdentityError),
}

impl From<IdentityError> for IssueError {
    fn from(error: IdentityError) -> Self {
        Self::Other(error)
    }
}

/// How the transaction answers a request for a token.
enum Answer {
    Granted(Grant),
    InvalidClient,
    InvalidScope,
}

/// What counting a token has come to.
pub(super) struct TokenCount {
    pub(super) decision: Decision<()>,
    quota: Option<Quota>,
}

/// Takes one token from the limit of the client. A thief of its secret, and a program that asks for a token before
/// each call, fill the audit trail no faster than that.
pub(super) fn count_token(tx: &mut Tx<'_>, id: &ClientId) -> Result<TokenCount, StoreError> {
    let Some(limit) = tx.app.config.limits.client_tokens else {
        return Ok(TokenCount { decision: Decision::Done(()), quota: None });
    };
    let (allowance, quota) = rate_limits::take_quota(tx, &format!("client_tokens/{id}"), limit)?;
    let decision = match allowance {
        Allowance::Granted => Decision::Done(()),
        Allowance::Exhausted(wait) => {
            tx.note_refusal(RefusingLimit::ClientTokens);
            Decision::Refused(Refusal::TooManyAttempts(wait))
        }
    };
    Ok(TokenCount { decision, quota: Some(quota) })
}

/// What the token to sign grants, to whom and from when on.
pub(super) struct Grant {
    client_id: ClientId,
    scope: Scopes,
    /// The session of the support page that the token belongs to.
    page_session: Option<PageSessionTokenHash>,
    granted_at: UtcTime,
}

/// Gives a client a token for all of its scopes, or for those that it requests (RFC 6749 §3.3, §4.4).
///
/// The outcome is [`IssueError::InvalidScope`], [`IssueError::InvalidClient`] where the client was revoked meanwhile, or
/// [`Refusal::TooManyAttempts`] where it has got too many tokens of late.
pub async fn issue_token(
    app: &App,
    context: &RequestContext,
    ProvenClient(id): ProvenClient,
    requested_scope: Option<&str>,
) -> Metered<MachineToken, IssueError> {
    let requested_scope = requested_scope.map(str::to_owned);
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    let answered = app.transact(&context, move |tx| {
        let TokenCount { decision, quota } = count_token(tx, &id)?;
        let answer = match decision {
            Decision::Refused(refusal) => Decision::Refused(refusal),
            Decision::Done(()) => Decision::Done(answer(tx, &id, requested_scope.as_deref())?),
        };
        Ok((answer, quota))
    });
    let (answer, quota) = match answered.await {
        Ok(answered) => answered,
        Err(error) => return Metered::uncounted(Err(error.into())),
    };
    let outcome = match answer {
        Decision::Refused(refusal) => Err(IdentityError::from(refusal).into()),
        Decision::Done(Answer::InvalidClient) => Err(IssueError::InvalidClient),
        Decision::Done(Answer::InvalidScope) => Err(IssueError::InvalidScope),
        Decision::Done(Answer::Granted(grant)) => grant.sign(app).map_err(IssueError::from),
    };
    Metered { outcome, quota }
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

fn answer(tx: &mut Tx<'_>, id: &ClientId, requested_scope: Option<&str>) -> Result<Answer, StoreError> {
    let Some(client) = find_unrevoked(tx, id)? else { return Ok(Answer::InvalidClient) };
    let Some(scope) = scope_to_grant(&client, requested_scope) else { return Ok(Answer::InvalidScope) };
    Ok(Answer::Granted(Grant::make(tx, client, scope)?))
}

/// The scopes of the token; `None` where the client requests a scope that it does not have.
fn scope_to_grant(client: &Client, requested: Option<&str>) -> Option<Scopes> {
    let Some(requested) = requested else { return Some(client.scopes.clone()) };
    Scopes::parse(requested).ok().filter(|requested| requested.are_within(&client.scopes))
}

//! Whether a machine client is who it says: by its secret (RFC 6749 §2.3.1), or by an assertion that it has signed
//! (RFC 7523).

use crate::{
    app::App,
    crypto::{AssertionUse, ClientAssertion, ClientKeys},
    identity::{
        abuse::throttle::{Trying, begin_attempt},
        refusal::IdentityError,
        transaction::{Decision, Tx},
    },
    store::{
        StoreError, Transaction,
        audit_events::Event,
        clients::{self, Client},
        spent_assertions,
    },
    types::{Actor, ClientId, ClientSecretHash, RequestContext},
};

/// Why a client is not authenticated.
#[derive(Debug)]
pub enum ProveError {
    /// The client is unknown or revoked, or its secret or its assertion is wrong. The caller cannot tell these apart.
    InvalidClient,
    /// Too many wrong credentials came before, or the service has failed.
    Other(IdentityError),
}

impl From<IdentityError> for ProveError {
    fn from(error: IdentityError) -> Self {
        Self::Other(error)
    }
}

/// A client that has authenticated itself.
pub struct ProvenClient(pub(super) ClientId);

impl ProvenClient {
    /// The id of the client.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        &self.0
    }
}

/// Checks the secret that a client presents. An unknown client, a revoked client, a client without a secret and a wrong
/// secret cost the same and get one answer. Wrong secrets are slowed down. The right secret is always accepted: nobody
/// guesses 256 bits, and someone who knows only the id of a client must not be able to lock it out.
///
/// # Errors
/// [`ProveError::InvalidClient`] for every client that is not authenticated.
pub async fn prove(
    app: &App,
    context: &RequestContext,
    client_id: &str,
    client_secret: &str,
) -> Result<ProvenClient, ProveError> {
    // Text that cannot be an id is neither counted nor logged: it may be a secret in the wrong field (LO-04).
    let id = ClientId::parse(client_id).ok_or(ProveError::InvalidClient)?;
    let presented = ClientSecretHash::of_presented(client_secret);
    let wanted = id.clone();
    let is_right = app.query(move |tx| is_secret_of(tx, &wanted, &presented)).await.map_err(IdentityError::from)?;
    if is_right { Ok(ProvenClient(id)) } else { Err(fail(app, context, id, "client secret").await) }
}

/// Checks the assertion that a client presents; `client_id` is what the client says beside it. Each assertion serves once.
///
/// # Errors
/// As [`prove`].
pub async fn prove_by_assertion(
    app: &App,
    context: &RequestContext,
    client_id: Option<&str>,
    assertion: &str,
) -> Result<ProvenClient, ProveError> {
    let assertion = ClientAssertion::read(assertion).ok_or(ProveError::InvalidClient)?;
    let id = assertion.client_id().ok_or(ProveError::InvalidClient)?;
    if client_id.is_some_and(|named| named != id.as_str()) {
        return Err(ProveError::InvalidClient);
    }
    let wanted = id.clone();
    let client = app.query(move |tx| find_unrevoked(tx, &wanted)).await.map_err(IdentityError::from)?;
    let keys = client.and_then(|client| keys_of(&client));
    let token_endpoint = app.links.token_endpoint();
    let audiences = [app.signer.issuer(), token_endpoint.as_str()];
    if let Some(used) = assertion.verify(keys.as_ref(), audiences, app.clock.now())
        && consume(app, used).await?
    {
        return Ok(ProvenClient(id));
    }
    Err(fail(app, context, id, "client assertion").await)
}

/// The client with this id, where it is not revoked.
pub(super) fn find_unrevoked(tx: &mut Transaction<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    Ok(clients::find(tx, id)?.filter(|client| client.revoked_at.is_none()))
}

/// Whether the presented secret is one of the client's, which is not revoked. Two comparisons take place whether or not
/// there is a client, and however many secrets it has.
fn is_secret_of(tx: &mut Transaction<'_>, id: &ClientId, presented: &ClientSecretHash) -> Result<bool, StoreError> {
    let client = find_unrevoked(tx, id)?;
    let decoy = ClientSecretHash::of_presented("of no client");
    let (present, previous) = client.as_ref().map_or((None, None), |client| {
        (Some(&client.secret_hash).filter(|hash| hash.is_of_a_secret()), client.previous_secret_hash.as_ref())
    });
    let matches =
        |stored: Option<&ClientSecretHash>| stored.unwrap_or(&decoy).matches(presented) & stored.is_some();
    Ok(matches(present) | matches(previous))
}

fn keys_of(client: &Client) -> Option<ClientKeys> {
    match ClientKeys::parse(client.jwks.as_deref()?) {
        Ok(keys) => Some(keys),
        Err(error) => {
            tracing::error!(client.id = %client.id, %error, "the stored keys of a client cannot be read");
            None
        }
    }
}

async fn consume(app: &App, AssertionUse { id, expires_at }: AssertionUse) -> Result<bool, IdentityError> {
    Ok(app.database.write_alone(move |tx| spent_assertions::consume(tx, &id, expires_at)).await?)
}

/// Counts a failure, and appends it to the audit trail. After too many failures the attempt is refused, which the audit trail
/// shows only once.
async fn fail(app: &App, context: &RequestContext, id: ClientId, what: &'static str) -> ProveError {
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    match app.decide(&context, move |tx| Ok(count_failure(tx, &id, what)?)).await {
        Ok(()) => ProveError::InvalidClient,
        Err(error) => error.into(),
    }
}

fn count_failure(tx: &mut Tx<'_>, id: &ClientId, what: &'static str) -> Result<Decision<()>, StoreError> {
    // The attempt has failed already, so its count is never taken back.
    let refused = tx.entry(Event::LoginFailMax);
    if let Decision::Refused(refusal) = begin_attempt(tx, &Trying::Client(id), &refused)? {
        return Ok(Decision::Refused(refusal));
    }
    tx.entry(Event::LoginFail).detail(what).append(tx)?;
    Ok(Decision::Done(()))
}

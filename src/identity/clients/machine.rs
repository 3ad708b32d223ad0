//! Machine clients: programs that authenticate by themselves (RFC 6749 §4.4).

use crate::{
    app::App,
    identity::{
        abuse::throttle::{Trying, begin_attempt},
        refusal::{IdentityError, Refusal},
        sessions::authenticate::verified,
    },
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
        clients::{self, Client, NewClient},
    },
    types::{ClientId, ClientSecret, ClientSecretHash, RequestContext, Scope, Scopes, UtcTime, random_bytes},
};

/// Makes a client. Its secret is nowhere but in the answer (AD-08). Another one is made beside it to change the
/// secret without a gap.
pub async fn create(
    app: &App,
    name: String,
    scopes: Scopes,
    actor: &str,
) -> Result<(Client, ClientSecret), IdentityError> {
    let now = app.clock.now();
    let secret = ClientSecret::from_bits(random_bytes());
    let client = NewClient {
        id: ClientId::mint(),
        name,
        scopes,
        secret_hash: secret.hash(),
        created_at: now,
        created_by: actor.to_owned(),
    };
    let entry = Entry::by(actor, Event::ClientCreated, now).detail(&format!("{}: {}", client.id, client.scopes));
    let client = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            let client = clients::insert(tx, &client)?;
            audit_events::append(tx, &entry)?;
            Ok(client)
        })
        .await?;
    Ok((client, secret))
}

/// Ends a client and, here, its tokens at once (AD-09). `None` where there is no such client, `Some(false)` where
/// it was revoked already.
pub async fn revoke(app: &App, id: ClientId, actor: &str) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let entry = Entry::by(actor, Event::ClientRevoked, now).detail(id.as_str());
    Ok(app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            if clients::find(tx, &id)?.is_none() {
                return Ok(None);
            }
            let changed = clients::set_revoked(tx, &id)?;
            if changed {
                audit_events::append(tx, &entry)?;
            }
            Ok(Some(changed))
        })
        .await?)
}

/// A token for a client.
pub struct MachineToken {
    /// An RFC 9068 JWT.
    pub access_token: String,
    /// Its life, in seconds.
    pub expires_in: u64,
    /// What it allows.
    pub scope: Scopes,
}

/// Why a client gets no token.
#[derive(Debug)]
pub enum IssueError {
    /// Unknown, revoked, or not its secret: one and the same.
    InvalidClient,
    /// The right secret, but a scope that does not exist or is not the client's.
    InvalidScope,
    /// Too many wrong secrets, or our matter.
    Other(IdentityError),
}

impl From<StoreError> for IssueError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// Gives a client a token, for all of its scopes or for those it asks for (RFC 6749 §3.3, §4.4). Unknown client,
/// revoked client and wrong secret cost the same and get one answer. Wrong secrets are slowed down; the right one
/// always serves, since 256 bits are not guessed and nobody is to lock a client out who merely knows its id.
pub async fn issue_token(
    app: &App,
    context: &RequestContext,
    client_id: &str,
    client_secret: &str,
    requested_scope: Option<&str>,
) -> Result<MachineToken, IssueError> {
    // What no client can be called is neither counted nor noted: it may be a secret in the wrong place (LO-04).
    let id = ClientId::parse(client_id).ok_or(IssueError::InvalidClient)?;
    let presented = ClientSecretHash::of_presented(client_secret);
    let requested = requested_scope.map(Scopes::parse);
    let (enforced, now, context) = (app.limits.enforced, app.clock.now(), context.clone());
    let proven = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            let Some(client) = find_proven(tx, &id, &presented)? else {
                return Ok(Err(note_failure(tx, enforced, &context, &id, now)?));
            };
            let scope = match requested {
                None => client.scopes.clone(),
                Some(Ok(scope)) if scope.are_within(&client.scopes) => scope,
                Some(_) => return Ok(Err(IssueError::InvalidScope)),
            };
            clients::set_used(tx, &client)?;
            let entry = Entry::by_client(&context, &id, Event::TokenCreated, now).detail(scope.as_str());
            audit_events::append(tx, &entry)?;
            Ok(Ok((client, scope)))
        })
        .await?;
    if let Err(IssueError::Other(IdentityError::Refused(Refusal::TooManyAttempts(_)))) = &proven {
        app.metrics.rate_limited("client_secret");
    }
    let (client, scope) = proven?;
    let signed = app.signer.sign_machine(&client.id, &scope, now);
    let access_token = signed.map_err(|fault| IssueError::Other(fault.into()))?;
    Ok(MachineToken { access_token, expires_in: app.signer.lifetime().as_secs(), scope })
}

/// The live client that this secret belongs to.
fn find_proven(
    tx: &mut Transaction<'_>,
    id: &ClientId,
    presented: &ClientSecretHash,
) -> Result<Option<Client>, StoreError> {
    let client = clients::find(tx, id)?.filter(|client| client.revoked_at.is_none());
    // Something is compared in any case.
    let stored = client
        .as_ref()
        .map_or_else(|| ClientSecretHash::of_presented("of no client"), |client| client.secret_hash.clone());
    let is_right = stored.matches(presented);
    Ok(client.filter(|_| is_right))
}

/// Counts and notes a wrong secret, unless there were so many that it is turned away: that is noted once (LO-01).
fn note_failure(
    tx: &mut Transaction<'_>,
    enforced: bool,
    context: &RequestContext,
    id: &ClientId,
    now: UtcTime,
) -> Result<IssueError, StoreError> {
    let turned_away = Entry::by_client(context, id, Event::LoginFailMax, now);
    // The attempt has failed already, so it stays counted.
    if let Err(error) = begin_attempt(tx, enforced, &Trying::Client(id), &turned_away, now)? {
        return Ok(IssueError::Other(error.into()));
    }
    let entry = Entry::by_client(context, id, Event::LoginFail, now).detail("client secret");
    audit_events::append(tx, &entry)?;
    Ok(IssueError::InvalidClient)
}

/// A client that calls.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Which one.
    pub client_id: ClientId,
    /// For people.
    pub name: String,
    /// What it may do with this token.
    pub scopes: Scopes,
}

/// The client whose access token this is, if the token allows `scope`. The client is read every time: revoking it
/// or taking a scope from it counts at once, elsewhere when the token expires (AD-09).
pub async fn authenticate(app: &App, access_token: &str, scope: Scope) -> Result<Machine, IdentityError> {
    let now = app.clock.now();
    let claims = verified(app, |signer| signer.verify_machine(access_token, now)).await?;
    let id = claims.sub.clone();
    let found = app.database.read(move |tx| -> Result<_, StoreError> { clients::find(tx, &id) }).await?;
    let client = found.filter(|client| client.revoked_at.is_none()).ok_or(Refusal::InvalidToken)?;
    let scopes = claims.scope.shared_with(&client.scopes);
    if !scopes.contains(scope) {
        tracing::warn!(client.id = %client.id, needed = %scope, "scope missing");
        return Err(Refusal::InsufficientScope(scope).into());
    }
    let machine = Machine { client_id: client.id.clone(), name: client.name.clone(), scopes };
    if client.use_is_news(now) {
        app.database.write(move |tx| clients::set_used(tx, &client)).await?;
    }
    Ok(machine)
}

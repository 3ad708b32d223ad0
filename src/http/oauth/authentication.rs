//! Who calls an endpoint of OAuth 2.0: the credentials of the client, in the header or in the form (RFC 6749 §2.3,
//! RFC 7521 §4.2).

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use secrecy::ExposeSecret as _;

use super::{client_credentials::BasicClient, error::OAuthError, form::Form};
use crate::{
    app::App,
    http::door::body::UnreadBody,
    identity::clients::{ProveError, ProvenClient, prove, prove_by_assertion},
    types::{Actor, RequestContext},
};

const TWICE_AUTHENTICATED: OAuthError = OAuthError::InvalidRequest("the client authenticates in more than one way");
const ANOTHER_CLIENT: OAuthError =
    OAuthError::InvalidRequest("the parameter client_id names another client than HTTP Basic does");
const HALF_AN_ASSERTION: OAuthError =
    OAuthError::InvalidRequest("client_assertion and client_assertion_type go together");
/// The one type of assertion that is taken (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// What authenticates a client in a form.
const AUTHENTICATING_PARAMETERS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// What stands in the header `Authorization`.
pub(in crate::http) enum Credentials {
    /// The header is not there: the credentials are in the form.
    InForm,
    /// The id and the secret by HTTP Basic.
    Basic(BasicClient),
    /// Something else, which authenticates no client.
    Unusable,
}

impl Credentials {
    fn read(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Self::InForm;
        }
        BasicClient::read(headers).map_or(Self::Unusable, Self::Basic)
    }
}

impl FromRequest for Credentials {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::read(request.headers())))
    }
}

/// A form and the client that has sent it.
pub(super) struct Authenticated {
    pub(super) client: ProvenClient,
    pub(super) form: Form,
}

/// Authenticates the client and reads the form. Of a client that HTTP Basic does not authenticate, no form is read.
pub(super) async fn authenticate(
    app: &App,
    context: &RequestContext,
    credentials: Credentials,
    body: UnreadBody,
) -> Result<Authenticated, OAuthError> {
    let actor = body.actor_slot();
    let authenticated = read_authenticated(app, context, credentials, body).await?;
    actor.set(Actor::Client(authenticated.client.id().clone()));
    Ok(authenticated)
}

async fn read_authenticated(
    app: &App,
    context: &RequestContext,
    credentials: Credentials,
    body: UnreadBody,
) -> Result<Authenticated, OAuthError> {
    match credentials {
        Credentials::Unusable => Err(OAuthError::InvalidClient),
        Credentials::Basic(basic) => {
            let client = prove(app, context, &basic.id, basic.secret.expose_secret()).await?;
            let form = Form::read(body).await?;
            check_no_other_client(&basic, &form)?;
            Ok(Authenticated { client, form })
        }
        Credentials::InForm => {
            // What is no form authenticates nobody.
            let form = Form::read_if_declared(body).await?.ok_or(OAuthError::InvalidClient)?;
            let client = prove_by_form(app, context, &form).await?;
            Ok(Authenticated { client, form })
        }
    }
}

async fn prove_by_form(app: &App, context: &RequestContext, form: &Form) -> Result<ProvenClient, OAuthError> {
    let client_id = form.get("client_id");
    match AUTHENTICATING_PARAMETERS.map(|name| form.get(name)) {
        [Some(secret), None, None] => {
            Ok(prove(app, context, client_id.ok_or(OAuthError::InvalidClient)?, secret).await?)
        }
        [None, Some(assertion), Some(JWT_BEARER)] => {
            Ok(prove_by_assertion(app, context, client_id, assertion).await?)
        }
        [None, None, None] | [None, Some(_), Some(_)] => Err(OAuthError::InvalidClient),
        [None, ..] => Err(HALF_AN_ASSERTION),
        [Some(_), ..] => Err(TWICE_AUTHENTICATED),
    }
}

/// Refuses a form that authenticates the client once more, or that names another client (RFC 6749 §2.3 and §5.2).
fn check_no_other_client(client: &BasicClient, form: &Form) -> Result<(), OAuthError> {
    if AUTHENTICATING_PARAMETERS.into_iter().any(|name| form.get(name).is_some()) {
        return Err(TWICE_AUTHENTICATED);
    }
    if form.get("client_id").is_some_and(|id| id != client.id) { Err(ANOTHER_CLIENT) } else { Ok(()) }
}

impl From<ProveError> for OAuthError {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::InvalidClient => Self::InvalidClient,
            ProveError::Other(error) => error.into(),
        }
    }
}

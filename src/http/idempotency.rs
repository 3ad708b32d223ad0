//! `Idempotency-Key`: a call that creates something may be repeated, and is answered as before (AP-10;
//! draft-ietf-httpapi-idempotency-key-header).
//!
//! An operation takes it in three places: [`IdempotencyKey`] among the arguments of its handler, [`once`] around its use
//! case, and the parameter in its description. Its use case hands the recording on to the transaction in which it acts.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::Payload,
    http::{StatusCode, header::HeaderMap},
};
use serde::Serialize;

use super::{door::caller::MachineCaller, problem::Problem};
use crate::{
    app::App,
    identity::{
        Field, FieldError, IdentityError,
        idempotency::{self, Answer, Begun, Call, Recording, Repeats},
    },
    types::Fault,
};

/// The name of the header.
pub(in crate::http) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// What the description of an operation says about the header.
pub(in crate::http) const DESCRIPTION: &str = "A value of your choice, new for each new request, of 1 to 255 ASCII \
    characters without spaces, such as a UUID. A repetition with the same body is answered as before for 24 hours, and \
    nothing is done twice. With another body it is a 422, and a 409 while the first call is being answered.";

const LONGEST_KEY: usize = 255;

/// The `Idempotency-Key` of a call; `None` where it has none.
pub(in crate::http) struct IdempotencyKey(Result<Option<String>, FieldError>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.headers()))))
    }
}

fn read(headers: &HeaderMap) -> Result<Option<String>, FieldError> {
    let invalid = || FieldError::invalid_format(Field::IdempotencyKey);
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid());
    }
    let key = first
        .to_str()
        .ok()
        .filter(|key| (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    key.map(|key| Some(key.to_owned())).ok_or_else(invalid)
}

impl IdempotencyKey {
    /// What is wrong with the header, for the list of all wrong fields.
    pub(in crate::http) fn error(&self) -> Option<FieldError> {
        self.0.as_ref().err().copied()
    }
}

/// An operation that may be repeated.
#[derive(Clone, Copy)]
pub(in crate::http) struct Repeatable {
    /// The id of the operation in the document.
    pub(in crate::http) operation: &'static str,
    /// Whether its answer may be repeated.
    pub(in crate::http) repeats: Repeats,
}

/// Does the work of a call once, however often it is repeated with the same key. `body` is the request without its secret
/// fields. `work` is the use case, which stores what `render` makes of its outcome in the transaction in which it acts.
/// The caller is authenticated, and its limits are counted, before this is called.
pub(in crate::http) async fn once<T, Working>(
    (app, caller): (&App, &MachineCaller),
    repeatable: Repeatable,
    (key, body): (IdempotencyKey, &impl Serialize),
    render: impl Fn(&T) -> Answer + Clone + Send + 'static,
    work: impl FnOnce(Option<Recording<T>>) -> Working,
) -> Result<HttpResponse, Problem>
where
    Working: Future<Output = Result<T, IdentityError>>,
{
    let Some(key) = key.0.map_err(|error| Problem::ValidationFailed(vec![error]))? else {
        return respond(&render(&work(None).await?));
    };
    let body = serde_json::to_vec(body).map_err(|error| Fault::internal("writing a body to compare", error))?;
    let Repeatable { operation, repeats } = repeatable;
    let call = Call { client: caller.machine.client_id.clone(), operation, key, body };
    let ticket = match idempotency::begin(app, &caller.context, call).await? {
        Begun::Answered(answer) => return respond(&answer),
        Begun::First(ticket) => ticket,
    };
    match work(Some(Recording::new(ticket.clone(), repeats, render.clone()))).await {
        Ok(outcome) => respond(&render(&outcome)),
        Err(error) => {
            idempotency::release(app, &caller.context, ticket).await?;
            Err(error.into())
        }
    }
}

fn respond(answer: &Answer) -> Result<HttpResponse, Problem> {
    let status =
        StatusCode::from_u16(answer.status).map_err(|error| Fault::internal("repeating an answer", error))?;
    let mut response = HttpResponseBuilder::new(status);
    for (name, value) in &answer.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    Ok(response.content_type("application/json").body(answer.body.clone()))
}

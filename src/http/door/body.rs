//! Reads request bodies up to a limit of size (AP-03, AP-04). `inbound` limits the time.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt as _;

use super::actor_slot::ActorSlot;
use crate::http::problem::Problem;

/// The greatest body from a front end, in bytes. Real requests need far less.
pub(in crate::http) const LARGEST_BODY: usize = 16 * 1024;
/// The greatest body of delivery events, in bytes. Mail APIs send events in batches.
pub(in crate::http) const LARGEST_EVENTS: usize = 256 * 1024;
/// The greatest body of an import, in bytes.
pub(in crate::http) const LARGEST_IMPORT: usize = 8 * 1024 * 1024;

/// The body of a request, as long as nobody has read it. A handler that has to know its caller takes the body in this
/// form, and reads it once it knows: what a stranger sends is not held.
pub(in crate::http) struct UnreadBody {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for UnreadBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}

impl UnreadBody {
    /// Where the request keeps its actor.
    pub(in crate::http) fn actor_slot(&self) -> ActorSlot {
        ActorSlot::of(&self.request)
    }

    /// Reads the whole body. Another media type, another character encoding, a compressed body and a body above the
    /// limit are refused.
    pub(in crate::http) async fn read(self, media_type: &str, largest: usize) -> Result<Bytes, Problem> {
        let Self { request, payload } = self;
        check_media_type(&request, media_type)?;
        let declared = declared_length(request.headers());
        if declared.is_some_and(|length| length > largest) {
            return Err(Problem::PayloadTooLarge);
        }
        read(payload, BytesMut::with_capacity(declared.unwrap_or(0)), largest).await
    }
}

impl UnreadBody {
    /// Whether the body is empty and declares no type, as the body of a call without fields may be. Another body is read
    /// as one that declares its type.
    pub(in crate::http) async fn is_left_out(&mut self) -> Result<bool, Problem> {
        if self.request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(false);
        }
        let payload = std::mem::replace(&mut self.payload, Payload::None);
        let body = read(payload, BytesMut::new(), LARGEST_BODY).await?;
        if body.is_empty() { Ok(true) } else { Err(Problem::UnsupportedMediaType) }
    }
}

fn check_media_type(request: &HttpRequest, media_type: &str) -> Result<(), Problem> {
    let headers = request.headers();
    let plain = is_identity(headers);
    let mime = request.mime_type().ok().flatten();
    let right = mime.is_some_and(|mime| {
        mime.essence_str().eq_ignore_ascii_case(media_type)
            && mime.params().all(|(name, value)| name == "charset" && value.as_str().eq_ignore_ascii_case("utf-8"))
    });
    if !right || !plain || headers.get_all(header::CONTENT_TYPE).count() != 1 {
        return Err(Problem::UnsupportedMediaType);
    }
    Ok(())
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_identity(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Reads into the room for a body, which grows where the length was not declared.
async fn read(mut payload: Payload, mut body: BytesMut, largest: usize) -> Result<Bytes, Problem> {
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::MalformedRequest(None))?;
        if body.len() + chunk.len() > largest {
            return Err(Problem::PayloadTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

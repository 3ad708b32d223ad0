//! Reads request bodies up to a limit of size and time (AP-03, AP-04).

use std::time::Duration;

use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use tokio::time;

use crate::http::problem::Problem;

/// The greatest body from a front end, in bytes. Real requests need far less.
pub(in crate::http) const LARGEST_BODY: usize = 16 * 1024;
/// The greatest body of delivery events, in bytes. Mail APIs send events in batches.
pub(in crate::http) const LARGEST_EVENTS: usize = 1024 * 1024;
/// The time within which a whole body has to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the whole body. Another media type, another character encoding, a compressed body and a body above the limit
/// are refused.
pub(in crate::http) fn read_body(
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &str,
    largest: usize,
) -> LocalBoxFuture<'static, Result<Bytes, Problem>> {
    let declared = check_head(request, media_type, largest);
    let payload = payload.take();
    Box::pin(async move {
        declared?;
        time::timeout(BODY_TIMEOUT, read(payload, largest)).await.map_err(|_| Problem::MalformedRequest)?
    })
}

fn check_head(request: &HttpRequest, media_type: &str, largest: usize) -> Result<(), Problem> {
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
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > largest) {
        return Err(Problem::PayloadTooLarge);
    }
    Ok(())
}

fn is_identity(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn read(mut payload: Payload, largest: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::MalformedRequest)?;
        if body.len() + chunk.len() > largest {
            return Err(Problem::PayloadTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

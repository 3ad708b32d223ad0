//! The answer of another service, read up to a limit.

use reqwest::{Response, StatusCode, header::HeaderMap};

use super::failure::CallFailure;

/// An answer: status, headers, and as much of the body as arrived within the limits.
pub(crate) struct OutboundAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
    cut_short: Option<CallFailure>,
}

impl OutboundAnswer {
    /// Reads the body until its end, its failure, or `longest` bytes.
    pub(super) async fn read(mut response: Response, longest: usize) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        let cut_short = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = longest.saturating_sub(body.len());
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                    if chunk.len() > room {
                        break Some(CallFailure::TooLong);
                    }
                }
                Ok(None) => break None,
                Err(error) => break Some(CallFailure::from(error)),
            }
        };
        Self { status, headers, body, cut_short }
    }

    /// What arrived of the body, be it whole or not.
    pub(crate) fn received(&self) -> &[u8] {
        &self.body
    }

    /// The whole body, or why it did not arrive whole.
    pub(crate) fn whole_body(self) -> Result<Vec<u8>, CallFailure> {
        match self.cut_short {
            None => Ok(self.body),
            Some(failure) => Err(failure),
        }
    }
}

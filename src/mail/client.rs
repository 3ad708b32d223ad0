//! The client of one mail API: one call for one mail.

use std::time::Duration;

use url::Url;

use super::{
    answer::Answer, api_account::ApiAccount, hand_over::HandOver, mail_api::MailApi, outgoing::OutgoingMail,
    registry::mail_api,
};
use crate::{
    config::{MailConfig, MailProviderKind},
    outbound::{ExchangeLimits, OutboundClient, retry_after},
    types::Fault,
};

const LIMITS: ExchangeLimits = ExchangeLimits {
    // Well below a job's lease: no other worker takes the job while the call is under way.
    timeout: Duration::from_secs(10),
    // More than any provider answers to one mail.
    longest_answer: 64 * 1024,
};
/// The longest `Retry-After` that is followed: a reset mail that waits longer has lost its use.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(15);

/// The client of one mail API, for one account.
pub(super) struct ApiClient {
    pub(super) kind: MailProviderKind,
    api: &'static MailApi,
    account: ApiAccount,
}

impl ApiClient {
    /// `default_url` is the mail API's base address where the settings name none.
    pub(super) fn new(config: &MailConfig, default_url: &Url) -> Result<Self, Fault> {
        let api_url = config.api_url.as_ref().unwrap_or(default_url);
        let account = ApiAccount {
            client: OutboundClient::for_service(api_url, LIMITS)?,
            api_key: config.api_key.clone(),
            from: config.from.clone(),
        };
        Ok(Self { kind: config.provider, api: mail_api(config.provider), account })
    }

    /// Makes one call for one mail. A failed call is an outcome like any other.
    pub(super) async fn hand_over(&self, mail: &OutgoingMail) -> HandOver {
        let answer = match (self.api.request)(&self.account, mail).send().await {
            Ok(answer) => answer,
            Err(failure) => {
                let (error, surely_refused) = (failure.to_string(), failure.is_before_request());
                return HandOver::Later { retry_after: None, error, surely_refused };
            }
        };
        let retry_after = retry_after(&answer.headers).map(|wait| wait.min(LONGEST_RETRY_AFTER));
        // The status counts even where the body did not arrive whole.
        let body = answer.received();
        match (self.api.classify)(&Answer::new(answer.status, answer.headers.clone(), body)) {
            HandOver::Later { error, surely_refused, .. } => HandOver::Later { retry_after, error, surely_refused },
            other => other,
        }
    }
}

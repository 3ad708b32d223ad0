//! A mail API that takes every connection and never answers.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    catalogue::MAIL_API,
    round::{hold, is_long, run},
    site::Site,
};
use crate::support::{Engine, Way, engine_tests};

engine_tests![op_02_fault_silent_mail_api,];

/// In a long round it is silent for longer than one attempt takes.
async fn op_02_fault_silent_mail_api(engine: Engine) {
    run(Site::on(engine, 1, 0).await, &MAIL_API, async |site| {
        site.mail_line.set(Way::Silent);
        sleep(if is_long() { Duration::from_secs(25) } else { hold() }).await;
        site.mail_line.set(Way::Passes);
    })
    .await;
}

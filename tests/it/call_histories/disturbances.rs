//! What is done to the service and its surroundings while callers work.

use std::time::Duration;

use tokio::{task::block_in_place, time::sleep};

use super::{
    choices::Choices,
    mailbox,
    site::{INSTANCES, Site},
};
use crate::support::Way;

/// One kind of disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// An instance gets SIGKILL, and is started again.
    Kill,
    /// PostgreSQL is stopped in order and started again.
    Restart,
    /// Every process of PostgreSQL gets SIGKILL, and it is started again.
    Crash,
    /// The mail API answers 503.
    MailRefused,
    /// The line to the mail API is cut after it has taken mails.
    MailCut,
    /// The receiver of webhooks answers 503.
    WebhooksRefused,
    /// The clock of an instance is two minutes ahead for a while, and the instance is killed and started at that.
    ClockAhead,
}

/// What happens to a service on a PostgreSQL server of its own, each as often as its weight says.
pub(super) const ON_A_SERVER: &[(Trouble, usize)] = &[
    (Trouble::Kill, 6),
    (Trouble::Restart, 1),
    (Trouble::Crash, 1),
    (Trouble::MailRefused, 1),
    (Trouble::MailCut, 2),
    (Trouble::WebhooksRefused, 1),
    (Trouble::ClockAhead, 1),
];

/// The same for a service on an SQLite file, which no server keeps. Its instances have the clock of their machine.
pub(super) const ON_A_FILE: &[(Trouble, usize)] =
    &[(Trouble::Kill, 6), (Trouble::MailRefused, 1), (Trouble::MailCut, 2), (Trouble::WebhooksRefused, 1)];

const AHEAD: i64 = 120;
/// How long lines to the mail API live at most while they are cut.
const CUT_WITHIN: Duration = Duration::from_millis(300);

impl Trouble {
    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "an instance is killed",
            Self::Restart => "PostgreSQL restarts",
            Self::Crash => "PostgreSQL is killed",
            Self::MailRefused => "the mail API answers 503",
            Self::MailCut => "the mail API is cut off after taking",
            Self::WebhooksRefused => "the receiver answers 503",
            Self::ClockAhead => "the clock of an instance is two minutes ahead",
        }
    }

    /// Makes the trouble and ends it, and records both.
    pub(super) async fn make(self, site: &mut Site, choices: &mut Choices) {
        let from = site.recorder.now();
        let mut milliseconds = |least: usize, most: usize| {
            Duration::from_millis(u64::try_from(least + choices.below(most - least)).unwrap())
        };
        match self {
            Self::Kill => {
                let pause = milliseconds(50, 800);
                restart(site, choices.below(INSTANCES), pause).await;
            }
            Self::Restart => block_in_place(|| {
                site.server().stop();
                site.server().begin();
            }),
            Self::Crash => block_in_place(|| {
                site.server().kill();
                site.server().begin();
            }),
            Self::MailRefused => {
                site.mailbox.set(mailbox::Way::Refuses);
                sleep(milliseconds(300, 1500)).await;
                site.mailbox.set(mailbox::Way::Takes);
            }
            Self::MailCut => {
                site.mailbox.set(mailbox::Way::TakesSlowly);
                site.mail_line.set(Way::Cuts(CUT_WITHIN));
                sleep(milliseconds(500, 2000)).await;
                site.mail_line.set(Way::Passes);
                site.mailbox.set(mailbox::Way::Takes);
            }
            Self::WebhooksRefused => {
                site.receiver.refuse(true);
                sleep(milliseconds(300, 1500)).await;
                site.receiver.refuse(false);
            }
            Self::ClockAhead => {
                let pause = milliseconds(300, 1500);
                let set = |site: &Site, seconds| site.clock.as_ref().expect("the clock can be moved").set(seconds);
                set(site, AHEAD);
                sleep(pause).await;
                restart(site, 0, pause / 4).await;
                sleep(pause).await;
                set(site, 0);
            }
        }
        site.recorder.disturbance(self.name(), from);
    }
}

/// Kills an instance, and starts it again after a while.
async fn restart(site: &mut Site, index: usize, pause: Duration) {
    site.instances.kill(index);
    sleep(pause).await;
    site.instances.start(index);
}

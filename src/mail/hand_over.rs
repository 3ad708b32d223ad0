//! What a mail API's answer means for a mail.

use std::time::Duration;

use crate::types::BounceCause;

/// The outcome of handing one mail to a mail API. Each `error` consists of fixed words, a status and the provider's
/// error code, such as `http 422 validation_error`, and holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOver {
    /// The mail API has taken the mail.
    Accepted {
        /// The provider's id for the mail, by which its delivery events name it; `None` where the answer holds none.
        provider_message_id: Option<String>,
    },
    /// The mail API does not take the mail now, and may take it later.
    Later {
        /// The wait that the mail API asked for (`Retry-After`).
        retry_after: Option<Duration>,
        /// The reason, for operators.
        error: String,
        /// Whether the mail API has certainly not taken the mail. Otherwise (a timeout, a server error) it may have,
        /// and no other mail API may get the mail.
        surely_refused: bool,
    },
    /// The mail API refuses this recipient.
    NeverThisRecipient {
        /// The reason, for operators.
        error: String,
        /// [`BounceCause::NoSuchMailbox`] where no mailbox can have such an address, and [`BounceCause::Listed`] where
        /// the mail API has it on a list of its own: the address itself may be in order.
        cause: BounceCause,
    },
    /// The mail API refuses this mail, and would refuse it again.
    NeverThisMail {
        /// The reason, for operators.
        error: String,
    },
    /// The mail API refuses this service's account: a wrong key, a closed account, an unknown sender, no credit. The
    /// mail is in order and waits until an operator has solved that.
    NotForUs {
        /// The reason, for operators.
        error: String,
    },
}

//! How webhook calls prove where they come from (WH-01).

use secrecy::SecretString;

use super::{event::EventRefusal, incoming::Incoming};
use crate::types::UtcTime;

/// How the webhook calls of a mail API prove that they come from it.
#[derive(Clone, Copy)]
pub(crate) enum EventProof {
    /// By HTTP Basic authentication, which stands in the head.
    Basic,
    /// By a signature over the raw body.
    Signature {
        /// Checks that the head claims a signature, and that it is of now. Nobody needs to read the body of a call
        /// without such a claim.
        claim: fn(&Incoming<'_>, UtcTime) -> Result<(), EventRefusal>,
        /// Verifies the signature.
        verify: fn(&SecretString, &Incoming<'_>, UtcTime) -> Result<(), EventRefusal>,
    },
}

/// What the head of a call that is not refused proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadProof {
    /// The call comes from the mail API.
    Authentic,
    /// Nothing yet: the signature over the body decides.
    Claimed,
}

impl EventProof {
    /// Checks what can be checked before the body is read.
    pub(in crate::mail) fn check_head(
        self,
        secret: &SecretString,
        incoming: &Incoming<'_>,
        now: UtcTime,
    ) -> Result<HeadProof, EventRefusal> {
        match self {
            Self::Basic => incoming.check_basic(secret).map(|()| HeadProof::Authentic),
            Self::Signature { claim, .. } => claim(incoming, now).map(|()| HeadProof::Claimed),
        }
    }

    /// Checks the whole call.
    pub(in crate::mail) fn check(
        self,
        secret: &SecretString,
        incoming: &Incoming<'_>,
        now: UtcTime,
    ) -> Result<(), EventRefusal> {
        match self {
            Self::Basic => incoming.check_basic(secret),
            Self::Signature { verify, .. } => verify(secret, incoming, now),
        }
    }
}

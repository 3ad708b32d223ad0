//! Reading a webhook call of a mail API: who sent it is checked first, by the head or over the raw body (WH-01).

use secrecy::SecretString;

use super::{
    delivery::{DeliveryEvent, EventProof, EventRefusal, HeadProof, Incoming},
    registry::mail_api,
};
use crate::{config::MailProviderKind, types::UtcTime};

/// How the calls of a mail API prove where they come from.
pub(crate) const fn event_proof(kind: MailProviderKind) -> EventProof {
    mail_api(kind).proof
}

/// Checks what the head of a call proves. `incoming` has no body yet.
pub(crate) fn check_head(
    kind: MailProviderKind,
    secret: &SecretString,
    incoming: &Incoming<'_>,
    now: UtcTime,
) -> Result<HeadProof, EventRefusal> {
    event_proof(kind).check_head(secret, incoming, now)
}

/// The delivery events of an authentic call. Events about anything but delivery are passed over.
pub fn read_events(
    kind: MailProviderKind,
    secret: &SecretString,
    incoming: &Incoming<'_>,
    now: UtcTime,
) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    let api = mail_api(kind);
    api.proof.check(secret, incoming, now)?;
    let body = serde_json::from_slice(incoming.body).map_err(|_| EventRefusal::Unreadable)?;
    (api.events)(&body, incoming, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::read_basic;

    #[test]
    fn wh_01_a_body_of_another_form_is_unreadable() {
        for body in ["", "null", "[]", "\"\"", "{", "12"] {
            assert_eq!(read_basic(MailProviderKind::Postmark, body), Err(EventRefusal::Unreadable), "{body}");
        }
    }
}

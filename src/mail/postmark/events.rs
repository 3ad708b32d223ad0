//! Postmark's webhooks (postmarkapp.com/developer/webhooks/webhooks-overview): one event in each call.

use serde_json::Value;

use crate::{
    mail::delivery::{
        DeliveryEvent, EventRefusal,
        bounce::{POSTMARK, cause_of},
        fields::{from_rfc_3339, mail_id, one_event, reply_code, text},
    },
    types::DeliveryKind,
};

pub(super) fn read(body: &Value) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    Ok(read_one(one_event(body)?).into_iter().collect())
}

fn read_one(body: &Value) -> Option<DeliveryEvent> {
    let record = text(body, "/RecordType")?;
    let (kind, time_field) = match (record, text(body, "/Type")) {
        ("Delivery", _) => (DeliveryKind::Delivered, "/DeliveredAt"),
        ("Bounce", Some("HardBounce" | "BadEmailAddress" | "ManuallyDeactivated")) => {
            (DeliveryKind::BouncedHard, "/BouncedAt")
        }
        // Postmark goes on trying.
        ("Bounce", Some("Transient" | "DnsError")) => (DeliveryKind::Deferred, "/BouncedAt"),
        ("Bounce", Some("SpamComplaint")) | ("SpamComplaint", _) => (DeliveryKind::Complained, "/BouncedAt"),
        // Replies of people and of machines: the mail has arrived.
        (
            "Bounce",
            Some(
                "AutoResponder"
                | "AddressChange"
                | "Subscribe"
                | "Unsubscribe"
                | "ChallengeVerification"
                | "OpenRelayTest",
            ),
        ) => return None,
        ("Bounce", _) => (DeliveryKind::BouncedSoft, "/BouncedAt"),
        _ => return None,
    };
    let message_id = text(body, "/MessageID")?;
    let time = text(body, time_field)?;
    let event_id = match body.get("ID").and_then(Value::as_i64) {
        Some(id) => format!("{record}/{id}"),
        // Deliveries have no id; a mail with one recipient is delivered once.
        None => format!("{record}/{message_id}/{time}"),
    };
    let smtp_code = reply_code(body, &["/Details", "/Description"]).filter(|_| kind != DeliveryKind::Delivered);
    let cause = kind.is_bounce().then(|| cause_of(POSTMARK, text(body, "/Type"), smtp_code.as_deref()));
    Some(DeliveryEvent {
        cause,
        event_id,
        provider_message_id: Some(message_id.to_owned()),
        message_id: mail_id(body, "/Metadata/message_id"),
        kind,
        occurred_at: from_rfc_3339(time)?,
        smtp_code,
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        config::MailProviderKind,
        mail::testing::read_basic,
        types::{BounceCause, DeliveryKind},
    };

    /// As in the documentation's examples.
    fn bounce(kind: &str) -> String {
        format!(
            r#"{{"RecordType":"Bounce","MessageStream":"outbound","ID":4323372036854775807,"Type":"{kind}","TypeCode":1,
            "Name":"Hard bounce","Tag":"Test","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","Metadata":{{"a_key":"a_value"}},
            "ServerID":23,"Description":"The server was unable to deliver your message (ex: unknown user, mailbox not found).",
            "Details":"smtp;550 5.1.1 The email account that you tried to reach does not exist.","Email":"john@example.com",
            "From":"sender@example.com","BouncedAt":"2026-11-22T11:05:33.4382192Z","DumpAvailable":true,"Inactive":true}}"#
        )
    }

    const DELIVERY: &str = r#"{"RecordType":"Delivery","ServerID":23,"MessageStream":"outbound",
        "MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","Recipient":"john@example.com","Tag":"welcome-email",
        "DeliveredAt":"2026-11-22T11:33:26.6563054-05:00","Details":"Test delivery webhook details","Metadata":{}}"#;

    #[test]
    fn wh_04_events_are_told_apart_and_hard_from_soft() {
        for (kind, expected) in [
            ("HardBounce", Some(DeliveryKind::BouncedHard)),
            ("SoftBounce", Some(DeliveryKind::BouncedSoft)),
            ("Blocked", Some(DeliveryKind::BouncedSoft)),
            ("Transient", Some(DeliveryKind::Deferred)),
            ("SpamComplaint", Some(DeliveryKind::Complained)),
            ("AutoResponder", None),
        ] {
            let events = read_basic(MailProviderKind::Postmark, &bounce(kind)).unwrap();
            assert_eq!(events.first().map(|event| event.kind), expected, "{kind}");
        }
        let events = read_basic(MailProviderKind::Postmark, &bounce("HardBounce")).unwrap();
        assert_eq!(events[0].smtp_code.as_deref(), Some("550 5.1.1"));
        assert_eq!(events[0].cause, Some(BounceCause::NoSuchMailbox));
        let codeless = |kind: &str| bounce(kind).replace("550 5.1.1", "");
        for (kind, cause) in [
            ("HardBounce", Some(BounceCause::Other)),
            ("BadEmailAddress", Some(BounceCause::NoSuchMailbox)),
            ("SoftBounce", Some(BounceCause::MailboxFull)),
            ("Blocked", Some(BounceCause::Policy)),
            ("SpamNotification", Some(BounceCause::Content)),
            ("ManuallyDeactivated", Some(BounceCause::Listed)),
            ("Transient", None),
            ("SpamComplaint", None),
        ] {
            assert_eq!(read_basic(MailProviderKind::Postmark, &codeless(kind)).unwrap()[0].cause, cause, "{kind}");
        }
        assert_eq!(events[0].event_id, "Bounce/4323372036854775807");
        let events = read_basic(MailProviderKind::Postmark, DELIVERY).unwrap();
        assert_eq!((events[0].kind, events[0].smtp_code.as_deref()), (DeliveryKind::Delivered, None));
        assert_eq!(events[0].occurred_at.to_string(), "2026-11-22 16:33:26.656305400");
        assert_eq!(read_basic(MailProviderKind::Postmark, r#"{"RecordType":"Open"}"#), Ok(vec![]));
    }
}

//! Twilio SendGrid's event webhook (twilio.com/docs/sendgrid/for-developers/tracking-events/event): an array of events,
//! signed with ECDSA
//! (twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::{
    mail::delivery::{
        DeliveryEvent, EventRefusal, Incoming,
        bounce::{SENDGRID, cause_of},
        fields::{batch, from_seconds, mail_id, reply_code, text},
    },
    types::{DeliveryKind, UtcTime},
};

/// The bytes before the curve point in an encoded P-256 public key (RFC 5480 §2).
const PUBLIC_KEY_HEAD: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
    0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// What the head of a call says of its signature.
struct Claim<'a> {
    timestamp: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(incoming: &'a Incoming<'_>, now: UtcTime) -> Result<Self, EventRefusal> {
        Ok(Self {
            timestamp: incoming.signed_timestamp("x-twilio-email-event-webhook-timestamp", now)?,
            signature: incoming.header("x-twilio-email-event-webhook-signature")?,
        })
    }
}

/// Checks that the head claims a signature of now.
pub(super) fn check_claim(incoming: &Incoming<'_>, now: UtcTime) -> Result<(), EventRefusal> {
    Claim::read(incoming, now).map(drop)
}

/// Checks an ECDSA signature over timestamp and body. The secret is the public key that SendGrid's settings show.
pub(super) fn verify(secret: &SecretString, incoming: &Incoming<'_>, now: UtcTime) -> Result<(), EventRefusal> {
    let refused = EventRefusal::NotAuthentic;
    let Claim { timestamp, signature } = Claim::read(incoming, now)?;
    let signature = BASE64.decode(signature.as_bytes()).map_err(|_| refused)?;
    let key = BASE64.decode(secret.expose_secret().as_bytes()).map_err(|_| refused)?;
    let point = key.strip_prefix(PUBLIC_KEY_HEAD).ok_or(refused)?;
    let signed = [timestamp.as_bytes(), incoming.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(&signed, &signature).map_err(|_| refused)
}

pub(super) fn read(body: &Value) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    Ok(batch(body)?.iter().filter_map(read_one).collect())
}

fn read_one(body: &Value) -> Option<DeliveryEvent> {
    let event = text(body, "/event")?;
    let kind = match (event, text(body, "/type")) {
        ("deferred", _) => DeliveryKind::Deferred,
        ("delivered", _) => DeliveryKind::Delivered,
        ("bounce", Some("blocked")) => DeliveryKind::BouncedSoft,
        ("bounce", _) => DeliveryKind::BouncedHard,
        // SendGrid has not tried to send the mail. The reason is one of a few fixed texts.
        ("dropped", _) => match text(body, "/reason") {
            Some("Bounced Address" | "Invalid" | "Invalid Address") => DeliveryKind::BouncedHard,
            Some("Spam Reporting Address") => DeliveryKind::Complained,
            _ => DeliveryKind::BouncedSoft,
        },
        ("spamreport", _) => DeliveryKind::Complained,
        _ => return None,
    };
    let (provider_message_id, message_id) = (message_id(body), mail_id(body, "/message_id"));
    if provider_message_id.is_none() && message_id.is_none() {
        return None;
    }
    let smtp_code =
        reply_code(body, &["/reason", "/response", "/status"]).filter(|_| kind != DeliveryKind::Delivered);
    let word = text(body, if event == "dropped" { "/reason" } else { "/bounce_classification" });
    Some(DeliveryEvent {
        cause: kind.is_bounce().then(|| cause_of(SENDGRID, word, smtp_code.as_deref())),
        event_id: text(body, "/sg_event_id")?.to_owned(),
        provider_message_id,
        message_id,
        kind,
        occurred_at: from_seconds(body.get("timestamp")?.as_i64()?)?,
        smtp_code,
    })
}

/// SendGrid's id for the mail, as in the answer that took it: the part of `sg_message_id` before the first dot. An
/// asynchronous bounce has only an `smtp-id`, with the same id before the `@`, or none of both.
fn message_id(body: &Value) -> Option<String> {
    let name = match text(body, "/sg_message_id") {
        Some(id) => id.trim().split('.').next(),
        None => text(body, "/smtp-id")?.trim_start_matches('<').split('@').next(),
    };
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::MailProviderKind,
        mail::{read_events, testing::headers},
        types::BounceCause,
    };

    /// The published example of SendGrid's own libraries.
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    const SIGNATURE: &str =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const MOMENT: &str = "1600112502";
    const BODY: &str = "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";

    fn read_at(key: &str, signature: &str, body: &str, seconds: i64) -> Result<Vec<DeliveryEvent>, EventRefusal> {
        let headers = headers(&[
            ("x-twilio-email-event-webhook-timestamp", MOMENT),
            ("x-twilio-email-event-webhook-signature", signature),
        ]);
        let incoming = Incoming { headers: &headers, body: body.as_bytes(), basic_credentials: None };
        let now = from_seconds(seconds).unwrap();
        read_events(MailProviderKind::SendGrid, &SecretString::from(key), &incoming, now)
    }

    #[test]
    fn wh_01_the_published_example_is_authentic_and_nothing_near_it() {
        let events = read_at(KEY, SIGNATURE, BODY, 1_600_112_502).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(
            (events[0].kind, events[0].provider_message_id.as_deref().unwrap()),
            (DeliveryKind::BouncedHard, "LRzXl_NHStOGhQ4kofSm_A")
        );
        let refused = Err(EventRefusal::NotAuthentic);
        assert_eq!(read_at(KEY, SIGNATURE, BODY.trim_end(), 1_600_112_502), refused);
        assert_eq!(read_at(KEY, SIGNATURE, &BODY.replace("hello", "hallo"), 1_600_112_502), refused);
        assert_eq!(read_at(KEY, &SIGNATURE.replace("GHQ", "GHR"), BODY, 1_600_112_502), refused);
        assert_eq!(read_at(&KEY.replace("83T4O", "83T4P"), SIGNATURE, BODY, 1_600_112_502), refused);
        assert_eq!(read_at("", SIGNATURE, BODY, 1_600_112_502), refused);
    }

    #[test]
    fn wh_02_five_minutes_are_tolerated_either_way() {
        for (late_by, authentic) in [(300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(read_at(KEY, SIGNATURE, BODY, 1_600_112_502 + late_by).is_ok(), authentic, "{late_by}");
        }
    }

    #[test]
    fn wh_04_events_are_told_apart_and_hard_from_soft() {
        // As in the documentation's examples.
        let event = |event: &str, kind: &str| {
            serde_json::json!({
                "email": "example@test.com", "timestamp": 1_513_299_569, "event": event, "type": kind,
                "sg_event_id": "rbtnWrG1DVDGGGFHFyun0A==", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
                "reason": "500 unknown recipient", "status": "5.0.0",
            })
        };
        for (name, kind, expected) in [
            ("deferred", "", Some(DeliveryKind::Deferred)),
            ("delivered", "", Some(DeliveryKind::Delivered)),
            ("bounce", "bounce", Some(DeliveryKind::BouncedHard)),
            ("bounce", "blocked", Some(DeliveryKind::BouncedSoft)),
            ("spamreport", "", Some(DeliveryKind::Complained)),
            ("open", "", None),
            ("processed", "", None),
        ] {
            assert_eq!(read_one(&event(name, kind)).map(|event| event.kind), expected, "{name}");
        }
        assert_eq!(read_one(&event("bounce", "bounce")).unwrap().smtp_code.as_deref(), Some("500 5.0.0"));
    }

    #[test]
    fn wh_04_a_drop_speaks_against_the_address_only_where_it_says_so() {
        for (reason, expected) in [
            ("Bounced Address", DeliveryKind::BouncedHard),
            ("Invalid Address", DeliveryKind::BouncedHard),
            ("Spam Reporting Address", DeliveryKind::Complained),
            ("Invalid SMTPAPI header", DeliveryKind::BouncedSoft),
            ("Spam Content", DeliveryKind::BouncedSoft),
            ("Unsubscribed Address", DeliveryKind::BouncedSoft),
            ("Recipient List over Package Quota", DeliveryKind::BouncedSoft),
        ] {
            let event = serde_json::json!({
                "timestamp": 1_513_299_569, "event": "dropped", "reason": reason, "status": "5.0.0",
                "sg_event_id": "zmzJhfJgAfUSOW80yEbPyw==", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.0",
            });
            assert_eq!(read_one(&event).map(|event| event.kind), Some(expected), "{reason}");
        }
    }

    #[test]
    fn wh_04_a_bounce_is_of_the_class_that_code_or_classification_tell() {
        for (class, status, cause) in [
            ("Invalid Address", "5.0.0", BounceCause::NoSuchMailbox),
            ("Unclassified", "5.1.1", BounceCause::NoSuchMailbox),
            ("Mailbox Unavailable", "5.2.2", BounceCause::MailboxFull),
            ("Mailbox Unavailable", "5.0.0", BounceCause::Other),
            ("Reputation", "5.0.0", BounceCause::Policy),
            ("Frequency or Volume Too High", "5.0.0", BounceCause::Policy),
            ("Content", "5.0.0", BounceCause::Content),
            ("Technical Failure", "5.0.0", BounceCause::Other),
            ("Unclassified", "5.0.0", BounceCause::Other),
        ] {
            let event = serde_json::json!({
                "timestamp": 1_513_299_569, "event": "bounce", "type": "bounce", "bounce_classification": class,
                "sg_event_id": "rbtnWrG1DVDGGGFHFyun0A==", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
                "reason": "500 unknown recipient", "status": status,
            });
            assert_eq!(read_one(&event).unwrap().cause, Some(cause), "{class} {status}");
        }
        for (reason, cause) in [
            ("Bounced Address", Some(BounceCause::Listed)),
            ("Invalid Address", Some(BounceCause::NoSuchMailbox)),
            ("Spam Content", Some(BounceCause::Content)),
            ("Recipient List over Package Quota", Some(BounceCause::Other)),
            ("Spam Reporting Address", None),
        ] {
            let event = serde_json::json!({
                "timestamp": 1_513_299_569, "event": "dropped", "reason": reason,
                "sg_event_id": "zmzJhfJgAfUSOW80yEbPyw==", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.0",
            });
            assert_eq!(read_one(&event).unwrap().cause, cause, "{reason}");
        }
    }

    #[test]
    fn wh_04_a_late_bounce_is_told_by_its_smtp_id() {
        let event = serde_json::json!({
            "timestamp": 1_600_112_492, "event": "bounce", "type": "bounce", "reason": "550 5.1.1 unknown",
            "sg_event_id": "6g4ZI7SA-xmRDv57GoPIPw==",
            "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
        });
        assert_eq!(read_one(&event).unwrap().provider_message_id.as_deref(), Some("LRzXl_NHStOGhQ4kofSm_A"));
    }

    #[test]
    fn wh_04_one_odd_event_does_not_keep_the_others_back() {
        let good = serde_json::json!({
            "timestamp": 1_513_299_569, "event": "delivered", "response": "250 OK 550",
            "sg_event_id": "rWVYmVk90MjZJ9iohOBa3w==", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.0",
        });
        let odd = [serde_json::json!(7), serde_json::json!({}), serde_json::json!({ "event": "bounce" })];
        let read: Vec<_> = odd.iter().chain([&good]).filter_map(read_one).collect();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].kind, read[0].smtp_code.as_deref()), (DeliveryKind::Delivered, None));
    }

    #[test]
    fn wh_04_a_bounce_needs_an_id_and_our_own_is_enough() {
        let own = serde_json::json!({
            "event": "bounce", "type": "bounce", "sg_event_id": "e1", "timestamp": 1_600_112_492, "message_id": "ours",
            "reason": "550 5.1.1",
        });
        let event = read_one(&own).unwrap();
        assert_eq!((event.provider_message_id, event.message_id.unwrap().as_str()), (None, "ours"));
        let mut nobody = own.clone();
        nobody.as_object_mut().unwrap().remove("message_id");
        assert!(read_one(&nobody).is_none());
        let mut with_nul = own;
        with_nul["sg_event_id"] = "e\u{0}1".into();
        assert!(read_one(&with_nul).is_none());
    }
}

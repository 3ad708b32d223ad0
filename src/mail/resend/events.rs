//! Resend's webhooks (resend.com/docs/dashboard/webhooks/event-types): one event in each call, signed as in Standard
//! Webhooks (github.com/standard-webhooks/standard-webhooks, "Signature scheme").

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::{
    mail::delivery::{
        DeliveryEvent, EventRefusal, Incoming,
        bounce::{RESEND, cause_of},
        fields::{from_rfc_3339, mail_id, one_event, reply_code, text},
    },
    types::{DeliveryKind, UtcTime},
};

/// What the head of a call says of its signature.
struct Claim<'a> {
    id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl<'a> Claim<'a> {
    fn read(incoming: &'a Incoming<'_>, now: UtcTime) -> Result<Self, EventRefusal> {
        let prefix = if incoming.headers.contains_key("webhook-id") { "webhook" } else { "svix" };
        Ok(Self {
            id: incoming.header(&format!("{prefix}-id"))?,
            timestamp: incoming.signed_timestamp(&format!("{prefix}-timestamp"), now)?,
            signatures: incoming.header(&format!("{prefix}-signature"))?,
        })
    }
}

/// Checks that the head claims a signature of now.
pub(super) fn check_claim(incoming: &Incoming<'_>, now: UtcTime) -> Result<(), EventRefusal> {
    Claim::read(incoming, now).map(drop)
}

/// Checks an HMAC over id, timestamp and body. While the secret is being changed a call carries a signature of each.
pub(super) fn verify(secret: &SecretString, incoming: &Incoming<'_>, now: UtcTime) -> Result<(), EventRefusal> {
    let refused = EventRefusal::NotAuthentic;
    let Claim { id, timestamp, signatures } = Claim::read(incoming, now)?;
    let secret = secret.expose_secret();
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap_or(secret).as_bytes()).map_err(|_| refused)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = [format!("{id}.{timestamp}.").as_bytes(), incoming.body].concat();
    let authentic = signatures
        .split(' ')
        .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?.as_bytes()).ok())
        // The comparison takes constant time.
        .any(|signature| hmac::verify(&key, &signed, &signature).is_ok());
    if authentic { Ok(()) } else { Err(refused) }
}

pub(super) fn read(body: &Value, incoming: &Incoming<'_>) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    Ok(read_one(one_event(body)?, incoming).into_iter().collect())
}

fn read_one(body: &Value, incoming: &Incoming<'_>) -> Option<DeliveryEvent> {
    let bounce = text(body, "/data/bounce/type").unwrap_or_default();
    let event = text(body, "/type")?;
    let kind = match event {
        "email.delivery_delayed" => DeliveryKind::Deferred,
        "email.delivered" => DeliveryKind::Delivered,
        "email.bounced" if bounce == "Permanent" => DeliveryKind::BouncedHard,
        // Resend has taken the mail and does not send it: the address is on its suppression list.
        "email.suppressed" => DeliveryKind::BouncedHard,
        // "Transient" and "Undetermined" bounces may pass another time; "failed" says nothing about the address.
        "email.bounced" | "email.failed" => DeliveryKind::BouncedSoft,
        "email.complained" => DeliveryKind::Complained,
        _ => return None,
    };
    let id = incoming.header("webhook-id").or_else(|_| incoming.header("svix-id")).ok()?;
    let smtp_code = reply_code(body, &["/data/bounce/diagnosticCode/0", "/data/bounce/message"]);
    let word = text(body, "/data/bounce/subType").filter(|_| event == "email.bounced").unwrap_or(event);
    Some(DeliveryEvent {
        cause: kind.is_bounce().then(|| cause_of(RESEND, Some(word), smtp_code.as_deref())),
        event_id: id.to_owned(),
        provider_message_id: Some(text(body, "/data/email_id")?.to_owned()),
        message_id: mail_id(body, "/data/tags/message_id"),
        kind,
        occurred_at: from_rfc_3339(text(body, "/created_at")?)?,
        smtp_code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::MailProviderKind,
        mail::{
            delivery::fields::from_seconds,
            read_events,
            testing::{headers, noon},
        },
        types::BounceCause,
    };

    /// The reference vector of Standard Webhooks' libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const MOMENT: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn checked(signature: &str, body: &[u8], late_by: i64) -> bool {
        let headers =
            headers(&[("webhook-id", ID), ("webhook-timestamp", MOMENT), ("webhook-signature", signature)]);
        let now = from_seconds(1_614_265_330 + late_by).unwrap();
        let incoming = Incoming { headers: &headers, body, basic_credentials: None };
        verify(&SecretString::from(SECRET), &incoming, now).is_ok()
    }

    #[test]
    fn wh_01_a_head_without_a_claim_of_now_ends_the_call() {
        let claim = |names: &[&str], moment: i64| {
            let values = names.iter().map(|name| (*name, if name.contains("time") { MOMENT } else { "x" }));
            let headers = headers(&values.collect::<Vec<_>>());
            let incoming = Incoming { headers: &headers, body: b"", basic_credentials: None };
            check_claim(&incoming, from_seconds(moment).unwrap())
        };
        let all = ["svix-id", "svix-timestamp", "svix-signature"];
        assert_eq!(claim(&all, 1_614_265_330), Ok(()));
        let refused = Err(EventRefusal::NotAuthentic);
        assert_eq!(claim(&all, 1_614_265_631), refused);
        for missing in all {
            let others: Vec<&str> = all.into_iter().filter(|name| *name != missing).collect();
            assert_eq!(claim(&others, 1_614_265_330), refused, "{missing}");
        }
    }

    #[test]
    fn wh_01_the_reference_vector_is_authentic_and_nothing_near_it() {
        assert!(checked(SIGNATURE, BODY, 0));
        assert!(checked(&format!("v1,AAAA v2,x {SIGNATURE}"), BODY, 0));
        for signature in ["", "v1,", "v1,AAAA", &SIGNATURE.replace("v1,", "v1a,"), &SIGNATURE.replace("g0h", "h0h")]
        {
            assert!(!checked(signature, BODY, 0), "{signature}");
        }
        assert!(!checked(SIGNATURE, br#"{"test":2432232314}"#, 0));
        assert!(!checked(SIGNATURE, b"", 0));
    }

    #[test]
    fn wh_02_five_minutes_are_tolerated_either_way() {
        for (late_by, authentic) in [(300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(checked(SIGNATURE, BODY, late_by), authentic, "{late_by}");
        }
    }

    fn read_signed(body: &str) -> Vec<DeliveryEvent> {
        let moment = noon().and_utc().timestamp().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(&SECRET.as_bytes()[6..]).unwrap());
        let tag = hmac::sign(&key, format!("{ID}.{moment}.{body}").as_bytes());
        let signature = format!("v1,{}", BASE64.encode(tag.as_ref()));
        let headers = headers(&[("svix-id", ID), ("svix-timestamp", &moment), ("svix-signature", &signature)]);
        let incoming = Incoming { headers: &headers, body: body.as_bytes(), basic_credentials: None };
        read_events(MailProviderKind::Resend, &SecretString::from(SECRET), &incoming, noon()).unwrap()
    }

    #[test]
    fn wh_04_events_are_told_apart_and_hard_from_soft() {
        // As in the documentation's examples.
        let body = |kind: &str, bounce: &str| {
            format!(
                r#"{{"type":"{kind}","created_at":"2026-11-22T11:41:12.126Z","data":{{"created_at":"2026-11-22T11:41:11.894719+00:00",
                "email_id":"56761188-7520-42d8-8898-ff6fc54ce618","from":"Acme <onboarding@resend.dev>","to":["delivered@resend.dev"],
                "subject":"Sending this example","bounce":{{"message":"550 5.1.1 The recipient does not exist","subType":"Suppressed","type":"{bounce}"}}}}}}"#
            )
        };
        for (kind, bounce, expected) in [
            ("email.bounced", "Permanent", Some(DeliveryKind::BouncedHard)),
            ("email.bounced", "Transient", Some(DeliveryKind::BouncedSoft)),
            ("email.delivered", "", Some(DeliveryKind::Delivered)),
            ("email.delivery_delayed", "", Some(DeliveryKind::Deferred)),
            ("email.bounced", "Undetermined", Some(DeliveryKind::BouncedSoft)),
            ("email.complained", "", Some(DeliveryKind::Complained)),
            ("email.suppressed", "", Some(DeliveryKind::BouncedHard)),
            ("email.failed", "", Some(DeliveryKind::BouncedSoft)),
            ("email.opened", "", None),
            ("email.sent", "", None),
        ] {
            let events = read_signed(&body(kind, bounce));
            assert_eq!(events.first().map(|event| event.kind), expected, "{kind}");
        }
        let long =
            body("email.bounced", "Permanent").replace("The recipient", &"Of all the recipients ".repeat(40));
        assert_eq!(read_signed(&long)[0].smtp_code.as_deref(), Some("550 5.1.1"));
        let coded = r#""type":"Permanent","diagnosticCode":["smtp; 550 5.5.0 mailbox unavailable"]"#;
        let coded =
            body("email.bounced", "Permanent").replace(r#""type":"Permanent""#, coded).replace("550 5.1.1", "");
        assert_eq!(read_signed(&coded)[0].smtp_code.as_deref(), Some("550 5.5.0"));
        for (kind, sub_type, code, cause) in [
            ("email.bounced", "NoEmail", "", Some(BounceCause::NoSuchMailbox)),
            ("email.bounced", "General", "550 5.1.1", Some(BounceCause::NoSuchMailbox)),
            ("email.bounced", "General", "", Some(BounceCause::Other)),
            ("email.bounced", "MailboxFull", "", Some(BounceCause::MailboxFull)),
            ("email.bounced", "ContentRejected", "", Some(BounceCause::Content)),
            ("email.bounced", "General", "550 5.7.1", Some(BounceCause::Policy)),
            ("email.bounced", "Suppressed", "550 5.1.1", Some(BounceCause::Listed)),
            ("email.suppressed", "", "550 5.1.1", Some(BounceCause::Listed)),
            ("email.failed", "", "", Some(BounceCause::Other)),
            ("email.delivery_delayed", "", "452 4.2.2", None),
        ] {
            let body = body(kind, "Permanent").replace("Suppressed", sub_type).replace("550 5.1.1", code);
            assert_eq!(read_signed(&body)[0].cause, cause, "{kind} {sub_type} {code}");
        }
        let events = read_signed(&body("email.bounced", "Permanent"));
        assert_eq!(events[0].event_id, ID);
        assert_eq!(events[0].provider_message_id.as_deref().unwrap(), "56761188-7520-42d8-8898-ff6fc54ce618");
        assert_eq!(events[0].smtp_code.as_deref(), Some("550 5.1.1"));
    }
}

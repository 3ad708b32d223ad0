//! Brevo's transactional webhooks (developers.brevo.com/docs/transactional-webhooks): one event, or an array of events.

use serde_json::Value;

use crate::{
    mail::delivery::{
        DeliveryEvent, EventRefusal,
        bounce::{BREVO, cause_of},
        fields::{batch, from_seconds, mail_id, one_event, reply_code, text},
    },
    types::DeliveryKind,
};

pub(super) fn read(body: &Value) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    if body.is_array() {
        return Ok(batch(body)?.iter().filter_map(read_one).collect());
    }
    Ok(read_one(one_event(body)?).into_iter().collect())
}

fn read_one(body: &Value) -> Option<DeliveryEvent> {
    let event = text(body, "/event")?;
    let kind = match event {
        "deferred" => DeliveryKind::Deferred,
        "delivered" => DeliveryKind::Delivered,
        "soft_bounce" | "blocked" | "error" => DeliveryKind::BouncedSoft,
        "hard_bounce" | "invalid_email" => DeliveryKind::BouncedHard,
        "spam" | "complaint" => DeliveryKind::Complained,
        _ => return None,
    };
    let message_id = text(body, "/message-id")?;
    let seconds = body.get("ts_event").or_else(|| body.get("ts")).and_then(Value::as_i64)?;
    let smtp_code = reply_code(body, &["/reason"]);
    Some(DeliveryEvent {
        cause: kind.is_bounce().then(|| cause_of(BREVO, Some(event), smtp_code.as_deref())),
        // Brevo gives its events no id. Mail, event and time are the same in every repetition.
        event_id: format!("{message_id}/{event}/{seconds}"),
        provider_message_id: Some(message_id.to_owned()),
        message_id: mail_id(body, "/tags/1"),
        kind,
        occurred_at: from_seconds(seconds)?,
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
    fn body(event: &str) -> String {
        format!(
            r#"{{"event":"{event}","email":"example@domain.com","id":26224,"date":"2026-11-22 12:59:00","ts":1795348740,
            "message-id":"<201798300811.5787683@relay.domain.com>","ts_event":1795348740,"subject":"Subject Line",
            "reason":"550 5.1.1 user unknown example@domain.com","tag":"[\"transactionalTag\"]","ts_epoch":1795348740000}}"#
        )
    }

    #[test]
    fn wh_04_events_are_told_apart_and_hard_from_soft() {
        for (event, kind) in [
            ("deferred", Some(DeliveryKind::Deferred)),
            ("delivered", Some(DeliveryKind::Delivered)),
            ("soft_bounce", Some(DeliveryKind::BouncedSoft)),
            ("hard_bounce", Some(DeliveryKind::BouncedHard)),
            ("invalid_email", Some(DeliveryKind::BouncedHard)),
            ("blocked", Some(DeliveryKind::BouncedSoft)),
            ("spam", Some(DeliveryKind::Complained)),
            ("opened", None),
            ("request", None),
        ] {
            let events = read_basic(MailProviderKind::Brevo, &body(event)).unwrap();
            assert_eq!(events.first().map(|event| event.kind), kind, "{event}");
        }
        let events = read_basic(MailProviderKind::Brevo, &body("hard_bounce")).unwrap();
        assert_eq!(events[0].provider_message_id.as_deref().unwrap(), "<201798300811.5787683@relay.domain.com>");
        assert_eq!(events[0].smtp_code.as_deref(), Some("550 5.1.1"));
        let with_reason = |event: &str, reason: &str| body(event).replace("550 5.1.1 user unknown", reason);
        for (event, reason, cause) in [
            ("hard_bounce", "550 5.1.1 user unknown", Some(BounceCause::NoSuchMailbox)),
            ("hard_bounce", "552 5.2.2 over quota", Some(BounceCause::MailboxFull)),
            ("hard_bounce", "550 5.7.1 refused", Some(BounceCause::Policy)),
            ("hard_bounce", "554 5.6.0 refused", Some(BounceCause::Content)),
            ("hard_bounce", "mailbox unavailable", Some(BounceCause::Other)),
            ("invalid_email", "", Some(BounceCause::NoSuchMailbox)),
            ("blocked", "550 5.1.1 user unknown", Some(BounceCause::Listed)),
            ("deferred", "450 4.1.1 user unknown", None),
        ] {
            let events = read_basic(MailProviderKind::Brevo, &with_reason(event, reason)).unwrap();
            assert_eq!(events[0].cause, cause, "{event} {reason}");
        }
        let batch = format!("[{},{{}},{}]", body("deferred"), body("delivered"));
        assert_eq!(read_basic(MailProviderKind::Brevo, &batch).unwrap().len(), 2);
    }
}

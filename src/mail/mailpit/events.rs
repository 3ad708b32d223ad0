//! Mailpit's webhook (mailpit.axllent.org/docs/integration/webhook): the summary of a mail that has arrived.

use serde_json::Value;

use crate::{
    mail::delivery::{
        DeliveryEvent, EventRefusal,
        fields::{from_rfc_3339, one_event, text},
    },
    types::{DeliveryKind, UtcTime},
};

pub(super) fn read(body: &Value, now: UtcTime) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    Ok(read_one(one_event(body)?, now).into_iter().collect())
}

fn read_one(body: &Value, now: UtcTime) -> Option<DeliveryEvent> {
    let id = text(body, "/ID")?;
    Some(DeliveryEvent {
        event_id: id.to_owned(),
        provider_message_id: Some(id.to_owned()),
        message_id: None,
        kind: DeliveryKind::Delivered,
        occurred_at: text(body, "/Created").and_then(from_rfc_3339).unwrap_or(now),
        smtp_code: None,
        cause: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::{config::MailProviderKind, mail::testing::read_basic, types::DeliveryKind};

    #[test]
    fn wh_04_a_mail_that_arrived_was_delivered() {
        let body = r#"{"ID":"ZWsV4Bs4QzR6xXo3Rr2Ykj","Created":"2026-11-22T12:59:00.123+01:00","Subject":"Test","Size":1}"#;
        let events = read_basic(MailProviderKind::Mailpit, body).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(
            (events[0].kind, events[0].occurred_at.to_string()),
            (DeliveryKind::Delivered, "2026-11-22 11:59:00.123".to_owned())
        );
    }
}

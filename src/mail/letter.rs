//! Writing a mail: its text part and its HTML part.

use askama::Template as _;

use super::{
    outgoing::OutgoingMail,
    topic::{Lifetime, Topic},
};
use crate::{
    brand::Brand,
    texts::{Argument, brand_text, date_text},
    types::{EmailAddress, Fault, Locale, MailId},
};

/// The contents of a mail. They do not depend on the time of sending, so that every attempt sends the same bytes.
pub(crate) struct Letter<'a> {
    /// The mail's id, shown at its end: support can ask for it.
    pub(crate) id: &'a MailId,
    /// The address on file.
    pub(crate) to: &'a EmailAddress,
    /// The account's language.
    pub(crate) locale: Locale,
    /// The end of the customer number; a mail shows no more of it (ML-06).
    pub(crate) last_two_digits: &'a str,
    /// Whose service this is.
    pub(crate) brand: &'a Brand,
    pub(crate) topic: Topic<'a>,
}

enum Block {
    Paragraph(String),
    Button { label: String, url: String },
    Link { label: String, url: String },
}

#[derive(askama::Template)]
#[template(path = "mail/templates/letter.txt", config = "src/askama.toml", escape = "none")]
struct TextPart<'a> {
    greeting: &'a str,
    blocks: &'a [Block],
    support: &'a str,
    message_id: &'a str,
}

#[derive(askama::Template)]
#[template(path = "mail/templates/letter.html", config = "src/askama.toml")]
struct HtmlPart<'a> {
    language: &'static str,
    subject: &'a str,
    greeting: &'a str,
    blocks: &'a [Block],
    support: &'a str,
    message_id: &'a str,
}

impl Letter<'_> {
    /// Writes the mail. Both parts have the same content.
    pub(crate) fn write(&self) -> Result<OutgoingMail, Fault> {
        let subject = self.text(self.topic.subject_key(), &[]);
        let greeting = self.text("mail-greeting", &[]);
        let support = self.text("mail-support", &[]);
        let message_id = self.text("mail-message-id", &[("message_id", self.id.as_str().into())]);
        let blocks = self.blocks();
        let failed = |error: askama::Error| Fault::internal("writing a mail", error);
        let text_part =
            TextPart { greeting: &greeting, blocks: &blocks, support: &support, message_id: &message_id };
        let html_part = HtmlPart {
            language: self.locale.as_str(),
            subject: &subject,
            greeting: &greeting,
            blocks: &blocks,
            support: &support,
            message_id: &message_id,
        };
        let text = text_part.render().map_err(failed)?;
        let html = html_part.render().map_err(failed)?;
        Ok(OutgoingMail { id: self.id.clone(), to: self.to.clone(), kind: self.topic.kind(), subject, text, html })
    }

    fn blocks(&self) -> Vec<Block> {
        match &self.topic {
            Topic::ResetLink { link, withdraw_link, lifetime } => self.reset_link(link, *withdraw_link, *lifetime),
            Topic::PasswordChanged { not_me_page } => {
                let mut blocks = vec![self.about_number("mail-changed-intro"), self.say("mail-changed-not-me")];
                blocks.extend(self.button("mail-changed-not-me-button", *not_me_page));
                blocks
            }
            Topic::NewDevice { device, not_me_page } => {
                let device = device.map_or_else(|| self.text("mail-device-unknown", &[]), str::to_owned);
                let arguments = [("last_two", self.last_two_digits.into()), ("device", device.into())];
                let mut blocks = vec![
                    Block::Paragraph(self.text("mail-device-intro", &arguments)),
                    self.say("mail-device-not-me"),
                ];
                blocks.extend(self.button("mail-changed-not-me-button", *not_me_page));
                blocks
            }
            Topic::NewDevices { account_page, not_me_page } => {
                let mut blocks = vec![self.about_number("mail-devices-intro")];
                if let Some(url) = account_page {
                    let label = self.text("mail-devices-sessions-button", &[]);
                    blocks
                        .extend([self.say("mail-devices-sessions"), Block::Link { label, url: (*url).to_owned() }]);
                }
                blocks.push(self.say("mail-device-not-me"));
                blocks.extend(self.button("mail-changed-not-me-button", *not_me_page));
                blocks
            }
            Topic::ExpiryReminder { expires_on, has_expired, request_page } => {
                let date = date_text(self.locale, *expires_on);
                let intro = if *has_expired { "mail-expired-intro" } else { "mail-expiry-intro" };
                let arguments = [("last_two", self.last_two_digits.into()), ("date", date.into())];
                let mut blocks = vec![Block::Paragraph(self.text(intro, &arguments))];
                blocks.extend(self.button("mail-expiry-button", *request_page));
                blocks
            }
            Topic::AccessClosed => vec![self.about_number("mail-closed-intro"), self.say("mail-closed-contact")],
            Topic::AccessReopened => {
                vec![self.about_number("mail-reopened-intro"), self.say("mail-reopened-contact")]
            }
            Topic::AddressChanged => vec![self.about_number("mail-address-intro"), self.say("mail-address-not-me")],
        }
    }

    fn reset_link(&self, link: &str, withdraw_link: Option<&str>, lifetime: Lifetime) -> Vec<Block> {
        let lifetime = match lifetime {
            Lifetime::Hours(hours) => self.text("lifetime-hours", &[("hours", hours.into())]),
            Lifetime::Minutes(minutes) => self.text("lifetime-minutes", &[("minutes", minutes.into())]),
            Lifetime::Seconds(seconds) => self.text("lifetime-seconds", &[("seconds", seconds.into())]),
        };
        let mut blocks = vec![self.about_number("mail-reset-intro")];
        blocks.extend(self.button("mail-reset-button", Some(link)));
        blocks.push(Block::Paragraph(self.text("mail-reset-lifetime", &[("lifetime", lifetime.into())])));
        match withdraw_link {
            Some(url) => {
                let label = self.text("mail-reset-not-me-button", &[]);
                blocks.extend([self.say("mail-reset-not-me"), Block::Link { label, url: url.to_owned() }]);
            }
            None => blocks.push(self.say("mail-reset-not-me-without-link")),
        }
        blocks
    }

    fn text(&self, key: &str, arguments: &[Argument<'_>]) -> String {
        brand_text(self.brand, self.locale, key, arguments)
    }

    fn say(&self, key: &str) -> Block {
        Block::Paragraph(self.text(key, &[]))
    }

    fn about_number(&self, key: &str) -> Block {
        Block::Paragraph(self.text(key, &[("last_two", self.last_two_digits.into())]))
    }

    fn button(&self, label_key: &str, url: Option<&str>) -> Option<Block> {
        url.map(|url| Block::Button { label: self.text(label_key, &[]), url: url.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn reset_mail(locale: Locale, link: &str) -> OutgoingMail {
        let (brand, id) = (Brand::standard().unwrap(), MailId::from_text("m4il".to_owned()));
        let to = EmailAddress::parse("ana@example.si").unwrap();
        let topic = Topic::ResetLink {
            link,
            withdraw_link: Some("https://stakis.example/withdraw-reset#token=t0ken"),
            lifetime: Lifetime::Minutes(60),
        };
        Letter { id: &id, to: &to, locale, last_two_digits: "17", topic, brand: &brand }.write().unwrap()
    }

    #[test]
    fn ml_06_says_in_every_language_what_it_must_and_no_more() {
        for &locale in Locale::ALL {
            let mail = reset_mail(locale, "https://stakis.example/change-password#token=t0ken");
            for part in [&mail.text, &mail.html] {
                for needle in [
                    "https://stakis.example/change-password#token=t0ken",
                    "https://stakis.example/withdraw-reset#token=t0ken",
                    " 17",
                    "60 ",
                    "stakis.support@stahlgruber.si",
                    "01 587 31 31",
                    "m4il",
                ] {
                    assert!(part.contains(needle), "{locale}: {needle:?} is missing in\n{part}");
                }
            }
            assert!(mail.subject.starts_with("STAkis: ") && !mail.subject.contains("17"), "{}", mail.subject);
        }
    }

    #[test]
    fn ml_06_notices_say_what_they_must_in_every_language() {
        let brand = Brand::standard().unwrap();
        let (id, to) = (MailId::from_text("m4il".to_owned()), EmailAddress::parse("ana@example.si").unwrap());
        let expires_on = NaiveDate::from_ymd_opt(2027, 5, 21).unwrap();
        let request_page = Some("https://stakis.example/change-password");
        for &locale in Locale::ALL {
            for (topic, needle) in [
                (Topic::PasswordChanged { not_me_page: request_page }, " 17"),
                (
                    Topic::NewDevice { device: Some("Firefox, Windows"), not_me_page: request_page },
                    "(Firefox, Windows)",
                ),
                (
                    Topic::NewDevices {
                        account_page: Some("https://stakis.example/account"),
                        not_me_page: request_page,
                    },
                    "https://stakis.example/account",
                ),
                (Topic::ExpiryReminder { expires_on, has_expired: false, request_page }, "2027"),
                (Topic::ExpiryReminder { expires_on, has_expired: true, request_page }, "2027"),
            ] {
                let mail = Letter { id: &id, to: &to, locale, last_two_digits: "17", topic, brand: &brand }
                    .write()
                    .unwrap();
                for part in [&mail.text, &mail.html] {
                    assert!(
                        part.contains(needle) && part.contains("https://stakis.example/change-password"),
                        "{part}"
                    );
                    assert!(!part.contains("..") && !part.contains("mail-") && !part.contains("{ $"), "{part}");
                }
            }
        }
    }

    /// These notices hold no link.
    #[test]
    fn ml_06_notices_of_access_and_address_name_the_contact() {
        let brand = Brand::standard().unwrap();
        let (id, to) = (MailId::from_text("m4il".to_owned()), EmailAddress::parse("ana@example.si").unwrap());
        for &locale in Locale::ALL {
            for topic in [Topic::AccessClosed, Topic::AccessReopened, Topic::AddressChanged] {
                let mail = Letter { id: &id, to: &to, locale, last_two_digits: "17", topic, brand: &brand }
                    .write()
                    .unwrap();
                for part in [&mail.text, &mail.html] {
                    for needle in [" 17", "stakis.support@stahlgruber.si", "01 587 31 31", "m4il"] {
                        assert!(part.contains(needle), "{locale}: {needle:?} is missing in\n{part}");
                    }
                    // A reader of the old address, or one whose access was closed, gets no link into the service.
                    assert!(!part.contains("://") && !part.contains("ana@example.si"), "{part}");
                    assert!(!part.contains("mail-") && !part.contains("{ $"), "{part}");
                }
                assert!(mail.subject.starts_with("STAkis: ") && !mail.subject.contains("17"), "{}", mail.subject);
            }
        }
    }

    #[test]
    fn ml_06_the_slovenian_mail_reads_well() {
        let mail = reset_mail(Locale::Sl, "https://stakis.example/change-password#token=t0ken");
        insta::assert_snapshot!(mail.text, @"
        Pozdravljeni,

        prejeli smo zahtevo za spremembo gesla za šifro stranke, ki se konča na 17. Novo geslo nastavite s to povezavo:

        Sprememba gesla:
        https://stakis.example/change-password#token=t0ken

        Povezava velja 60 minut in jo lahko uporabite samo enkrat.

        Spremembe niste zahtevali? Vaše geslo ostaja nespremenjeno. Povezavo lahko prekličete:

        Spremembe nismo zahtevali:
        https://stakis.example/withdraw-reset#token=t0ken

        --
        Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
        Oznaka sporočila: m4il
        ");
    }

    #[test]
    fn ml_05_the_html_part_escapes_what_is_put_into_it() {
        let mail = reset_mail(Locale::En, "https://stakis.example/?a=\"><script>");
        assert!(!mail.html.contains("<script>"), "{}", mail.html);
    }
}

//! Writing a mail: its text part, its HTML part and its header.

use askama::Template as _;

use super::{
    content::{Content, Prominence},
    letter::Letter,
    outgoing::OutgoingMail,
    spans::{Span, spans},
};
use crate::{
    brand::{Brand, Scheme},
    types::Fault,
};

#[derive(askama::Template)]
#[template(path = "mail/templates/letter.txt", config = "src/askama.toml", escape = "none")]
struct TextPart<'a> {
    content: &'a Content,
    brand: &'a Brand,
}

#[derive(askama::Template)]
#[template(path = "mail/templates/letter.html", config = "src/askama.toml")]
struct HtmlPart<'a> {
    language: &'static str,
    subject: &'a str,
    content: &'a Content,
    brand: &'a Brand,
    light: &'a Scheme,
    dark: &'a Scheme,
}

impl HtmlPart<'_> {
    /// A sentence with its contacts as links.
    fn spans<'s>(&'s self, sentence: &'s str) -> Vec<Span<'s>> {
        spans(self.brand, sentence)
    }

    /// A telephone number that Outlook does not break either.
    #[expect(clippy::unused_self, reason = "a template calls what the part has")]
    fn unbroken(&self, phone: &str) -> String {
        phone.replace(' ', "\u{a0}")
    }
}

impl Letter<'_> {
    /// Writes the mail. Both parts have the same content.
    pub(crate) fn write(&self) -> Result<OutgoingMail, Fault> {
        let content = Content::of(self);
        let subject = self.text(self.topic.subject_key(), &[]);
        let (brand, palette) = (self.brand, &self.brand.palette);
        let failed = |error: askama::Error| Fault::internal("writing a mail", error);
        let html_part = HtmlPart {
            language: self.locale.as_str(),
            subject: &subject,
            content: &content,
            brand,
            light: &palette.light,
            dark: &palette.dark,
        };
        let text = TextPart { content: &content, brand }.render().map_err(failed)?;
        let html = html_part.render().map_err(failed)?;
        Ok(OutgoingMail {
            id: self.id.clone(),
            to: self.to.clone(),
            sender_name: brand.name.clone(),
            reply_to: brand.support_email.clone(),
            headers: self.headers(),
            kind: self.topic.kind(),
            subject,
            text,
            html,
        })
    }

    /// The sentence that a list of mails shows after the subject.
    pub(crate) fn preheader(&self) -> String {
        Content::of(self).preheader
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("X-Message-Id", self.id.as_str().to_owned()),
            // No absence notice answers such a mail (RFC 3834 §5).
            ("Auto-Submitted", "auto-generated".to_owned()),
        ];
        // What concerns the security of an account cannot be unsubscribed from.
        if self.topic.is_reminder() {
            // RFC 2369 §3.2
            headers.push(("List-Unsubscribe", format!("<{}>", self.brand.support_email_link())));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{
        mail::{Lifetime, LinkPurpose, NotMe, Topic},
        types::{EmailAddress, Locale, MailId},
    };

    const LINK: &str = "https://stakis.example/change-password#token=t0ken";
    const WITHDRAW_LINK: &str = "https://stakis.example/withdraw-reset#token=t0ken";
    const LOCK_DOWN_LINK: &str = "https://stakis.example/not-me#token=t0ken";
    const PAGE: &str = "https://stakis.example/change-password";

    fn written(locale: Locale, topic: Topic<'_>) -> OutgoingMail {
        let (brand, id) = (Brand::standard().unwrap(), MailId::from_text("m4il".to_owned()));
        let to = EmailAddress::parse("ana@example.si").unwrap();
        let told_at = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(13, 5, 59).unwrap();
        let last_two_digits = "17";
        Letter { id: &id, to: &to, locale, last_two_digits, told_at, brand: &brand, topic }.write().unwrap()
    }

    fn reset(link: &str) -> Topic<'_> {
        Topic::ResetLink {
            purpose: LinkPurpose::Reset,
            link,
            withdraw_link: Some(WITHDRAW_LINK),
            lifetime: Lifetime::Minutes(60),
        }
    }

    fn assert_says(mail: &OutgoingMail, needles: &[&str]) {
        for part in [&mail.text, &mail.html.replace('\u{a0}', " ")] {
            for needle in needles.iter().chain(&[" 17", "stakis.support@stahlgruber.si", "01 587 31 31", "m4il"]) {
                assert!(part.contains(needle), "{needle:?} is missing in\n{part}");
            }
            assert!(!part.contains("ana@example.si"), "{part}");
            assert!(!part.contains("..") && !part.contains("mail-") && !part.contains("{ $"), "{part}");
        }
        assert!(mail.subject.starts_with("STAkis: ") && !mail.subject.contains("17"), "{}", mail.subject);
    }

    #[test]
    fn ml_06_says_in_every_language_what_it_must_and_no_more() {
        for &locale in Locale::ALL {
            assert_says(&written(locale, reset(LINK)), &[LINK, WITHDRAW_LINK, "60 ", "14:05"]);
        }
    }

    #[test]
    fn ml_06_notices_say_what_they_must_in_every_language() {
        let request_page = Some(PAGE);
        let lock_down_link = Some(LOCK_DOWN_LINK);
        let serves_until = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().and_hms_opt(14, 6, 0).unwrap();
        for &locale in Locale::ALL {
            for (not_me, link) in
                [(NotMe::NewPassword(Some(PAGE)), PAGE), (NotMe::LockDown(LOCK_DOWN_LINK), LOCK_DOWN_LINK)]
            {
                let device = Some("Firefox, Windows");
                let account_page = Some("https://stakis.example/account");
                for (topic, needle) in [
                    (Topic::PasswordChanged { not_me }, "14:05"),
                    (Topic::NewDevice { device, not_me }, "Firefox, Windows"),
                    (Topic::NewDevices { account_page, not_me }, "https://stakis.example/account"),
                ] {
                    assert_says(&written(locale, topic), &[needle, link]);
                }
            }
            for (topic, needles) in [
                (Topic::ExpiryReminder { has_expired: false, request_page }, ["2026", PAGE]),
                (Topic::ExpiryReminder { has_expired: true, request_page }, ["2026", PAGE]),
                (Topic::AddressChanged { lock_down_link }, ["14:05", LOCK_DOWN_LINK]),
                (Topic::EmailChangeLink { link: LINK, serves_until }, ["15:06", LINK]),
                (
                    Topic::EmailChangeAsked { withdraw_link: WITHDRAW_LINK, new_email: "n•••@e•••.si" },
                    ["n•••@e•••.si", WITHDRAW_LINK],
                ),
            ] {
                assert_says(&written(locale, topic), &needles);
            }
        }
    }

    #[test]
    fn ow_11_the_letter_with_a_code_says_who_asks_and_who_may_read_it_out() {
        let serves_until = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(13, 15, 59).unwrap();
        let topic = Topic::CallerCode { code: "004 217", asked_by: "Maja <b>Novak</b>", serves_until };
        for &locale in Locale::ALL {
            let mail = written(locale, topic);
            assert_says(&mail, &["004 217", "14:05", "14:15"]);
            assert!(mail.text.contains("Maja <b>Novak</b>") && !mail.html.contains("<b>Novak"), "{}", mail.html);
            assert!(!mail.text.contains("://") && !mail.html.contains("://"), "{}", mail.text);
            // A locked telephone shows the subject and the first sentence.
            let preheader = mail.html.split("<table").next().unwrap();
            assert!(!preheader.contains("004") && !mail.subject.contains("004"), "{preheader}");
        }
        insta::assert_snapshot!(written(Locale::Sl, topic).text, @"
        Koda za pogovor s podporo

        Pozdravljeni,

        podpora preverja, kdo kliče. Če ste jo poklicali vi, preberite svetovalcu to kodo.

        004 217

        Čas vprašanja: 22. 11. 2026 ob 14:05
        Sprašuje: Maja <b>Novak</b>
        Šifra stranke: se konča na 17
        Koda velja do: 22. 11. 2026 ob 14:15

        Nas niste poklicali vi?
        Kode ne povejte nikomur, tudi če kdo pokliče vas in se predstavi kot naša podpora. Kodo prebere samo tisti, ki je sam poklical na 01 587 31 31.

        Lep pozdrav
        STAkis

        --
        Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
        Oznaka sporočila: m4il
        ");
    }

    /// These notices hold no link into the service.
    #[test]
    fn ml_06_notices_of_access_and_address_name_the_contact() {
        for &locale in Locale::ALL {
            let contested = Topic::AccessContested;
            let changed = Topic::AddressChanged { lock_down_link: None };
            for topic in [Topic::AccessClosed, Topic::AccessReopened, changed, contested] {
                let mail = written(locale, topic);
                assert_says(&mail, &["14:05"]);
                assert!(!mail.text.contains("://") && !mail.html.contains("://"), "{}", mail.text);
            }
        }
    }

    #[test]
    fn ml_06_the_slovenian_mail_reads_well() {
        insta::assert_snapshot!(written(Locale::Sl, reset(LINK)).text, @"
        Sprememba gesla

        Pozdravljeni,

        prejeli smo zahtevo za spremembo gesla. Novo geslo nastavite s spodnjo povezavo.

        Sprememba gesla:
        https://stakis.example/change-password#token=t0ken

        Čas zahteve: 22. 11. 2026 ob 14:05
        Šifra stranke: se konča na 17
        Povezava velja 60 minut in jo lahko uporabite samo enkrat.

        Tega niste storili vi?
        Vaše geslo ostaja nespremenjeno. Povezavo lahko prekličete.

        Spremembe nismo zahtevali:
        https://stakis.example/withdraw-reset#token=t0ken

        Lep pozdrav
        STAkis

        --
        Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
        Oznaka sporočila: m4il
        ");
    }

    #[test]
    fn ml_06_the_slovenian_notice_reads_well() {
        let topic = Topic::NewDevice { device: Some("Firefox, Windows"), not_me: NotMe::LockDown(LOCK_DOWN_LINK) };
        insta::assert_snapshot!(written(Locale::Sl, topic).text, @"
        Prijava z nove naprave

        Pozdravljeni,

        nekdo se je prijavil v vaš dostop z naprave, ki je doslej nismo poznali. Če ste bili to vi ali kdo od sodelavcev, vam ni treba storiti ničesar.

        Čas: 22. 11. 2026 ob 14:05
        Naprava: Firefox, Windows
        Šifra stranke: se konča na 17

        Tega niste storili vi?
        Če tudi od sodelavcev ni bil nihče, takoj zaklenite dostop: vse naprave se odjavijo in geslo ne velja več. Povezavo za novo geslo dobite po e-pošti.

        Zakleni dostop:
        https://stakis.example/not-me#token=t0ken

        Lep pozdrav
        STAkis

        --
        Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
        Oznaka sporočila: m4il
        ");
    }

    #[test]
    fn ml_05_the_html_part_escapes_what_is_put_into_it() {
        let mail = written(Locale::En, reset("https://stakis.example/?a=\"><script>"));
        assert!(!mail.html.contains("<script>"), "{}", mail.html);
    }
}

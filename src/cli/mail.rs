//! `mail preview`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use askama::Template as _;
use chrono::{NaiveDate, TimeDelta};
use clap::{Args, Subcommand};

use super::{CliError, output::line};
use crate::{
    brand::Brand,
    mail::{Letter, Lifetime, LinkPurpose, NotMe, OutgoingMail, Topic},
    types::{EmailAddress, Locale, MailId, MailKind, UtcTime},
};

#[derive(Subcommand)]
pub(super) enum MailCommand {
    /// Write every mail in every language into a folder, with made-up data and the brand of the settings; it needs no database
    Preview(Preview),
}

#[derive(Args)]
pub(super) struct Preview {
    /// The folder, which is made if it is missing; files of the same names are replaced
    folder: PathBuf,
}

/// A made-up id, in the form of an id.
const MESSAGE_ID: &str = "examplemessage000000000000";
const ADDRESS: &str = "delavnica@example.si";
const LAST_TWO_DIGITS: &str = "17";
const DEVICE: &str = "Firefox, Windows";
/// A link with a made-up token of the real length, so that it breaks into lines as a real one does.
const RESET_LINK: &str =
    "https://identity.example.si/change-password#token=not-a-token-not-a-token-not-a-token-not-a-t";
const WITHDRAW_LINK: &str =
    "https://identity.example.si/withdraw-reset#token=not-a-token-not-a-token-not-a-token-not-a-t";
const CHANGE_PAGE: &str = "https://identity.example.si/change-password";
const ACCOUNT_PAGE: &str = "https://identity.example.si/account";
const LOCK_DOWN_LINK: &str = "https://identity.example.si/not-me#token=not-a-token-not-a-token-not-a-token-not-a-t";
const CONFIRM_LINK: &str =
    "https://identity.example.si/confirm-email#token=not-a-token-not-a-token-not-a-token-not-a-t";
const WITHDRAW_EMAIL_LINK: &str =
    "https://identity.example.si/withdraw-email#token=not-a-token-not-a-token-not-a-token-not-a-t";
const CODE: &str = "004 217";
const SUPPORT: &str = "Maja Novak";
const NEW_EMAIL: &str = "n•••@e•••.si";

struct Section {
    name: &'static str,
    letters: Vec<Written>,
}

struct Written {
    locale: Locale,
    subject: String,
    preheader: String,
}

#[derive(askama::Template)]
#[template(path = "cli/templates/mail-preview.html", config = "src/askama.toml")]
struct Index<'a> {
    brand: &'a Brand,
    sections: &'a [Section],
}

pub(super) fn run(command: MailCommand, brand: &Brand) -> Result<ExitCode, CliError> {
    let MailCommand::Preview(Preview { folder }) = command;
    fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
    let mut sections = Vec::new();
    for (name, topic) in MailKind::ALL.iter().copied().flat_map(examples) {
        let mut letters = Vec::new();
        for &locale in Locale::ALL {
            let (mail, preheader) = letter(brand, topic, locale)?;
            write(&folder.join(format!("{name}.{locale}.html")), &mail.html)?;
            write(&folder.join(format!("{name}.{locale}.txt")), &mail.text)?;
            letters.push(Written { locale, subject: mail.subject, preheader });
        }
        sections.push(Section { name, letters });
    }
    let index = folder.join("index.html");
    write(&index, &Index { brand, sections: &sections }.render()?)?;
    let count = sections.iter().map(|section| section.letters.len()).sum::<usize>();
    line(format_args!("{count} mails written; open {}", index.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The examples of each kind of mail. A new kind does not compile without one.
fn examples(kind: MailKind) -> Vec<(&'static str, Topic<'static>)> {
    let topic = match kind {
        MailKind::ResetLink => {
            let link = |purpose, lifetime| Topic::ResetLink {
                purpose,
                link: RESET_LINK,
                withdraw_link: Some(WITHDRAW_LINK),
                lifetime,
            };
            return vec![
                (kind.as_str(), link(LinkPurpose::Reset, Lifetime::Minutes(60))),
                ("activation", link(LinkPurpose::FirstPassword, Lifetime::Hours(24))),
            ];
        }
        MailKind::PasswordChanged => Topic::PasswordChanged { not_me: NotMe::LockDown(LOCK_DOWN_LINK) },
        MailKind::NewDevice => Topic::NewDevice { device: Some(DEVICE), not_me: NotMe::LockDown(LOCK_DOWN_LINK) },
        MailKind::NewDevices => {
            Topic::NewDevices { account_page: Some(ACCOUNT_PAGE), not_me: NotMe::LockDown(LOCK_DOWN_LINK) }
        }
        MailKind::ExpiryReminder => {
            return vec![(kind.as_str(), reminder(false)), ("expiry_reminder_late", reminder(true))];
        }
        MailKind::AccessClosed => Topic::AccessClosed,
        MailKind::AccessReopened => Topic::AccessReopened,
        MailKind::AccountErased => Topic::AccountErased,
        MailKind::AddressChanged => Topic::AddressChanged { lock_down_link: Some(LOCK_DOWN_LINK) },
        MailKind::EmailChangeLink => {
            Topic::EmailChangeLink { link: CONFIRM_LINK, serves_until: told_at() + TimeDelta::hours(24) }
        }
        MailKind::EmailChangeAsked => {
            Topic::EmailChangeAsked { withdraw_link: WITHDRAW_EMAIL_LINK, new_email: NEW_EMAIL }
        }
        MailKind::AccessContested => Topic::AccessContested,
        MailKind::CallerCode => {
            Topic::CallerCode { code: CODE, asked_by: SUPPORT, serves_until: told_at() + TimeDelta::minutes(10) }
        }
    };
    vec![(kind.as_str(), topic)]
}

fn reminder(has_expired: bool) -> Topic<'static> {
    Topic::ExpiryReminder { has_expired, request_page: Some(CHANGE_PAGE) }
}

/// The mail, and the sentence that a list of mails shows after its subject.
fn letter(brand: &Brand, topic: Topic<'_>, locale: Locale) -> Result<(OutgoingMail, String), CliError> {
    let id = MailId::from_text(MESSAGE_ID.to_owned());
    let to = EmailAddress::parse(ADDRESS)?;
    let last_two_digits = LAST_TWO_DIGITS;
    let letter = Letter { id: &id, to: &to, locale, last_two_digits, told_at: told_at(), brand, topic };
    Ok((letter.write()?, letter.preheader()))
}

/// A made-up time.
fn told_at() -> UtcTime {
    NaiveDate::from_ymd_opt(2026, 11, 22).and_then(|date| date.and_hms_opt(13, 5, 0)).unwrap_or_default()
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    format!("cannot write {}: {error}", path.display()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A mail without what only one of its parts can have: tags, and the dashes before the signature.
    struct Parts {
        /// The words of the HTML part, block by block, with the preheader first.
        blocks: Vec<String>,
        lines: Vec<String>,
        html_links: BTreeSet<String>,
        text_links: BTreeSet<String>,
    }

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn unescaped(html: &str) -> String {
        let mut text = html.to_owned();
        for (entity, character) in [
            ("&#847;", ""),
            ("&zwnj;", ""),
            ("&nbsp;", " "),
            ("&#34;", "\""),
            ("&#39;", "'"),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&#38;", "&"),
        ] {
            text = text.replace(entity, character);
        }
        assert!(!text.contains("&#"), "{text}");
        text
    }

    /// The blocks of the HTML part. A tag within a line, such as that of a link, ends none.
    fn blocks(html: &str) -> Vec<String> {
        let (_, body) = html.split_once("<body").unwrap();
        let mut text = String::new();
        for piece in body.split('<').skip(1) {
            let (tag, after) = piece.split_once('>').unwrap();
            let name = tag.trim_start_matches('/').split([' ', '[']).next().unwrap();
            text.push_str(if ["a", "b"].contains(&name) { "" } else { "\n" });
            text.push_str(after);
        }
        let blocks = text.lines().map(|block| words(&unescaped(block)));
        blocks.filter(|block| !block.is_empty()).collect()
    }

    fn hrefs(html: &str) -> BTreeSet<String> {
        let links = html.split("href=\"").skip(1).map(|rest| unescaped(rest.split('"').next().unwrap()));
        links.filter(|link| link.starts_with("http")).collect()
    }

    impl Parts {
        fn of(mail: &OutgoingMail) -> Self {
            Self {
                blocks: blocks(&mail.html),
                lines: mail.text.lines().map(words).filter(|line| !line.is_empty() && line != "--").collect(),
                html_links: hrefs(&mail.html),
                text_links: mail
                    .text
                    .split_whitespace()
                    .filter(|word| word.starts_with("http"))
                    .map(str::to_owned)
                    .collect(),
            }
        }

        /// Whether all of the HTML part stands in the text part, and the other way round.
        fn compare(&self) -> Result<(), String> {
            let (html, text) = (self.blocks.join(" "), self.lines.join(" "));
            // A label has a colon in the text part alone.
            let plain = |text: &str| text.replace(": ", " ");
            let (html, text) = (plain(&html), plain(&text));
            for block in &self.blocks {
                if !text.contains(&plain(block)) {
                    return Err(format!("only in the HTML part: {block}"));
                }
            }
            for line in &self.lines {
                let line = plain(line);
                let line = line.trim_end_matches(':');
                if !html.contains(line) && !self.html_links.contains(line) {
                    return Err(format!("only in the text part: {line}"));
                }
            }
            if self.html_links != self.text_links {
                return Err(format!("links: {:?} and {:?}", self.html_links, self.text_links));
            }
            Ok(())
        }
    }

    fn brands() -> [Brand; 2] {
        let standard = Brand::standard().unwrap();
        let company = Some("Deli & sinovi, d. o. o., Cesta 1, 1000 Ljubljana".to_owned());
        [Brand { company, name: "Avto 3".to_owned(), ..standard.clone() }, standard]
    }

    fn each_letter(mut check: impl FnMut(&str, &Brand, MailKind, &OutgoingMail, &str)) {
        for brand in brands() {
            for &kind in MailKind::ALL {
                for (name, topic) in examples(kind) {
                    for &locale in Locale::ALL {
                        let (mail, preheader) = letter(&brand, topic, locale).unwrap();
                        check(&format!("{name}.{locale}"), &brand, kind, &mail, &preheader);
                    }
                }
            }
        }
    }

    #[test]
    fn ml_05_both_parts_say_the_same() {
        each_letter(|name, brand, _, mail, _| {
            if let Err(difference) = Parts::of(mail).compare() {
                panic!("{name}: {difference}\n{}\n{}", mail.text, mail.html);
            }
            for part in [&mail.text, &unescaped(&mail.html)] {
                for needed in [&*brand.name, brand.company.as_deref().unwrap_or_default(), "2026", "14:05", " 17"] {
                    assert!(part.contains(needed), "{name}: {needed} is missing in {part}");
                }
                assert!(!part.contains("mail-") && !part.contains("{ $"), "{name}: {part}");
            }
        });
    }

    #[test]
    fn ml_05_what_one_part_alone_says_is_found() {
        let (mail, _) = letter(&Brand::standard().unwrap(), reminder(false), Locale::Sl).unwrap();
        assert_eq!(Parts::of(&mail).compare(), Ok(()));
        let more_html = OutgoingMail { html: mail.html.replace("</h1>", " zdaj</h1>"), ..mail.clone() };
        assert!(Parts::of(&more_html).compare().is_err());
        let more_text = OutgoingMail { text: format!("{}\nIn še to.", mail.text), ..mail.clone() };
        assert!(Parts::of(&more_text).compare().is_err());
        let other_link = OutgoingMail { text: mail.text.replace(CHANGE_PAGE, ACCOUNT_PAGE), ..mail };
        assert!(Parts::of(&other_link).compare().is_err());
    }

    #[test]
    fn ml_06_the_header_is_that_of_the_kind() {
        each_letter(|name, brand, kind, mail, _| {
            assert_eq!(mail.kind, kind, "{name}");
            assert_eq!(mail.sender_name, brand.name, "{name}");
            assert_eq!(mail.reply_to.as_str(), brand.support_email.as_str(), "{name}");
            assert!(mail.subject.starts_with(&format!("{}: ", brand.name)), "{name}: {}", mail.subject);
            let unsubscribe = format!("<mailto:{}>", brand.support_email.as_str());
            let mut expected = vec![("X-Message-Id", MESSAGE_ID), ("Auto-Submitted", "auto-generated")];
            expected.extend((kind == MailKind::ExpiryReminder).then_some(("List-Unsubscribe", &*unsubscribe)));
            let headers: Vec<_> = mail.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(headers, expected, "{name}");
        });
    }

    #[test]
    fn ml_06_a_letter_has_one_button_at_most_and_linked_contacts() {
        each_letter(|name, brand, _, mail, preheader| {
            let html = &mail.html;
            assert!(html.contains(&format!("<html lang=\"{}\">", name.split('.').nth(1).unwrap())), "{name}");
            assert!(html.matches("class=\"button\"").count() <= 1, "{name}");
            for link in [brand.support_email_link(), brand.support_phone_link()] {
                assert!(html.contains(&format!("href=\"{link}\"")), "{name}: {link}");
            }
            assert_eq!(blocks(html).first().unwrap(), preheader, "{name}");
            assert!(preheader.len() > 30 && !mail.subject.contains(preheader), "{name}: {preheader}");
        });
    }

    /// A retried mail must be the same to the byte (ML-01).
    #[test]
    fn ml_01_a_letter_is_written_twice_to_the_same_bytes() {
        each_letter(|name, brand, kind, mail, _| {
            let topic =
                examples(kind).into_iter().find(|(topic, _)| name.split('.').next() == Some(*topic)).unwrap().1;
            let locale = Locale::ALL.iter().find(|locale| name.ends_with(locale.as_str())).unwrap();
            let (again, _) = letter(brand, topic, *locale).unwrap();
            assert_eq!(
                (&again.text, &again.html, &again.headers),
                (&mail.text, &mail.html, &mail.headers),
                "{name}"
            );
        });
    }
}

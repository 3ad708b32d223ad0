//! `mail preview`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use askama::Template as _;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{CliError, output::line};
use crate::{
    brand::Brand,
    mail::{Letter, Lifetime, OutgoingMail, Topic},
    types::{EmailAddress, Locale, MailId, MailKind},
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
const NOT_ME_PAGE: &str = "https://identity.example.si/not-me";

struct Section {
    name: &'static str,
    letters: Vec<Written>,
}

struct Written {
    locale: Locale,
    subject: String,
}

#[derive(askama::Template)]
#[template(path = "cli/templates/mail-preview.html", config = "src/askama.toml")]
struct Index<'a> {
    sections: &'a [Section],
}

pub(super) fn run(command: MailCommand, brand: &Brand) -> Result<ExitCode, CliError> {
    let MailCommand::Preview(Preview { folder }) = command;
    fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
    let mut sections = Vec::new();
    for (name, topic) in MailKind::ALL.iter().copied().flat_map(examples) {
        let mut letters = Vec::new();
        for &locale in Locale::ALL {
            let mail = letter(brand, topic, locale)?;
            write(&folder.join(format!("{name}.{locale}.html")), &mail.html)?;
            write(&folder.join(format!("{name}.{locale}.txt")), &mail.text)?;
            letters.push(Written { locale, subject: mail.subject });
        }
        sections.push(Section { name, letters });
    }
    let index = folder.join("index.html");
    write(&index, &Index { sections: &sections }.render()?)?;
    let count = sections.iter().map(|section| section.letters.len()).sum::<usize>();
    line(format_args!("{count} mails written; open {}", index.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The examples of each kind of mail. A new kind does not compile without one.
fn examples(kind: MailKind) -> Vec<(&'static str, Topic<'static>)> {
    let topic = match kind {
        MailKind::ResetLink => Topic::ResetLink {
            link: RESET_LINK,
            withdraw_link: Some(WITHDRAW_LINK),
            lifetime: Lifetime::Minutes(60),
        },
        MailKind::PasswordChanged => Topic::PasswordChanged { not_me_page: Some(NOT_ME_PAGE) },
        MailKind::NewDevice => Topic::NewDevice { device: Some(DEVICE), not_me_page: Some(NOT_ME_PAGE) },
        MailKind::NewDevices => {
            Topic::NewDevices { account_page: Some(ACCOUNT_PAGE), not_me_page: Some(NOT_ME_PAGE) }
        }
        MailKind::ExpiryReminder => {
            return vec![(kind.as_str(), reminder(false)), ("expiry_reminder_late", reminder(true))];
        }
        MailKind::AccessClosed => Topic::AccessClosed,
        MailKind::AccessReopened => Topic::AccessReopened,
        MailKind::AddressChanged => Topic::AddressChanged,
    };
    vec![(kind.as_str(), topic)]
}

fn reminder(has_expired: bool) -> Topic<'static> {
    let expires_on = NaiveDate::from_ymd_opt(2027, 5, 21).unwrap_or_default();
    Topic::ExpiryReminder { expires_on, has_expired, request_page: Some(CHANGE_PAGE) }
}

fn letter(brand: &Brand, topic: Topic<'_>, locale: Locale) -> Result<OutgoingMail, CliError> {
    let id = MailId::from_text(MESSAGE_ID.to_owned());
    let to = EmailAddress::parse(ADDRESS)?;
    Ok(Letter { id: &id, to: &to, locale, last_two_digits: LAST_TWO_DIGITS, brand, topic }.write()?)
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    format!("cannot write {}: {error}", path.display()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_tagged_as_its_kind() {
        let brand = Brand::standard().unwrap();
        for &kind in MailKind::ALL {
            for (name, topic) in examples(kind) {
                for &locale in Locale::ALL {
                    let mail = letter(&brand, topic, locale).unwrap();
                    assert_eq!(mail.kind, kind, "{name}");
                    assert!(mail.html.contains(&format!("<html lang=\"{locale}\">")), "{name}");
                }
            }
        }
    }
}

//! What a letter says, before it takes the form of the text part or of the HTML part.

use super::{
    letter::Letter,
    topic::{Lifetime, LinkPurpose, NotMe, Topic},
};
use crate::{
    texts::{Argument, brand_text, date_text, moment_text},
    types::UtcTime,
};

/// What a letter says. Each part shows all of it.
pub(super) struct Content {
    /// The sentence that a list of mails shows after the subject. It stands in the letter too.
    pub(super) preheader: String,
    pub(super) title: String,
    pub(super) greeting: String,
    pub(super) intro: String,
    /// The digits that the reader reads out, in groups.
    pub(super) code: Option<String>,
    /// What the reader is asked to do.
    pub(super) action: Option<Action>,
    pub(super) facts: Vec<Fact>,
    /// The sentence below the facts.
    pub(super) fine_print: Option<String>,
    pub(super) aside: Option<Aside>,
    pub(super) closing: String,
    pub(super) support: String,
    pub(super) message_id: String,
}

/// A link with its label.
pub(super) struct Action {
    pub(super) label: String,
    pub(super) url: String,
    pub(super) prominence: Prominence,
}

/// How the HTML part shows a link. A letter has one button at most.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prominence {
    /// A button, with the address below it.
    Button,
    /// A text link.
    Link,
}

/// A fact about what the letter tells, such as its time.
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
}

/// A block with a question and what to do about it.
pub(super) struct Aside {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) action: Option<Action>,
}

impl Content {
    pub(super) fn of(letter: &Letter<'_>) -> Self {
        let base = |key| letter.base(key);
        match &letter.topic {
            Topic::ResetLink { purpose, link, withdraw_link, lifetime } => {
                let content = reset_link(letter, link, *withdraw_link, *lifetime);
                if *purpose == LinkPurpose::FirstPassword { activation(letter, content) } else { content }
            }
            Topic::PasswordChanged { not_me } => {
                base("mail-changed").with_aside(letter.not_me("mail-changed-not-me", *not_me))
            }
            Topic::NewDevice { device, not_me } => {
                let device = device.map_or_else(|| letter.say("mail-fact-device-unknown"), str::to_owned);
                let mut content = base("mail-device").with_aside(letter.not_me("mail-device-not-me", *not_me));
                content.facts.insert(1, letter.fact("mail-fact-device", device));
                content
            }
            Topic::NewDevices { account_page, not_me } => {
                let mut content = base("mail-devices").with_aside(letter.not_me("mail-device-not-me", *not_me));
                if let Some(url) = account_page {
                    content.intro = format!("{} {}", content.intro, letter.say("mail-devices-sessions"));
                    content.action = Some(letter.action("mail-devices-sessions-link", url, Prominence::Link));
                }
                content
            }
            Topic::ExpiryReminder { has_expired, request_page, .. } => {
                reminder(letter, *has_expired, *request_page)
            }
            Topic::AccessClosed => {
                base("mail-closed").with_aside(letter.question("mail-closed-question-title", "mail-question"))
            }
            Topic::AccountErased => {
                base("mail-erased").with_aside(letter.question("mail-closed-question-title", "mail-question"))
            }
            Topic::AccessReopened => {
                let password = letter.say("mail-reopened-password");
                let content = base("mail-reopened");
                let intro = format!("{} {password}", content.intro);
                let question = letter.question("mail-question-title", "mail-question");
                Self { intro, preheader: password, ..content.with_aside(question) }
            }
            Topic::AddressChanged { lock_down_link } => address_changed(letter, *lock_down_link),
            Topic::EmailChangeLink { link, serves_until } => email_change_link(letter, link, *serves_until),
            Topic::EmailChangeAsked { withdraw_link, new_email } => {
                let withdraw = letter.action("mail-email-asked-withdraw", withdraw_link, Prominence::Button);
                let aside = letter.question("mail-not-me-title", "mail-email-asked-not-me");
                let mut content = base("mail-email-asked").with_aside(Aside { action: Some(withdraw), ..aside });
                content.facts.insert(1, letter.fact("mail-fact-new-email", (*new_email).to_owned()));
                content
            }
            Topic::AccessContested => base("mail-contested")
                .with_aside(letter.question("mail-contested-next-title", "mail-contested-next")),
            Topic::CallerCode { code, asked_by, serves_until } => {
                caller_code(letter, code, asked_by, *serves_until)
            }
        }
    }

    /// The list of mails shows the block too, since it says what to do.
    fn with_aside(self, aside: Aside) -> Self {
        Self { preheader: format!("{} {}", aside.title, aside.text), aside: Some(aside), ..self }
    }
}

fn reset_link(letter: &Letter<'_>, link: &str, withdraw_link: Option<&str>, lifetime: Lifetime) -> Content {
    let lifetime = match lifetime {
        Lifetime::Hours(hours) => letter.text("lifetime-hours", &[("hours", hours.into())]),
        Lifetime::Minutes(minutes) => letter.text("lifetime-minutes", &[("minutes", minutes.into())]),
        Lifetime::Seconds(seconds) => letter.text("lifetime-seconds", &[("seconds", seconds.into())]),
    };
    let lifetime = letter.text("mail-reset-lifetime", &[("lifetime", lifetime.into())]);
    let withdraw = withdraw_link.map(|url| letter.action("mail-reset-withdraw", url, Prominence::Link));
    let not_me = if withdraw.is_some() { "mail-reset-not-me" } else { "mail-reset-not-me-without-link" };
    let aside = Aside { action: withdraw, ..letter.question("mail-not-me-title", not_me) };
    Content {
        preheader: lifetime.clone(),
        action: Some(letter.action("mail-reset-button", link, Prominence::Button)),
        facts: vec![letter.time("mail-fact-requested"), letter.number()],
        fine_print: Some(lifetime),
        ..letter.base("mail-reset").with_aside(aside)
    }
}

/// The letter of a link for the first password: the same link and the same facts, with words for somebody who has not
/// asked for it.
fn activation(letter: &Letter<'_>, content: Content) -> Content {
    let Content { title, intro, .. } = letter.base("mail-activation");
    let aside = content.aside.map(|aside| {
        let key =
            if aside.action.is_some() { "mail-activation-not-me" } else { "mail-activation-not-me-without-link" };
        let action = aside.action.map(|action| Action { label: letter.say("mail-activation-withdraw"), ..action });
        Aside { action, ..letter.question("mail-activation-not-me-title", key) }
    });
    let action = content.action.map(|action| Action { label: letter.say("mail-activation-button"), ..action });
    Content { title, intro, action, aside, facts: vec![letter.time("mail-fact-time"), letter.number()], ..content }
}

fn address_changed(letter: &Letter<'_>, lock_down_link: Option<&str>) -> Content {
    let content = letter.base("mail-address");
    match lock_down_link {
        Some(link) => content.with_aside(letter.not_me("mail-address-not-me", NotMe::LockDown(link))),
        None => content.with_aside(letter.question("mail-not-me-title", "mail-address-not-me")),
    }
}

fn email_change_link(letter: &Letter<'_>, link: &str, serves_until: UtcTime) -> Content {
    let until = letter.fact("mail-fact-link-until", moment_text(letter.locale, serves_until));
    Content {
        preheader: letter.say("mail-email-link-number"),
        action: Some(letter.action("mail-email-link-button", link, Prominence::Button)),
        facts: vec![letter.time("mail-fact-requested"), letter.number(), until],
        fine_print: Some(letter.say("mail-email-link-number")),
        ..letter
            .base("mail-email-link")
            .with_aside(letter.question("mail-email-link-not-me-title", "mail-email-link-not-me"))
    }
}

/// The list of mails does not show the code, which a locked telephone would tell to everybody.
fn caller_code(letter: &Letter<'_>, code: &str, asked_by: &str, serves_until: UtcTime) -> Content {
    let until = letter.fact("mail-fact-code-until", moment_text(letter.locale, serves_until));
    let by = letter.fact("mail-fact-asked-by", asked_by.to_owned());
    Content {
        code: Some(code.to_owned()),
        facts: vec![letter.time("mail-fact-asked-at"), by, letter.number(), until],
        ..letter.base("mail-caller").with_aside(letter.question("mail-caller-not-me-title", "mail-caller-not-me"))
    }
}

fn reminder(letter: &Letter<'_>, has_expired: bool, request_page: Option<&str>) -> Content {
    let (key, fact) =
        if has_expired { ("mail-expired", "mail-fact-expired") } else { ("mail-expiry", "mail-fact-expiry") };
    let advice = letter.say(&format!("{key}-advice"));
    let date = date_text(letter.locale, letter.told_at);
    let intro = letter.text(&format!("{key}-intro"), &[("date", date.into())]);
    Content {
        intro: format!("{intro} {advice}"),
        preheader: advice,
        action: request_page.map(|url| letter.action("mail-expiry-button", url, Prominence::Button)),
        facts: vec![letter.time(fact), letter.number()],
        ..letter.base(key)
    }
}

impl Letter<'_> {
    /// What every letter has. `key` begins the keys of its title and of its first paragraph.
    fn base(&self, key: &str) -> Content {
        Content {
            preheader: String::new(),
            title: self.say(&format!("{key}-title")),
            greeting: self.say("mail-greeting"),
            intro: self.say(&format!("{key}-intro")),
            code: None,
            action: None,
            facts: vec![self.time("mail-fact-time"), self.number()],
            fine_print: None,
            aside: None,
            closing: self.say("mail-closing"),
            support: self.say("mail-support"),
            message_id: self.text("mail-message-id", &[("message_id", self.id.as_str().into())]),
        }
    }

    pub(super) fn text(&self, key: &str, arguments: &[Argument<'_>]) -> String {
        brand_text(self.brand, self.locale, key, arguments)
    }

    fn say(&self, key: &str) -> String {
        self.text(key, &[])
    }

    fn fact(&self, label_key: &str, value: String) -> Fact {
        Fact { label: self.say(label_key), value }
    }

    fn time(&self, label_key: &str) -> Fact {
        self.fact(label_key, moment_text(self.locale, self.told_at))
    }

    fn number(&self) -> Fact {
        let end = self.text("mail-fact-number-end", &[("last_two", self.last_two_digits.into())]);
        self.fact("mail-fact-number", end)
    }

    fn action(&self, label_key: &str, url: &str, prominence: Prominence) -> Action {
        Action { label: self.say(label_key), url: url.to_owned(), prominence }
    }

    fn question(&self, title_key: &str, text_key: &str) -> Aside {
        Aside { title: self.say(title_key), text: self.say(text_key), action: None }
    }

    /// The block for an owner who did not do this. `text_key` is the key of its sentence where a new password is to be set,
    /// and with `-lock-down` where the access is to be locked down.
    fn not_me(&self, text_key: &str, not_me: NotMe<'_>) -> Aside {
        let button = |label_key, url| self.action(label_key, url, Prominence::Button);
        let (text_key, action) = match not_me {
            NotMe::LockDown(link) => (format!("{text_key}-lock-down"), Some(button("mail-lock-down-button", link))),
            NotMe::NewPassword(page) => (text_key.to_owned(), page.map(|page| button("mail-changed-button", page))),
        };
        Aside { action, ..self.question("mail-not-me-title", &text_key) }
    }
}

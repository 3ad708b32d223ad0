//! Findings: what support is told, one fact each.

use crate::{
    texts::{moment_text, text},
    types::{Locale, UtcTime},
};

/// Why no mail arrived, or what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingCode {
    /// No account has the customer number.
    NoSuchCustomer,
    /// The access of the account is closed.
    AccountClosed,
    /// The account has no email address.
    NoEmailOnFile,
    /// The customer expects the mail at an address that is not the one on file.
    EmailDiffers,
    /// The address on file was changed so recently that no link goes there yet.
    EmailChangedCoolingOff,
    /// No request for a reset mail has arrived.
    NoRequestReceived,
    /// A repeated request was swallowed.
    RequestSwallowed,
    /// The mail waits for its first or next attempt.
    MailWaiting,
    /// The mail waits because no mail API takes mails.
    MailProviderDown,
    /// The mail API refused the mail for good.
    MailRefused,
    /// Mail to the address is paused.
    AddressSuppressed,
    /// The receiving server refused the mail.
    MailBounced,
    /// The receiving server has deferred the mail.
    MailDeferred,
    /// The receiving server accepted the mail.
    MailDelivered,
    /// The mail API took the mail and has reported nothing since.
    MailHandedOverUnconfirmed,
    /// The customer marked a mail as spam.
    MailComplained,
    /// The mail API did not take the mail within a day.
    MailAbandoned,
    /// The mail had become pointless before it went out.
    MailDropped,
    /// The link was opened within seconds of its delivery.
    LinkOpenedByScanner,
    /// The link was opened, probably by the customer.
    LinkOpened,
    /// The link was used to set the password.
    LinkUsed,
    /// The link has expired.
    LinkExpired,
    /// The link was withdrawn.
    LinkWithdrawn,
    /// The password was set in another way after the request.
    PasswordAlreadyChanged,
    /// Sign-ins with the number from unknown devices have to wait.
    SignInThrottled,
}

/// How much stands between the customer and a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing arrives until somebody changes something.
    Blocking,
    /// It takes time or a step of the customer.
    Warning,
    /// The finding only informs.
    Info,
}

impl Severity {
    /// The text in the answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl FindingCode {
    /// All codes, the decisive ones first.
    pub const ALL: [Self; 25] = [
        Self::NoSuchCustomer,
        Self::AccountClosed,
        Self::NoEmailOnFile,
        Self::EmailDiffers,
        Self::EmailChangedCoolingOff,
        Self::LinkUsed,
        Self::PasswordAlreadyChanged,
        Self::LinkWithdrawn,
        Self::MailBounced,
        Self::AddressSuppressed,
        Self::MailRefused,
        Self::MailAbandoned,
        Self::MailDropped,
        Self::MailProviderDown,
        Self::MailWaiting,
        Self::MailDeferred,
        Self::MailComplained,
        Self::LinkExpired,
        Self::RequestSwallowed,
        Self::LinkOpenedByScanner,
        Self::LinkOpened,
        Self::MailDelivered,
        Self::MailHandedOverUnconfirmed,
        Self::NoRequestReceived,
        Self::SignInThrottled,
    ];

    /// The code that programs read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchCustomer => "no_such_customer",
            Self::AccountClosed => "account_closed",
            Self::NoEmailOnFile => "no_email_on_file",
            Self::EmailDiffers => "email_differs",
            Self::EmailChangedCoolingOff => "email_changed_cooling_off",
            Self::NoRequestReceived => "no_request_received",
            Self::RequestSwallowed => "request_swallowed",
            Self::MailWaiting => "mail_waiting",
            Self::MailProviderDown => "mail_provider_down",
            Self::MailRefused => "mail_refused",
            Self::AddressSuppressed => "address_suppressed",
            Self::MailBounced => "mail_bounced",
            Self::MailDeferred => "mail_deferred",
            Self::MailDelivered => "mail_delivered",
            Self::MailHandedOverUnconfirmed => "mail_handed_over_unconfirmed",
            Self::MailComplained => "mail_complained",
            Self::MailAbandoned => "mail_abandoned",
            Self::MailDropped => "mail_dropped",
            Self::LinkOpenedByScanner => "link_opened_by_scanner",
            Self::LinkOpened => "link_opened",
            Self::LinkUsed => "link_used",
            Self::LinkExpired => "link_expired",
            Self::LinkWithdrawn => "link_withdrawn",
            Self::PasswordAlreadyChanged => "password_already_changed",
            Self::SignInThrottled => "sign_in_throttled",
        }
    }

    /// The severity that a finding with this code usually has.
    #[must_use]
    const fn severity(self) -> Severity {
        match self {
            Self::NoSuchCustomer
            | Self::AccountClosed
            | Self::NoEmailOnFile
            | Self::EmailDiffers
            | Self::MailProviderDown
            | Self::MailRefused
            | Self::AddressSuppressed
            | Self::MailBounced
            | Self::MailAbandoned
            | Self::MailDropped => Severity::Blocking,
            Self::EmailChangedCoolingOff
            | Self::RequestSwallowed
            | Self::MailWaiting
            | Self::MailDeferred
            | Self::MailComplained
            | Self::LinkExpired
            | Self::LinkWithdrawn
            | Self::NoRequestReceived
            | Self::SignInThrottled => Severity::Warning,
            Self::MailDelivered
            | Self::MailHandedOverUnconfirmed
            | Self::LinkOpenedByScanner
            | Self::LinkOpened
            | Self::LinkUsed
            | Self::PasswordAlreadyChanged => Severity::Info,
        }
    }
}

/// One fact, with the values that its sentences need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub code: FindingCode,
    /// How much this finding stands in the way.
    pub severity: Severity,
    /// Since when the finding holds.
    pub at: Option<UtcTime>,
    /// Until when it holds, or the time of the next attempt.
    pub until: Option<UtcTime>,
    /// The address on file, shortened so that only its owner recognises it.
    pub masked_email: Option<String>,
    /// The code of the receiving server or the word of the mail API.
    pub detail: Option<String>,
    /// How many requests, attempts or failures it is about.
    pub count: Option<i32>,
}

impl Finding {
    pub(in crate::identity) const fn new(code: FindingCode) -> Self {
        let severity = code.severity();
        Self { code, severity, at: None, until: None, masked_email: None, detail: None, count: None }
    }

    pub(in crate::identity) fn at(self, at: impl Into<Option<UtcTime>>) -> Self {
        Self { at: at.into(), ..self }
    }

    pub(in crate::identity) fn until(self, until: impl Into<Option<UtcTime>>) -> Self {
        Self { until: until.into(), ..self }
    }

    pub(in crate::identity) fn detail(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }

    pub(in crate::identity) fn count(self, count: i32) -> Self {
        Self { count: Some(count), ..self }
    }

    /// The sentence for the customer.
    #[must_use]
    pub fn customer_sentence(&self, locale: Locale) -> String {
        self.sentence(locale, &format!("finding-{}", self.code.as_str()))
    }

    /// What support does next.
    #[must_use]
    pub fn next_step(&self, locale: Locale) -> String {
        self.sentence(locale, &format!("finding-{}-next", self.code.as_str()))
    }

    fn sentence(&self, locale: Locale, key: &str) -> String {
        let moment =
            |moment: Option<UtcTime>| moment.map_or("–".to_owned(), |moment| moment_text(locale, moment));
        let arguments = [
            ("at", moment(self.at).into()),
            ("until", moment(self.until).into()),
            ("masked_email", self.masked_email.clone().unwrap_or_default().into()),
            ("detail", self.explained_detail(locale).into()),
            ("count", self.count.unwrap_or(1).into()),
        ];
        text(locale, key, &arguments)
    }

    /// A receiving server's code in words (RFC 3463).
    fn explained_detail(&self, locale: Locale) -> String {
        let Some(detail) = &self.detail else { return "–".to_owned() };
        let codes = || detail.split(' ').filter(|word| word.starts_with(['4', '5']));
        // The enhanced code says more, where there is one.
        let Some(enhanced) = codes().find(|word| word.contains('.')).or_else(|| codes().next()) else {
            return detail.clone();
        };
        let (class, rest) = enhanced.split_once('.').unwrap_or((enhanced, ""));
        let phrase = match rest {
            "1.1" | "1.6" | "1.10" => "smtp-mailbox_unknown",
            "2.2" => "smtp-mailbox_full",
            "1.2" | "4.4" => "smtp-domain_unknown",
            _ if rest.starts_with("7.") && class == "5" => "smtp-policy",
            _ if class.starts_with('4') => "smtp-greylisted",
            _ => "smtp-other",
        };
        format!("{detail}, {}", text(locale, phrase, &[]))
    }
}

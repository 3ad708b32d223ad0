//! What a finding advises, and which advice has no room beside another.

use super::{finding::Finding, finding_code::FindingCode};

/// What support or the customer is advised to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Advice {
    /// There is nothing that the customer could do.
    Nothing,
    /// Something is mended or waited for first: asking for a link does not help before.
    Mend,
    /// The mail is waited for.
    Wait,
    /// The customer asks for a link later.
    AskLater,
    /// The customer uses an earlier mail, or asks for a link later.
    UseEarlier,
    /// The customer asks for a link, since no request waits or has led to one.
    AskFirst,
    /// The customer asks for another link now.
    Ask,
    /// The customer asks for a link once mails go out.
    AskThen,
    /// The customer uses the link.
    Use,
    /// The customer signs in.
    SignIn,
    /// The customer tells a colleague the password: another link would set another one again.
    Tell,
    /// The customer looks into a mailbox, or at its settings.
    Look,
}

impl Advice {
    const fn of(code: FindingCode) -> Self {
        match code {
            FindingCode::NoSuchCustomer | FindingCode::AccountClosed => Self::Nothing,
            FindingCode::Contested
            | FindingCode::NoEmailOnFile
            | FindingCode::EmailChangedCoolingOff
            | FindingCode::AddressSuppressed => Self::Mend,
            FindingCode::MailWaiting | FindingCode::MailProviderDown => Self::Wait,
            FindingCode::MailLimitReached => Self::AskLater,
            FindingCode::RequestSwallowed => Self::UseEarlier,
            FindingCode::NoRequestReceived => Self::AskFirst,
            FindingCode::LinkWithdrawn | FindingCode::LinkExpired => Self::Ask,
            FindingCode::OldPasswordUsed => Self::Tell,
            FindingCode::MailAbandoned | FindingCode::MailDropped | FindingCode::SignInThrottled => Self::AskThen,
            FindingCode::LinkOpened | FindingCode::LinkOpenedByScanner => Self::Use,
            FindingCode::LinkUsed | FindingCode::PasswordAlreadyChanged => Self::SignIn,
            FindingCode::EmailDiffers
            | FindingCode::LockedDown
            | FindingCode::EmailChangePending
            | FindingCode::AddressUnconfirmed
            | FindingCode::MailBounced
            | FindingCode::MailRefused
            | FindingCode::MailDeferred
            | FindingCode::MailComplained
            | FindingCode::MailDelivered
            | FindingCode::MailHandedOverUnconfirmed => Self::Look,
        }
    }

    /// Whether a reader who follows this advice cannot follow the other. This is then the one to follow.
    const fn excludes(self, other: Self) -> bool {
        match self {
            Self::Nothing => !matches!(other, Self::Nothing | Self::Look),
            Self::Mend => {
                let asks = matches!(other, Self::AskFirst | Self::Ask | Self::AskLater | Self::AskThen);
                asks || matches!(other, Self::Wait | Self::UseEarlier)
            }
            Self::Wait => matches!(other, Self::AskLater | Self::AskFirst | Self::Ask),
            Self::AskLater | Self::UseEarlier => matches!(other, Self::AskFirst | Self::Ask),
            Self::AskFirst | Self::Ask => matches!(other, Self::Use),
            Self::Tell => matches!(other, Self::AskFirst),
            Self::AskThen | Self::Use | Self::SignIn | Self::Look => false,
        }
    }
}

/// Leaves out every finding whose advice another one excludes. What is decisive thereby ends the list of advice.
pub(super) fn leave_out_excluded(found: &mut Vec<Finding>) {
    let all: Vec<Advice> = found.iter().map(|finding| Advice::of(finding.code)).collect();
    found.retain(|finding| !all.iter().any(|advice| advice.excludes(Advice::of(finding.code))));
}

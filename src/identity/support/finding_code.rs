//! What can be found, its rank, and how far it keeps the customer from a new password.

use crate::types::text_enum;

text_enum! {
    /// Why no mail arrived, or what became of it. The order is the rank of the findings: the decisive ones come first.
    pub enum FindingCode {
        /// No account has the customer number. The number is checked on an invoice; without an account there is nothing
        /// to reset.
        NoSuchCustomer = "no_such_customer",
        /// Access is closed, and a closed account gets no link. An administrator decides about opening it again.
        AccountClosed = "account_closed",
        /// The access was locked down soon after its owner had changed the address. Support decides which address is the
        /// owner's; until then no link goes to either.
        Contested = "contested",
        /// The account has no address on file. The address is entered once the caller is verified, and the customer
        /// asks again.
        NoEmailOnFile = "no_email_on_file",
        /// The customer means another mailbox than the one on file, which mail goes to. The customer looks there, or
        /// has the address changed.
        EmailDiffers = "email_differs",
        /// The address on file was changed so recently that no link goes there yet. The customer asks again after
        /// `until`.
        EmailChangedCoolingOff = "email_changed_cooling_off",
        /// The access was locked down, so the password is not valid any more. The reset mail leads back in.
        LockedDown = "locked_down",
        /// The link has set the password. The customer signs in with it; where it was somebody else, a new reset is due
        /// at once.
        LinkUsed = "link_used",
        /// The password was set in another way since, which ended the link. The customer signs in with the new
        /// password.
        PasswordAlreadyChanged = "password_already_changed",
        /// The link was withdrawn. The customer asks for another.
        LinkWithdrawn = "link_withdrawn",
        /// The receiving server refused the mail. The address and the mailbox are checked, and the customer asks again.
        MailBounced = "mail_bounced",
        /// Mail to the address is paused, since its server said that there is no such mailbox. The mailbox is mended,
        /// and the pause is lifted or passes.
        AddressSuppressed = "address_suppressed",
        /// The mail API refused the mail for good, or has the address on a list of its own. The address is checked, and
        /// the operator looks at the mail API's answer and lists.
        MailRefused = "mail_refused",
        /// No mail API took the mail within a day. The customer asks again once mail goes out.
        MailAbandoned = "mail_abandoned",
        /// The mail had become pointless before it went out. The customer asks again once the obstacle is gone.
        MailDropped = "mail_dropped",
        /// The mail waits because no mail goes out at all. It goes out by itself; the operator looks at the mail API.
        MailProviderDown = "mail_provider_down",
        /// The mail waits for its attempt. It goes out shortly.
        MailWaiting = "mail_waiting",
        /// The receiving server asked to be tried again. The mail arrives late, or another is asked for.
        MailDeferred = "mail_deferred",
        /// The customer called a mail spam, so that later ones may not arrive. The customer adds the sender to the safe
        /// ones.
        MailComplained = "mail_complained",
        /// The request led to no mail, since too many were asked for of late: for this number, for its mailbox, or
        /// by all customers. The customer asks again after an hour.
        MailLimitReached = "mail_limit_reached",
        /// The time of the link is over. The customer asks for another.
        LinkExpired = "link_expired",
        /// The request came soon after a mail, or on top of three live links, and led to no mail of its own. The
        /// customer uses the mail before, or asks again after `until`.
        RequestSwallowed = "request_swallowed",
        /// The link was opened within seconds of its delivery, so a mail scanner opened it. The link can still be used.
        LinkOpenedByScanner = "link_opened_by_scanner",
        /// The link was opened and has not set a password yet. The customer completes the form.
        LinkOpened = "link_opened",
        /// The receiving server took the mail. The customer looks in the spam folder and in the quarantine.
        MailDelivered = "mail_delivered",
        /// The mail API took the mail and has told nothing since. The question is asked again in a few minutes.
        MailHandedOverUnconfirmed = "mail_handed_over_unconfirmed",
        /// The owner has asked for another address, which waits for its confirmation until `until`. The new mailbox has the
        /// link, and mail goes to the present address meanwhile.
        EmailChangePending = "email_change_pending",
        /// The owner has not confirmed the address for a long time. The caller is asked whether it still holds.
        AddressUnconfirmed = "address_unconfirmed",
        /// Nobody has asked for a link that is still of use. The customer asks for one.
        NoRequestReceived = "no_request_received",
        /// Sign-ins fail with a device that a new password has ended, so a colleague probably was not told of it. The customer
        /// tells the new password.
        OldPasswordUsed = "old_password_used",
        /// Attempts at the password of this number have to wait until `until`. A reset frees the number at once.
        SignInThrottled = "sign_in_throttled",
    }
}

text_enum! {
    /// How far a finding keeps the customer from a new password.
    pub enum Severity {
        /// No mail arrives until the cause is removed.
        Blocking = "blocking",
        /// The mail takes time, or the customer has to do something first.
        Warning = "warning",
        /// The finding keeps nothing from arriving; it helps to understand what happened.
        Info = "info",
    }
}

impl FindingCode {
    /// The severity that a finding with this code usually has.
    #[must_use]
    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::NoSuchCustomer
            | Self::AccountClosed
            | Self::Contested
            | Self::NoEmailOnFile
            | Self::EmailDiffers
            | Self::MailProviderDown
            | Self::MailRefused
            | Self::AddressSuppressed
            | Self::MailBounced
            | Self::MailAbandoned
            | Self::MailDropped => Severity::Blocking,
            Self::EmailChangedCoolingOff
            | Self::LockedDown
            | Self::RequestSwallowed
            | Self::MailLimitReached
            | Self::MailWaiting
            | Self::MailDeferred
            | Self::MailComplained
            | Self::LinkExpired
            | Self::LinkWithdrawn
            | Self::NoRequestReceived
            | Self::OldPasswordUsed
            | Self::SignInThrottled => Severity::Warning,
            Self::MailDelivered
            | Self::MailHandedOverUnconfirmed
            | Self::LinkOpenedByScanner
            | Self::LinkOpened
            | Self::EmailChangePending
            | Self::AddressUnconfirmed
            | Self::LinkUsed
            | Self::PasswordAlreadyChanged => Severity::Info,
        }
    }
}

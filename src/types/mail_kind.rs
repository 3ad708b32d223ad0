//! The kinds of mail.

use super::text_enum;

text_enum! {
    /// What a mail is about. The text is also the tag by which the mail API groups mails.
    pub enum MailKind {
        /// The mail carries the link to set a new password.
        ResetLink = "reset_link",
        /// The password was changed (CH-07).
        PasswordChanged = "password_changed",
        /// A device that the account has not used before has signed in.
        NewDevice = "new_device",
        /// Further devices that the account has not used before have signed in. The mail sums up those without a
        /// mail of their own.
        NewDevices = "new_devices",
        /// The password expires soon.
        ExpiryReminder = "expiry_reminder",
        /// Access was closed.
        AccessClosed = "access_closed",
        /// Access was opened again.
        AccessReopened = "access_reopened",
        /// The account was erased. The mail goes to the address that was on file, and keeps it no longer than until it has
        /// left the queue (AD-05).
        AccountErased = "account_erased",
        /// The address on file was changed. The mail goes to the address before (AD-05).
        AddressChanged = "address_changed",
        /// The mail carries the link that confirms a new address, and goes there (OW-01).
        EmailChangeLink = "email_change_link",
        /// The owner asks for another address on file. The mail goes to the present one (OW-02).
        EmailChangeAsked = "email_change_asked",
        /// The access was locked down soon after its owner had changed the address. The mail goes to both addresses
        /// (OW-06).
        AccessContested = "access_contested",
        /// Support asks who is calling. The mail carries the code to read out (OW-11).
        CallerCode = "caller_code",
    }
}

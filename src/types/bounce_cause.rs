//! Why a mail came back.

use super::text_enum;

text_enum! {
    /// Why a mail came back, or was not sent at all. Only [`NoSuchMailbox`](Self::NoSuchMailbox) speaks against the
    /// address for good; everything else may have passed when the customer asks again (WH-04).
    pub enum BounceCause {
        /// There is no such mailbox.
        NoSuchMailbox = "no_such_mailbox",
        /// The mailbox is full.
        MailboxFull = "mailbox_full",
        /// The receiving server refuses the sender, or the mail, by rules of its own.
        Policy = "policy",
        /// The receiving server refuses what the mail holds, or its size.
        Content = "content",
        /// The mail API has the address on a list of its own, and has sent nothing.
        Listed = "listed",
        /// The cause is another one, or is not told.
        Other = "other",
    }
}

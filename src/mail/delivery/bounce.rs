//! Which codes of receiving servers and which words of mail APIs mean what. All providers use these tables.

use crate::types::BounceCause::{self, Content, Listed, MailboxFull, NoSuchMailbox, Policy};

/// Enhanced codes without their class (RFC 3463; 1.10: RFC 7505), which may end in a `*`. A code that is not here says
/// nothing of the cause. A class of 4 is a matter of time, and no such code says that there is no mailbox.
const CODES: &[(&str, BounceCause)] = &[
    ("1.1", NoSuchMailbox),
    ("1.10", NoSuchMailbox),
    ("2.1", NoSuchMailbox),
    ("2.2", MailboxFull),
    ("2.3", Content),
    ("3.4", Content),
    ("6.*", Content),
    ("1.7", Policy),
    ("1.8", Policy),
    ("7.*", Policy),
];

/// Reply codes without an enhanced one that have one meaning alone (RFC 5321 §4.2.3). 550 has too many.
const REPLIES: &[(&str, BounceCause)] = &[("552", MailboxFull)];

/// A word of a mail API, and what it means.
pub(in crate::mail) type Word = (&'static str, BounceCause);

/// `Type` of Postmark (postmarkapp.com/developer/api/bounce-api, "Bounce types"). `HardBounce` names an unknown user as
/// an example alone, so the server's code decides.
pub(in crate::mail) const POSTMARK: &[Word] = &[
    ("BadEmailAddress", NoSuchMailbox),
    ("SoftBounce", MailboxFull),
    ("Blocked", Policy),
    ("DMARCPolicy", Policy),
    ("SpamNotification", Content),
    ("VirusNotification", Content),
    ("ManuallyDeactivated", Listed),
];

/// `bounce_classification` of a bounce at SendGrid (twilio.com/docs/sendgrid/ui/analytics-and-reporting,
/// "Bounce and block classifications"), and `reason` of a drop
/// (twilio.com/docs/sendgrid/for-developers/tracking-events/event, "Dropped"). "Mailbox Unavailable" leaves open why.
pub(in crate::mail) const SENDGRID: &[Word] = &[
    ("Invalid Address", NoSuchMailbox),
    ("Reputation", Policy),
    ("Frequency or Volume Too High", Policy),
    ("Content", Content),
    ("Invalid", NoSuchMailbox),
    ("Spam Content", Content),
    ("Bounced Address", Listed),
    ("Unsubscribed Address", Listed),
];

/// `bounce.subType` of Resend, and the event `email.suppressed`
/// (resend.com/docs/dashboard/emails/email-bounces). "General" says nothing.
pub(in crate::mail) const RESEND: &[Word] = &[
    ("NoEmail", NoSuchMailbox),
    ("MailboxFull", MailboxFull),
    ("MessageTooLarge", Content),
    ("ContentRejected", Content),
    ("AttachmentRejected", Content),
    ("Suppressed", Listed),
    ("OnAccountSuppressionList", Listed),
    ("email.suppressed", Listed),
];

/// `event` of Brevo (developers.brevo.com/docs/transactional-webhooks). Of a `hard_bounce` or a `soft_bounce` the
/// server's code tells the cause.
pub(in crate::mail) const BREVO: &[Word] = &[("invalid_email", NoSuchMailbox), ("blocked", Listed)];

/// Why a mail came back: what the receiving server says, else what the mail API does. A mail that the mail API has not
/// sent met no server: a code beside it is that of an earlier mail.
pub(in crate::mail) fn cause_of(words: &[Word], word: Option<&str>, code: Option<&str>) -> BounceCause {
    let told = word.and_then(|word| words.iter().find(|(known, _)| *known == word)).map(|(_, cause)| *cause);
    if told == Some(Listed) {
        return Listed;
    }
    code.and_then(cause_of_code).or(told).unwrap_or(BounceCause::Other)
}

/// The cause that the code of a receiving server tells, such as `550 5.1.1`; `None` where it leaves it open.
pub(crate) fn cause_of_code(code: &str) -> Option<BounceCause> {
    let enhanced = code.split(' ').find_map(|word| word.split_once('.'));
    let Some((class, rest)) = enhanced else {
        return REPLIES.iter().find(|(reply, _)| *reply == code).map(|(_, cause)| *cause);
    };
    let is_meant = |known: &str| match known.strip_suffix('*') {
        Some(subject) => rest.starts_with(subject),
        None => rest == known,
    };
    let cause = CODES.iter().find(|(known, _)| is_meant(known)).map(|(_, cause)| *cause);
    cause.filter(|cause| *cause != NoSuchMailbox || class == "5")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::BounceCause::Other;

    #[test]
    fn wh_04_only_three_codes_say_that_there_is_no_such_mailbox() {
        for (code, cause) in [
            ("550 5.1.1", NoSuchMailbox),
            ("5.1.1", NoSuchMailbox),
            ("556 5.1.10", NoSuchMailbox),
            ("550 5.2.1", NoSuchMailbox),
            ("450 4.1.1", Other),
            ("450 4.2.1", Other),
            ("552 5.2.2", MailboxFull),
            ("452 4.2.2", MailboxFull),
            ("552", MailboxFull),
            ("552 5.3.4", Content),
            ("552 5.2.3", Content),
            ("554 5.6.0", Content),
            ("550 5.7.1", Policy),
            ("550 5.7.26", Policy),
            ("553 5.1.8", Policy),
            ("550", Other),
            ("554", Other),
            ("550 5.1.2", Other),
            ("550 5.1.6", Other),
            ("550 5.1.100", Other),
            ("550 5.4.1", Other),
            ("550 5.0.0", Other),
            ("550 5.5.0", Other),
        ] {
            assert_eq!(cause_of(&[], None, Some(code)), cause, "{code}");
        }
        assert_eq!(cause_of(&[], None, None), Other);
        let speaking = |first: u32| {
            let codes =
                (0..10).flat_map(|subject| (0..40).map(move |detail| format!("{first}.{subject}.{detail}")));
            codes.filter(|code| cause_of(&[], None, Some(code)) == NoSuchMailbox).collect::<Vec<_>>()
        };
        assert_eq!((speaking(5), speaking(4)), (["5.1.1", "5.1.10", "5.2.1"].map(str::to_owned).to_vec(), vec![]));
    }

    #[test]
    fn wh_04_the_server_s_code_counts_before_the_mail_api_s_word() {
        for (word, code, cause) in [
            ("SoftBounce", Some("550 5.7.1"), Policy),
            ("BadEmailAddress", Some("552 5.2.2"), MailboxFull),
            ("BadEmailAddress", Some("550"), NoSuchMailbox),
            ("BadEmailAddress", None, NoSuchMailbox),
            ("HardBounce", Some("550 5.1.1"), NoSuchMailbox),
            ("HardBounce", Some("550"), Other),
            ("HardBounce", None, Other),
            ("a word of tomorrow", None, Other),
            // The code is that of the mail that has brought the address onto the list.
            ("ManuallyDeactivated", Some("550 5.1.1"), Listed),
        ] {
            assert_eq!(cause_of(POSTMARK, Some(word), code), cause, "{word} {code:?}");
        }
    }

    #[test]
    fn wh_04_each_word_of_a_mail_api_stands_once_in_its_table() {
        for words in [POSTMARK, SENDGRID, RESEND, BREVO] {
            for (word, cause) in words {
                assert_eq!(words.iter().filter(|(other, _)| other == word).count(), 1, "{word}");
                assert_eq!(cause_of(words, Some(word), None), *cause, "{word}");
            }
            assert!(words.iter().any(|(_, cause)| *cause == NoSuchMailbox));
        }
    }
}

//! The settings of the mail APIs, each of which requires another form of secret.

use super::production::{problems_of, safe_settings};
use crate::support::plain_tests;

plain_tests![
    cf_01_each_wrong_setting_of_the_mail_apis_gets_its_sentence,
    cf_01_right_settings_of_the_mail_apis_get_none,
];

fn mail_problems(changes: &[(&'static str, &str)]) -> Vec<String> {
    let mut variables = safe_settings();
    variables.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
    problems_of(&variables)
}

const BASIC_SENTENCE: &str =
    "STAKIS_MAIL_WEBHOOK_SECRET must be user:password with a password of at least 16 characters";
const RESEND_SENTENCE: &str = "STAKIS_MAIL_WEBHOOK_SECRET must be the endpoint's signing secret, whsec_…";
const SENDGRID_SENTENCE: &str =
    "STAKIS_MAIL_WEBHOOK_SECRET must be the verification key of the signed event webhook, in base64";

fn cf_01_each_wrong_setting_of_the_mail_apis_gets_its_sentence() {
    const PROVIDER: &str = "STAKIS_MAIL_PROVIDER";
    const SECRET: &str = "STAKIS_MAIL_WEBHOOK_SECRET";
    const SECOND: &str = "STAKIS_MAIL_FALLBACK_PROVIDER";
    const SECOND_KEY: (&str, &str) = ("STAKIS_MAIL_FALLBACK_API_KEY", "token");
    const SECOND_SECRET: &str = "STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET";
    let cases: &[(&[(&'static str, &str)], &str)] = &[
        (
            &[(PROVIDER, "mailpit")],
            "STAKIS_MAIL_PROVIDER must be a real one in production: mailpit delivers nothing",
        ),
        (&[(PROVIDER, "")], "STAKIS_MAIL_PROVIDER must be a real one in production: mailpit delivers nothing"),
        (&[("STAKIS_MAIL_API_KEY", "")], "STAKIS_MAIL_API_KEY must be set for this provider"),
        (&[("STAKIS_MAIL_FROM", "nobody")], "STAKIS_MAIL_FROM must be an e-mail address"),
        (&[("STAKIS_MAIL_FROM", "a@b.si\r\nBcc: c@d.si")], "STAKIS_MAIL_FROM must be an e-mail address"),
        (
            &[("STAKIS_MAIL_API_URL", "mail.example.com")],
            "STAKIS_MAIL_API_URL must be an absolute https:// address",
        ),
        (&[("STAKIS_MAIL_API_URL", "http://mail.example.com")], "STAKIS_MAIL_API_URL must be an https:// address"),
        (&[("STAKIS_MAIL_API_URL", "ftp://mail.example.com")], "STAKIS_MAIL_API_URL must be an https:// address"),
        (
            &[("STAKIS_MAIL_API_URL", "https://user@mail.example.com")],
            "STAKIS_MAIL_API_URL must not hold a user name or a password; STAKIS_MAIL_API_KEY is for those",
        ),
        (
            &[("STAKIS_MAIL_API_URL", "https://mail.example.com/?key=1")],
            "STAKIS_MAIL_API_URL must end with its path: no ? and no #",
        ),
        (
            &[("STAKIS_MAIL_API_URL", "https://mail.example.com/#v3")],
            "STAKIS_MAIL_API_URL must end with its path: no ? and no #",
        ),
        (&[(SECRET, "c2VjcmV0LXZhbHVlLXRoYXQtaXMtbG9uZy1lbm91Z2g=")], RESEND_SENTENCE),
        (&[(SECRET, "whsec_c2hvcnQ=")], RESEND_SENTENCE),
        (&[(SECRET, "whsec_no base64 at all, but long enough to be one")], RESEND_SENTENCE),
        (&[(PROVIDER, "sendgrid"), (SECRET, "c2hvcnQ=")], SENDGRID_SENTENCE),
        (&[(PROVIDER, "postmark"), (SECRET, "hook:fifteen-letters")], BASIC_SENTENCE),
        (&[(PROVIDER, "brevo"), (SECRET, ":a-long-enough-password")], BASIC_SENTENCE),
        (&[(PROVIDER, "brevo"), (SECRET, "a-long-enough-password")], BASIC_SENTENCE),
        (
            &[("STAKIS_MAIL_FALLBACK_API_URL", "https://x.example")],
            "STAKIS_MAIL_FALLBACK_API_URL needs STAKIS_MAIL_FALLBACK_PROVIDER",
        ),
        (&[SECOND_KEY], "STAKIS_MAIL_FALLBACK_API_KEY needs STAKIS_MAIL_FALLBACK_PROVIDER"),
        (
            &[("STAKIS_MAIL_FALLBACK_FROM", "a@b.si")],
            "STAKIS_MAIL_FALLBACK_FROM needs STAKIS_MAIL_FALLBACK_PROVIDER",
        ),
        (
            &[(SECOND_SECRET, "hook:sixteen-letters!")],
            "STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET needs STAKIS_MAIL_FALLBACK_PROVIDER",
        ),
        (
            &[(SECOND, "resend"), SECOND_KEY],
            "STAKIS_MAIL_FALLBACK_PROVIDER must be another one than STAKIS_MAIL_PROVIDER",
        ),
        (
            &[(SECOND, "mailpit")],
            "STAKIS_MAIL_FALLBACK_PROVIDER must be a real one in production: mailpit delivers nothing",
        ),
        (&[(SECOND, "postmark")], "STAKIS_MAIL_FALLBACK_API_KEY must be set for this provider"),
        (
            &[(SECOND, "postmark"), SECOND_KEY, ("STAKIS_MAIL_FALLBACK_FROM", "x")],
            "STAKIS_MAIL_FALLBACK_FROM must be an e-mail address",
        ),
        (
            &[(SECOND, "postmark"), SECOND_KEY, (SECOND_SECRET, "hook:short")],
            "STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET must be user:password with a password of at least 16 characters",
        ),
    ];
    for (changes, sentence) in cases {
        assert_eq!(mail_problems(changes), [*sentence], "{changes:?}");
    }
}

fn cf_01_right_settings_of_the_mail_apis_get_none() {
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    for (provider, secret) in [
        ("resend", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("sendgrid", KEY),
        ("brevo", "hook:sixteen-letters!"),
        ("postmark", "hook:sixteen::letters"),
    ] {
        let first = [
            ("STAKIS_MAIL_PROVIDER", provider),
            ("STAKIS_MAIL_WEBHOOK_SECRET", secret),
            ("STAKIS_MAIL_API_URL", "https://mail.example.com/base"),
        ];
        assert_eq!(mail_problems(&first), [""; 0], "{provider}");
        if provider != "resend" {
            let second = [
                ("STAKIS_MAIL_FALLBACK_PROVIDER", provider),
                ("STAKIS_MAIL_FALLBACK_API_KEY", "token"),
                ("STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET", secret),
                ("STAKIS_MAIL_FALLBACK_API_URL", "http://127.0.0.1:8025"),
            ];
            assert_eq!(mail_problems(&second), [""; 0], "{provider}");
        }
    }
}

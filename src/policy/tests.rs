use proptest::prelude::*;

use super::*;
use crate::{
    policy::LookedUp,
    types::{CustomerNumber, EmailAddress},
};

fn config(profile: PasswordProfile) -> PasswordConfig {
    PasswordConfig {
        profile,
        min_length: None,
        max_age_days: None,
        history: None,
        breach_api_url: None,
        breach_at_sign_in: false,
    }
}

fn policy(profile: PasswordProfile) -> PasswordPolicy {
    PasswordPolicy::new(&config(profile))
}

fn codes(profile: PasswordProfile, text: &str) -> Vec<&'static str> {
    let number = CustomerNumber::parse("004217").unwrap();
    let email = EmailAddress::parse("delavnica@example.si").unwrap();
    let password = Password::new(text.to_owned());
    let looked_up = LookedUp::default();
    let candidate = Candidate {
        password: &password,
        customer_number: Some(&number),
        email: Some(&email),
        brand: "Deli & Co",
        looked_up,
    };
    policy(profile).broken_rules(candidate).into_iter().map(|rule| rule.code().as_str()).collect()
}

fn stakis(text: &str) -> Vec<&'static str> {
    codes(PasswordProfile::Stakis, text)
}

#[test]
fn pw_01_minimum_length_by_profile() {
    let lengths = [PasswordProfile::Stakis, PasswordProfile::Standard, PasswordProfile::Nist]
        .map(|profile| policy(profile).min_length());
    assert_eq!(lengths, [6, 8, 15]);
    assert_eq!(stakis("Kv7d9"), ["too_short"]);
    assert_eq!(stakis("Kv7d9w"), [""; 0]);
    assert_eq!(codes(PasswordProfile::Standard, "kvadwzu"), ["too_short"]);
    assert_eq!(codes(PasswordProfile::Nist, "kvadwzukvadwzu"), ["too_short"]);
    assert!(policy(PasswordProfile::Stakis).is_below_nist() && !policy(PasswordProfile::Nist).is_below_nist());
}

#[test]
fn pw_02_up_to_128_characters_in_every_profile() {
    for profile in [PasswordProfile::Stakis, PasswordProfile::Standard, PasswordProfile::Nist] {
        assert_eq!(codes(profile, &"čž".repeat(64)), [""; 0]);
        assert_eq!(codes(profile, &"č".repeat(129)), ["too_long"]);
    }
}

#[test]
fn pw_03_length_counts_code_points_and_spaces_and_unicode_are_fine() {
    assert_eq!(codes(PasswordProfile::Standard, "ž č š đ "), [""; 0]);
    assert_eq!(codes(PasswordProfile::Standard, "🔧🔧🔧🔧🔧🔧🔧"), ["too_short"]);
    assert_eq!(codes(PasswordProfile::Standard, "z\0zzukvad"), ["invalid_format"]);
}

#[test]
fn pw_04_composition_in_stakis_below_15_characters_only() {
    assert_eq!(stakis("kvadwzu"), ["missing_uppercase", "missing_digit"]);
    assert_eq!(stakis("KVADWZU"), ["missing_lowercase", "missing_digit"]);
    assert_eq!(stakis("ŠKODAŽč7"), [""; 0]);
    assert_eq!(stakis("kvad wzu kvad w"), [""; 0]);
    assert_eq!(codes(PasswordProfile::Standard, "kvadwzuk"), [""; 0]);
}

#[test]
fn pw_05_common_passwords_in_any_case_but_not_as_substrings() {
    assert_eq!(stakis("Password1"), ["common_password"]);
    assert_eq!(stakis("pASSWORD1"), ["common_password"]);
    assert_eq!(stakis("Password1kv"), [""; 0]);
}

#[test]
fn pw_05_context_words_with_fewer_than_four_characters_around_them() {
    assert_eq!(stakis("Stakis123"), ["contains_brand"]);
    assert_eq!(stakis("Stakis1234"), [""; 0]);
    assert_eq!(stakis("sTAHLGRUBEr9"), ["contains_brand"]);
    assert_eq!(stakis("dELI & CO12"), ["contains_brand"]);
    assert_eq!(stakis("dELI & CO12ab"), [""; 0]);
    assert_eq!(stakis("Aa004217"), ["contains_customer_number"]);
    assert_eq!(stakis("Aab7004217"), [""; 0]);
    assert_eq!(stakis("Delavnica12"), ["contains_email"]);
    assert_eq!(stakis("Delavnica@Example.si7"), ["contains_email"]);
    assert_eq!(stakis("Stakis004217"), ["contains_customer_number", "contains_brand"]);
    assert_eq!(stakis("Stahlgruber-Stakis1"), ["contains_brand"]);
    assert_eq!(stakis("004217"), ["missing_uppercase", "missing_lowercase", "contains_customer_number"]);
}

#[test]
fn pw_05_the_guide_s_example_and_its_case_and_leet_variants() {
    for text in ["And42rej", "AND42REj", "4nd42r3J", "@nd42rEj"] {
        assert_eq!(stakis(text), ["published_example"], "{text}");
    }
    assert_eq!(stakis("And43rej"), [""; 0]);
}

#[test]
fn pw_09_maximum_age_by_profile_and_override() {
    assert_eq!(policy(PasswordProfile::Stakis).max_age_days(), Some(180));
    assert_eq!(policy(PasswordProfile::Nist).max_age_days(), None);
    let overridden = |days| {
        PasswordPolicy::new(&PasswordConfig {
            min_length: Some(9),
            max_age_days: Some(days),
            ..config(PasswordProfile::Stakis)
        })
    };
    assert_eq!((overridden(0).max_age_days(), overridden(90).max_age_days()), (None, Some(90)));
    assert_eq!(overridden(0).min_length(), 9);
}

#[test]
fn ch_11_history_by_profile_and_setting_and_facts_become_refusals() {
    let histories = [PasswordProfile::Stakis, PasswordProfile::Standard, PasswordProfile::Nist]
        .map(|profile| policy(profile).history());
    assert_eq!(histories, [3, 0, 0]);
    let password = Password::new("Zimske-gume-27".to_owned());
    let looked_up = LookedUp { is_breached: true, is_current: true, is_recent: true };
    let candidate =
        Candidate { password: &password, customer_number: None, email: None, brand: "STAkis", looked_up };
    let codes = |config: &PasswordConfig| -> Vec<&str> {
        PasswordPolicy::new(config).broken_rules(candidate).into_iter().map(|rule| rule.code().as_str()).collect()
    };
    assert_eq!(codes(&config(PasswordProfile::Stakis)), ["same_as_current", "used_recently"]);
    assert_eq!(codes(&config(PasswordProfile::Nist)), ["too_short", "same_as_current"]);
    let breach_api_url = Some("https://range.example".parse().unwrap());
    let asking = PasswordConfig { breach_api_url, history: Some(0), ..config(PasswordProfile::Stakis) };
    assert_eq!(codes(&asking), ["breached_password", "same_as_current"]);
}

proptest! {
    /// The rules are those of length and composition.
    #[test]
    fn pw_15_a_password_by_the_served_attribute_passes_the_rules(
        tail in "[ -~]{3,125}",
    ) {
        let served = policy(PasswordProfile::Stakis).password_rules_attribute();
        prop_assert_eq!(
            served,
            "minlength: 6; maxlength: 128; required: upper; required: lower; required: digit; \
             allowed: ascii-printable;"
        );
        let broken = stakis(&format!("Kv7{tail}"));
        for code in ["too_short", "too_long", "missing_uppercase", "missing_lowercase", "missing_digit", "invalid_format"] {
            prop_assert!(!broken.contains(&code), "{} broken", code);
        }
    }
}

//! The reply code of a receiving SMTP server, found in its sentence. The sentence may quote the address and is not
//! kept.

/// A reply code with its enhanced code, such as `550 5.1.1` (RFC 5321 §4.2, RFC 3463), or the one of both that is
/// there.
pub(super) fn find(sentence: &str) -> Option<String> {
    // A word keeps its `@`: `550@example.si` is an address and no code.
    let words: Vec<&str> = sentence
        .split(|character: char| !(character.is_ascii_alphanumeric() || ['.', '@'].contains(&character)))
        .map(|word| word.trim_end_matches('.'))
        .collect();
    let basic = words.iter().find(|word| is_basic(word));
    let enhanced = words.iter().find(|word| is_enhanced(word));
    let found: Vec<&str> = [basic, enhanced].into_iter().flatten().copied().collect();
    (!found.is_empty()).then(|| found.join(" "))
}

fn is_basic(word: &str) -> bool {
    word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_enhanced(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let digits = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.first().is_some_and(|class| ["4", "5"].contains(class)) && parts.iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn lo_03_only_the_code_is_taken_from_a_sentence() {
        for (sentence, code) in [
            ("550 5.1.1 The email account ana@example.si does not exist.", Some("550 5.1.1")),
            ("smtp;550 5.1.1 no such user", Some("550 5.1.1")),
            ("500 unknown recipient", Some("500")),
            ("5.2.2", Some("5.2.2")),
            ("550-5.1.1 The address <550@example.si> is not known", Some("550 5.1.1")),
            ("no such user: 550@example.si, 5.1.1@example.si", None),
            ("Mailbox full", None),
            ("call 5501 from 5.1.1.1", None),
            ("", None),
        ] {
            assert_eq!(find(sentence).as_deref(), code, "{sentence}");
        }
    }
}

//! The most common passwords.

/// 27,987 passwords of six and more characters, in lower case, sorted by bytes: the `passwords` list of zxcvbn
/// (Dropbox; MIT licence) from its Rust port 3.1.1 (MIT licence). It is plain text, so that a change to it can be read,
/// and it is searched in place, so that it costs neither start-up time nor heap.
static LIST: &str = include_str!("data/common_passwords.txt");

/// Whether the whole case-folded password is in the list (PW-05).
#[must_use]
pub(super) fn is_common(folded: &str) -> bool {
    let mut rest = LIST;
    while !rest.is_empty() {
        // The line of the middle byte splits the part that is left to search. The list is ASCII (a test checks that),
        // so every byte offset is the start of a character.
        let (before, after) = rest.split_at(rest.len() / 2);
        let start = before.rfind('\n').map_or(0, |line_end| line_end + 1);
        let end = before.len() + after.find('\n').unwrap_or(after.len());
        let line = rest.get(start..end).unwrap_or_default();
        rest = match folded.cmp(line) {
            std::cmp::Ordering::Equal => return !folded.is_empty(),
            std::cmp::Ordering::Less => rest.get(..start).unwrap_or_default(),
            std::cmp::Ordering::Greater => rest.get(end + 1..).unwrap_or_default(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_05_holds_over_ten_thousand_passwords_that_pass_the_length_rule() {
        let longer_than = |length: usize| LIST.lines().filter(|line| line.len() >= length).count();
        assert_eq!((longer_than(6), longer_than(8), longer_than(15)), (27_987, 11_611, 31));
        assert!(LIST.is_ascii() && LIST.ends_with('\n'));
        assert!(LIST.lines().is_sorted() && LIST.lines().all(|line| line == line.to_lowercase()));
    }

    /// Unknown devices may try a hundred passwords on one number before only a reset helps (RL-03). The list holds a
    /// hundred times as many of the passwords that people choose most.
    #[test]
    fn rl_06_holds_far_more_passwords_than_strangers_may_try_on_one_number() {
        const MOST_TRIES: usize = 100;
        assert!(LIST.lines().count() >= 100 * MOST_TRIES);
    }

    #[test]
    fn pw_05_finds_every_entry_and_nothing_between_them() {
        for line in LIST.lines() {
            assert!(is_common(line), "{line}");
            assert!(!is_common(&format!("{line}\u{1}")), "{line} with a character more");
        }
        for absent in ["", " ", "\n", "zzzzzzzzzzzzzz-not-there", "\u{10ffff}"] {
            assert!(!is_common(absent), "{absent:?}");
        }
    }
}

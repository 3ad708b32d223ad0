//! Sentences whose contacts become links.

use crate::brand::Brand;

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Span<'a> {
    Words(&'a str),
    /// The address of support.
    Email(&'a str),
    /// The telephone number of support, which must not break between two lines.
    Phone(&'a str),
}

/// The pieces of a sentence, in its order.
pub(super) fn spans<'a>(brand: &'a Brand, sentence: &'a str) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    let (email, phone) = (brand.support_email.as_str(), brand.support_phone.as_str());
    let mut rest = sentence;
    loop {
        let found = [email, phone].into_iter().filter_map(|contact| Some((rest.find(contact)?, contact))).min();
        let Some((words, contact, after)) = found.and_then(|(at, contact)| cut(rest, at, contact)) else { break };
        if !words.is_empty() {
            spans.push(Span::Words(words));
        }
        spans.push(if contact == email { Span::Email(contact) } else { Span::Phone(contact) });
        rest = after;
    }
    if !rest.is_empty() {
        spans.push(Span::Words(rest));
    }
    spans
}

/// A text before and after a contact that begins at an index.
fn cut<'a>(text: &'a str, at: usize, contact: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, contact, rest.strip_prefix(contact)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_found_in_any_order() {
        let brand = Brand::standard().unwrap();
        let (email, phone) = (brand.support_email.as_str(), brand.support_phone.as_str());
        let sentence = format!("Call {phone} or write to {email}.");
        let expected = [
            Span::Words("Call "),
            Span::Phone(phone),
            Span::Words(" or write to "),
            Span::Email(email),
            Span::Words("."),
        ];
        assert_eq!(spans(&brand, &sentence), expected);
        assert_eq!(spans(&brand, email), [Span::Email(email)]);
        assert_eq!(spans(&brand, "No contact."), [Span::Words("No contact.")]);
        assert_eq!(spans(&brand, ""), []);
    }
}

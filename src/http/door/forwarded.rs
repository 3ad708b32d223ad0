//! The lines of `X-Forwarded-For` and `Forwarded` (RFC 7239), as proxies write them.

use std::net::IpAddr;

/// The hops of a line of `X-Forwarded-For`, the last one first.
pub(super) fn plain_hops(line: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    line.rsplit(|byte| *byte == b',').map(|hop| read_address(str::from_utf8(hop).ok()?.trim_matches(OWS)))
}

/// The hops of a line of `Forwarded` (RFC 7239 §4), the last one first. Quotes decide which characters are separators,
/// so a line is read from its beginning. Some proxies pass the client's `Host` on in quotes: a reader that ignores
/// quotes would let the client add a hop, and no small crate respects them.
pub(super) fn standard_hops(line: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    split_outside_quotes(line, b',').into_iter().rev().map(read_element)
}

/// Spaces and tabs around the items of a list (RFC 9110 §5.6.3).
const OWS: [char; 2] = [' ', '\t'];

/// The address of `for` in an element such as `for=192.0.2.60;proto=http;by=203.0.113.43`. An element that is not
/// well-formed as a whole gives no address.
fn read_element(element: &[u8]) -> Option<IpAddr> {
    read_address(&read_pair(element, "for")?)
}

/// The value of one parameter of an element; `None` also where the element is not well-formed, or names it twice.
pub(super) fn read_pair(element: &[u8], wanted: &str) -> Option<String> {
    let mut found = None;
    for pair in split_outside_quotes(element, b';') {
        let pair = str::from_utf8(pair).ok()?.trim_matches(OWS);
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=')?;
        let value = read_value(value).filter(|_| is_token(name))?;
        if name.eq_ignore_ascii_case(wanted) && found.replace(value).is_some() {
            return None;
        }
    }
    found
}

pub(super) fn split_outside_quotes(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|byte| {
        let separates = *byte == separator && !quoted;
        quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && quoted && !escaped;
        separates
    })
    .collect()
}

/// The value of a token or of a quoted string (RFC 9110 §5.6.4).
fn read_value(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else { return is_token(text).then(|| text.to_owned()) };
    let mut characters = rest.strip_suffix('"')?.chars();
    let mut value = String::new();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
    Some(value)
}

/// Whether a text is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

/// Reads an address, with or without a port after it. An address with a zone is refused, since a zone has a meaning on
/// one machine only.
fn read_address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        IpAddr::V6(address.parse().ok()?)
    } else if let Some((address, _)) = text.split_once(':').filter(|(_, port)| is_port(port)) {
        IpAddr::V4(address.parse().ok()?)
    } else {
        text.parse().ok()?
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

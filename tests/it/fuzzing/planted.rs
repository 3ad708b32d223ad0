//! Wrong readers, one at a time. The kept inputs of the target find each.

use std::{
    io::{Cursor, Read},
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
};

use actix_web::http::header::{HeaderMap, HeaderName};
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use serde_json::Value;
use stakis_identity::{
    config::{MailProviderKind, ProxyHeader},
    crypto::AssertionUse,
    http::{client_address, read_strict_json},
    mail::{EventRefusal, Incoming, read_events},
    types::{BounceCause, UtcTime},
};

use super::{
    corpus::kept,
    targets::{
        access_tokens::{self, Taken},
        client_address as address, client_assertions,
        csv_rows::{self, Reading},
        mail_events::{self, Events},
        strict_json::{self, Form},
    },
};
use crate::support::plain_tests;

plain_tests![
    jw_01_the_kept_tokens_find_a_wrong_verifier,
    rl_07_the_kept_headers_find_a_wrong_search,
    ad_08_the_kept_assertions_find_a_wrong_verifier,
    the_kept_files_find_a_wrong_reader_of_rows,
    wh_04_the_kept_events_find_a_wrong_reader,
    ap_05_the_kept_bodies_find_a_wrong_reader,
];

/// Fails where no kept input makes a check panic.
fn assert_found(target: &str, wrong: &str, check: impl Fn(&[u8])) {
    let is_found = |bytes: &[u8]| catch_unwind(AssertUnwindSafe(|| check(bytes))).is_err();
    assert!(kept(target).iter().any(|input| is_found(&input.bytes)), "{target}: {wrong}");
}

/// A token as a reader sees it that does not look at the last bits of a signature.
fn respelled(token: &str) -> Option<String> {
    let mut lenient = BASE64URL_NOPAD.specification();
    lenient.check_trailing_bits = false;
    let (message, signature) = token.rsplit_once('.')?;
    let signature = lenient.encoding().unwrap().decode(signature.as_bytes()).ok()?;
    Some(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature)))
}

/// The claims that a token shows, whoever has signed it.
fn shown_claims(token: &str) -> Option<Value> {
    let claims = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice(&claims).ok()
}

fn jw_01_the_kept_tokens_find_a_wrong_verifier() {
    let wrong: [(&str, access_tokens::Taker); 6] = [
        ("refuses all", |_| Taken::Refused),
        ("does not look at the last bits", |token| {
            respelled(token).map_or(Taken::Refused, |token| access_tokens::take(&token))
        }),
        ("takes what says that it is of a customer", |token| match shown_claims(token) {
            Some(claims) if claims["client_id"] == "stakis" => Taken::Customer,
            _ => access_tokens::take(token),
        }),
        ("takes an expired token", |token| match access_tokens::take(token) {
            Taken::Expired => Taken::Customer,
            taken => taken,
        }),
        ("takes a machine for a customer", |token| match access_tokens::take(token) {
            Taken::Machine => Taken::Customer,
            taken => taken,
        }),
        ("refuses a token of a page", |token| match shown_claims(token) {
            Some(claims) if claims["scope"].is_string() && claims["sid"].is_string() => Taken::Refused,
            _ => access_tokens::take(token),
        }),
    ];
    for (name, take) in wrong {
        assert_found("access_tokens", name, |bytes| access_tokens::check(take, bytes));
    }
}

fn ad_08_the_kept_assertions_find_a_wrong_verifier() {
    fn spent_together(text: &str) -> Option<AssertionUse> {
        client_assertions::take(text).map(|used| AssertionUse { id: "one for all".to_owned(), ..used })
    }
    fn spent_by_its_text(text: &str) -> Option<AssertionUse> {
        client_assertions::take(text).map(|used| AssertionUse { id: text.to_owned(), ..used })
    }
    fn not_verified(text: &str) -> Option<AssertionUse> {
        shown_claims(text).map(|_| AssertionUse { id: String::new(), expires_at: UtcTime::MAX })
    }
    let wrong: [(&str, client_assertions::Taker); 5] = [
        ("refuses all", |_| None),
        ("does not look at the last bits", |text| client_assertions::take(&respelled(text)?)),
        ("is spent with every other one", spent_together),
        ("serves once for each text", spent_by_its_text),
        ("takes what is well-formed", not_verified),
    ];
    for (name, take) in wrong {
        assert_found("client_assertions", name, |bytes| client_assertions::check(take, bytes));
    }
}

/// The addresses of `X-Forwarded-For` from the left, as a client may write them.
fn hops(headers: &HeaderMap) -> Vec<IpAddr> {
    let lines = headers.get_all(HeaderName::from_static("x-forwarded-for")).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect()
}

/// A search in `Forwarded` that looks for commas, and not for quotation marks.
fn without_marks(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all(HeaderName::from_static("forwarded")).last()?.to_str().ok()?;
    let nearest = line.rsplit(',').next()?.split(';').find_map(|pair| pair.trim().strip_prefix("for="))?;
    nearest.trim_matches('"').parse().ok()
}

fn rl_07_the_kept_headers_find_a_wrong_search() {
    let wrong: [(&str, address::Finder); 5] = [
        ("takes the peer in each case", |peer, _, _, _| peer.to_canonical()),
        ("believes everybody", |peer, headers, _, header| {
            client_address(peer, headers, &["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()], header)
        }),
        ("takes the first hop", |peer, headers, trusted, header| match hops(headers).first() {
            Some(first) if header == ProxyHeader::XForwardedFor && trusted[0].contains(&peer) => {
                first.to_canonical()
            }
            _ => client_address(peer, headers, trusted, header),
        }),
        ("reads both headers", |peer, headers, trusted, header| {
            let found = client_address(peer, headers, trusted, header);
            let other = ProxyHeader::ALL.iter().find(|other| **other != header).unwrap();
            if found == peer { client_address(peer, headers, trusted, *other) } else { found }
        }),
        ("does not see quotation marks", |peer, headers, trusted, header| match without_marks(headers) {
            Some(nearest) if header == ProxyHeader::Forwarded && trusted[0].contains(&peer) => nearest,
            _ => client_address(peer, headers, trusted, header),
        }),
    ];
    for (name, find) in wrong {
        assert_found("client_address", name, |bytes| address::check(find, bytes));
    }
}

fn the_kept_files_find_a_wrong_reader_of_rows() {
    fn first_piece(mut source: Box<dyn Read + Send>) -> Reading {
        let mut piece = vec![0; 64 * 1024];
        let count = source.read(&mut piece).unwrap();
        piece.truncate(count);
        csv_rows::read(Box::new(Cursor::new(piece)))
    }
    fn without_last_row(source: Box<dyn Read + Send>) -> Reading {
        let mut reading = csv_rows::read(source);
        reading.rows.pop();
        reading
    }
    fn with_any_columns(source: Box<dyn Read + Send>) -> Reading {
        let mut reading = csv_rows::read(source);
        for (_, row) in &mut reading.rows {
            *row = Ok(row.as_ref().map_or_else(|_| csv_rows::Texts::default(), Clone::clone));
        }
        reading
    }
    fn silent(source: Box<dyn Read + Send>) -> Reading {
        let mut reading = csv_rows::read(source);
        reading.failure.take_if(|_| !reading.rows.is_empty());
        reading
    }
    let wrong: [(&str, csv_rows::Reader); 4] = [
        ("reads one piece", first_piece),
        ("loses the last row", without_last_row),
        ("takes any number of columns", with_any_columns),
        ("does not tell an open quotation mark", silent),
    ];
    for (name, read) in wrong {
        assert_found("csv_rows", name, |bytes| csv_rows::check(read, bytes));
    }
}

type EventReader = fn(MailProviderKind, &SecretString, &Incoming<'_>, UtcTime) -> Events;

fn wh_04_the_kept_events_find_a_wrong_reader() {
    let wrong: [(&str, EventReader); 6] = [
        ("refuses all", |_, _, _, _| Err(EventRefusal::NotAuthentic)),
        ("asks for no proof", |kind, secret, incoming, now| {
            read_events(kind, secret, incoming, now).or(Ok(Vec::new()))
        }),
        ("keeps the sentence of the server", |kind, secret, incoming, now| {
            let mut events = read_events(kind, secret, incoming, now)?;
            for code in events.iter_mut().filter_map(|event| event.smtp_code.as_mut()) {
                code.push_str(" Ana");
            }
            Ok(events)
        }),
        ("calls each bounce a missing mailbox", |kind, secret, incoming, now| {
            let mut events = read_events(kind, secret, incoming, now)?;
            for cause in events.iter_mut().filter_map(|event| event.cause.as_mut()) {
                *cause = BounceCause::NoSuchMailbox;
            }
            Ok(events)
        }),
        ("gives an event twice", |kind, secret, incoming, now| {
            let events = read_events(kind, secret, incoming, now)?;
            Ok([events.as_slice(), &events].concat())
        }),
        ("reads one event of a list", |kind, secret, incoming, now| {
            read_events(kind, secret, incoming, now).map(|events| events.into_iter().take(1).collect())
        }),
    ];
    for (name, read) in wrong {
        assert_found("mail_events", name, |bytes| mail_events::check(read, bytes));
    }
}

fn ap_05_the_kept_bodies_find_a_wrong_reader() {
    let wrong: [(&str, strict_json::Reader); 4] = [
        ("refuses all", |_| None),
        ("takes an array for an object", |bytes| serde_json::from_slice(bytes).ok()),
        ("takes the last of two members", |bytes| {
            let value: Value = serde_json::from_slice(bytes).ok()?;
            value.is_object().then(|| serde_json::from_value(value).ok())?
        }),
        ("takes white space off", |bytes| {
            let mut form: Form = read_strict_json(bytes)?;
            form.text = form.text.trim().to_owned();
            Some(form)
        }),
    ];
    for (name, read) in wrong {
        assert_found("strict_json", name, |bytes| strict_json::check(read, bytes));
    }
}

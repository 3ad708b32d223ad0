//! The operations of customers.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::{
    connection::{get, post},
    load::CONNECTIONS,
    names,
    operation::Operation,
};
use crate::{
    filling::RESET_TOKEN,
    reset::source,
    service::{PASSWORD, Service},
};

const JSON: &str = "application/json";
/// The customer numbers in all.
const NUMBERS: u32 = 1_000_000;
/// The customers who sign in, in turns.
const SIGNING_IN: u32 = 1000;
/// The address from which the sessions of all connections begin; no operation has it.
const FIRST_SOURCE: u32 = 6_000_000;

/// A customer number.
pub(super) fn number(index: u32) -> String {
    format!("{index:06}")
}

/// One session for each connection.
pub(super) struct Sessions {
    pub(super) access_tokens: Vec<String>,
    refresh_tokens: Vec<String>,
}

impl Sessions {
    pub(super) async fn begin(service: &Service) -> Self {
        let (mut access_tokens, mut refresh_tokens) = (Vec::new(), Vec::new());
        for place in (1..).take(CONNECTIONS) {
            let body = json!({ "customer_number": number(place), "password": PASSWORD });
            let signed_in = service.post_json_from(&source(FIRST_SOURCE + place), "/v1/sessions", &body).await;
            let token = |name: &str| signed_in[name].as_str().expect("the customer signs in").to_owned();
            access_tokens.push(token("access_token"));
            refresh_tokens.push(token("refresh_token"));
        }
        Self { access_tokens, refresh_tokens }
    }
}

pub(super) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

pub(super) fn verify(place: u32) -> Operation {
    Operation::new(names::VERIFY, place, 200, |call| {
        let body = json!({ "token": RESET_TOKEN }).to_string();
        post("/v1/password-resets/verify", &call.source, JSON, "", &body)
    })
}

/// `GET` of something of one's own.
pub(super) fn own(name: &'static str, place: u32, path: &'static str, sessions: &Sessions) -> Operation {
    let headers: Vec<String> = sessions.access_tokens.iter().map(|token| bearer(token)).collect();
    Operation::new(name, place, 200, move |call| get(path, &call.source, &headers[call.place]))
}

pub(super) fn refresh(place: u32, sessions: &Sessions) -> Operation {
    let tokens = std::rc::Rc::new(RefCell::new(sessions.refresh_tokens.clone()));
    let heard = tokens.clone();
    Operation::new(names::REFRESH, place, 200, move |call| {
        let body = json!({ "refresh_token": tokens.borrow()[call.place] }).to_string();
        post("/v1/sessions/refresh", &call.source, JSON, "", &body)
    })
    .hearing(move |place, body| {
        let answer: Value = serde_json::from_slice(body).unwrap();
        answer["refresh_token"].as_str().unwrap().clone_into(&mut heard.borrow_mut()[place]);
    })
}

pub(super) fn sign_in(place: u32) -> Operation {
    Operation::new(names::SIGN_IN, place, 201, |call| {
        let number = number(1 + call.index % SIGNING_IN);
        let body = json!({ "customer_number": number, "password": PASSWORD }).to_string();
        post("/v1/sessions", &call.source, JSON, "", &body)
    })
}

/// Reset requests for numbers that no customer has, each for another one.
pub(super) fn reset_unknown(place: u32, accounts: u32) -> Operation {
    reset(names::RESET_UNKNOWN, place, accounts + 1, NUMBERS - accounts - 1)
}

/// Reset requests for the numbers of customers, each for another one.
pub(super) fn reset_known(place: u32, accounts: u32) -> Operation {
    reset(names::RESET_KNOWN, place, 1, accounts)
}

fn reset(name: &'static str, place: u32, first: u32, count: u32) -> Operation {
    Operation::new(name, place, 202, move |call| {
        // A second request for a number would be swallowed, which is less work.
        assert!(call.index < count, "no number is left to ask for");
        let body = json!({ "customer_number": number(first + call.index) }).to_string();
        post("/v1/password-resets", &call.source, JSON, "", &body)
    })
}

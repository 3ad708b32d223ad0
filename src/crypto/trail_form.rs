//! The canonical form of the audit trail, and its hashes (LO-06). `docs/audit-trail.md` describes it for other programs, and
//! pins it: a change makes every earlier seal look broken.
//!
//! A form is a list of fields. Each is its length in bytes, as four bytes in network order, and its bytes; one without a
//! value is the length 2^32 - 1 alone. Numbers are in decimal digits, times in microseconds since 1970, hashes (SHA-256) in
//! lower-case hexadecimal digits. The first field names the form.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use crate::types::UtcTime;

/// The length that stands for a field without a value.
const NO_VALUE: [u8; 4] = [0xff; 4];

/// A form that is hashed while its fields come.
struct Form(Context);

impl Form {
    fn named(name: &str) -> Self {
        Self(Context::new(&SHA256)).text(name)
    }

    fn text(mut self, text: &str) -> Self {
        self.add(text);
        self
    }

    fn optional(mut self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.add(text),
            None => self.0.update(&NO_VALUE),
        }
        self
    }

    fn number(self, number: i64) -> Self {
        self.text(&number.to_string())
    }

    fn time(self, time: UtcTime) -> Self {
        self.number(time.and_utc().timestamp_micros())
    }

    fn add(&mut self, text: &str) {
        // Columns are far shorter than that. A longer one would only be hashed with another length.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX - 1);
        self.0.update(&length.to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn hash(self) -> String {
        HEXLOWER.encode(self.0.finish().as_ref())
    }
}

/// What an erasure empties in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasableValues<'a> {
    /// The customer number.
    pub customer_number: Option<&'a str>,
    /// The network of the actor.
    pub source: Option<&'a str>,
    /// The detail.
    pub detail: Option<&'a str>,
}

impl ErasableValues<'_> {
    /// The salted hash that stands for the values in the hash of their entry. Once the salt is gone, nobody can find the
    /// values by trying all of them.
    #[must_use]
    pub fn commitment(&self, salt: &str) -> String {
        let form = Form::named("stakis-identity audit commitment 1").text(salt);
        form.optional(self.customer_number).optional(self.source).optional(self.detail).hash()
    }

    /// Whether there is nothing left.
    #[must_use]
    pub const fn are_empty(&self) -> bool {
        self.customer_number.is_none() && self.source.is_none() && self.detail.is_none()
    }
}

/// An entry at its position.
#[derive(Debug, Clone, Copy)]
pub struct PlacedEntry<'a> {
    /// The position.
    pub position: i64,
    /// The id.
    pub id: &'a str,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// The name of the event.
    pub event: &'a str,
    /// The actor.
    pub actor: &'a str,
    /// The account: a random id, which stands for nobody once the account is erased.
    pub account_id: Option<&'a str>,
    /// The reset request.
    pub reset_request_id: Option<&'a str>,
    /// The request.
    pub request_id: Option<&'a str>,
    /// The session.
    pub session_id: Option<&'a str>,
    /// The device.
    pub device_id: Option<&'a str>,
    /// [`ErasableValues::commitment`].
    pub commitment: &'a str,
    /// [`erased_list_hash`], for an entry that tells of an erasure which has emptied others.
    pub erased_list: Option<&'a str>,
}

impl PlacedEntry<'_> {
    /// The hash of the entry.
    #[must_use]
    pub fn hash(&self) -> String {
        Form::named("stakis-identity audit entry 1")
            .number(self.position)
            .text(self.id)
            .time(self.occurred_at)
            .text(self.event)
            .text(self.actor)
            .optional(self.account_id)
            .optional(self.reset_request_id)
            .optional(self.request_id)
            .optional(self.session_id)
            .optional(self.device_id)
            .text(self.commitment)
            .optional(self.erased_list)
            .hash()
    }
}

/// The hash over the ids of the entries that one erasure has emptied, in the order of their bytes; `None` where it has
/// emptied none.
#[must_use]
pub fn erased_list_hash(mut ids: Vec<String>) -> Option<String> {
    ids.sort_unstable();
    let form = |form: Form, id: &String| form.text(id);
    (!ids.is_empty()).then(|| ids.iter().fold(Form::named("stakis-identity audit erasure 1"), form).hash())
}

/// What a batch says of itself.
#[derive(Debug, Clone, Copy)]
pub struct BatchForm<'a> {
    /// The number. The first one is 1.
    pub number: i64,
    /// The position of its first entry.
    pub first_position: i64,
    /// The position of its last entry.
    pub last_position: i64,
    /// When it was sealed.
    pub sealed_at: UtcTime,
    /// The head of the batch before.
    pub previous_head: Option<&'a str>,
    /// The key of the batch before, whose signature was checked.
    pub previous_key_id: Option<&'a str>,
    /// The key that signs.
    pub key_id: &'a str,
}

/// The head of a batch that does not have the hashes of all its entries yet.
pub struct UnfinishedHead(Form);

impl BatchForm<'_> {
    /// Begins the head.
    #[must_use]
    pub fn begin(&self) -> UnfinishedHead {
        UnfinishedHead(
            Form::named("stakis-identity audit head 1")
                .number(self.number)
                .number(self.first_position)
                .number(self.last_position)
                .time(self.sealed_at)
                .optional(self.previous_head)
                .optional(self.previous_key_id)
                .text(self.key_id),
        )
    }
}

impl UnfinishedHead {
    /// Adds the hash of the next entry.
    pub fn add(&mut self, row_hash: &str) {
        self.0.add(row_hash);
    }

    /// The head.
    #[must_use]
    pub fn finish(self) -> String {
        self.0.hash()
    }
}

/// What the signature of a head covers.
#[derive(Debug, Clone, Copy)]
pub struct HeadStatement<'a> {
    /// The number of the batch.
    pub batch: i64,
    /// The position of its last entry.
    pub position: i64,
    /// The head, which covers the time too.
    pub hash: &'a str,
}

impl HeadStatement<'_> {
    /// The text that is signed.
    pub(super) fn message(&self) -> String {
        let (batch, position) = (self.batch, self.position);
        Form::named("stakis-identity audit signature 1").number(batch).number(position).text(self.hash).hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> UtcTime {
        chrono::DateTime::from_timestamp_micros(1_764_321_600_123_456).unwrap().naive_utc()
    }

    /// Programs of auditors compute the same: `docs/audit-trail.md` has these values.
    #[test]
    fn lo_06_the_canonical_form_stays_as_it_is() {
        let values = ErasableValues { customer_number: Some("004217"), source: Some("192.0.2.0/24"), detail: None };
        let commitment = values.commitment("000102030405060708090a0b0c0d0e0f");
        let entry = PlacedEntry {
            position: 1,
            id: "y8psac7mxw2dq5hj3tkv6b4zrn",
            occurred_at: moment(),
            event: "authn_login_success",
            actor: "customer",
            account_id: Some("p4tmx3rj5kq2vw7c6hzn8ydsae"),
            reset_request_id: None,
            request_id: Some("0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d"),
            session_id: None,
            device_id: None,
            commitment: &commitment,
            erased_list: None,
        };
        let batch = BatchForm {
            number: 1,
            first_position: 1,
            last_position: 1,
            sealed_at: moment(),
            previous_head: None,
            previous_key_id: None,
            key_id: "key",
        };
        let mut head = batch.begin();
        head.add(&entry.hash());
        let head = head.finish();
        let statement = HeadStatement { batch: 1, position: 1, hash: &head };
        assert_eq!(
            [commitment.clone(), entry.hash(), head.clone(), statement.message()],
            [
                "ce7607ef06a435cfbe8d16e2ddc91c0b4a12b909df50b5e5625a600f90245ce9",
                "862a8e338fa4cb299fca24b9a7bd7b07d4ed84afd55e6ca6e6298978171e8c4b",
                "c932a68ee4bbba5d4ccd389c2bb11cdbca17f09be0ccb7f4fd8524cf6d8a7572",
                "90168ffddc158dccd7d0dd103450dd959e18b2bd2b374ea5f18735b8e0050d66",
            ]
        );
    }

    #[test]
    fn lo_06_a_field_without_value_is_no_empty_one_and_none_runs_on() {
        let of =
            |number, source, detail| ErasableValues { customer_number: number, source, detail }.commitment("00");
        let all = [
            of(None, None, None),
            of(Some(""), None, None),
            of(None, Some(""), None),
            of(Some("ab"), Some("c"), None),
            of(Some("a"), Some("bc"), None),
            of(Some("abc"), None, None),
        ];
        let different: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        let list = |ids: &[&str]| erased_list_hash(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(list(&[]), None);
        assert_eq!(list(&["b", "a"]), list(&["a", "b"]));
        assert_ne!(list(&["a", "b"]), list(&["a"]));
    }
}

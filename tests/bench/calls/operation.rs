//! One kind of call: how it is asked, and which answer is right.

use std::cell::Cell;

use super::connection::Answer;
use crate::reset::source;

type Ask = Box<dyn Fn(&Call) -> Vec<u8>>;
type Hear = Box<dyn Fn(usize, &[u8])>;

/// What tells one call of an operation from every other.
pub(super) struct Call {
    /// The connection, counted from 0.
    pub(super) place: usize,
    /// The number of the call, counted from 0.
    pub(super) index: u32,
    /// An address that no other call of any operation has.
    pub(super) source: String,
}

/// An operation on one service.
pub(super) struct Operation {
    pub(super) name: &'static str,
    status: u16,
    ask: Ask,
    hear: Option<Hear>,
    next: Cell<u32>,
    first_source: u32,
}

/// The addresses that one operation may use.
const SOURCES: u32 = 400_000;

impl Operation {
    /// An operation that is answered with this status. `place` is its place among the operations of its service.
    pub(super) fn new(
        name: &'static str,
        place: u32,
        status: u16,
        ask: impl Fn(&Call) -> Vec<u8> + 'static,
    ) -> Self {
        Self { name, status, ask: Box::new(ask), hear: None, next: Cell::new(0), first_source: place * SOURCES }
    }

    /// The same with something that takes what an answer brings for the next call of its connection.
    pub(super) fn hearing(mut self, hear: impl Fn(usize, &[u8]) + 'static) -> Self {
        self.hear = Some(Box::new(hear));
        self
    }

    /// The bytes of the next call over this connection.
    pub(super) fn request(&self, place: usize) -> Vec<u8> {
        let index = self.next.get();
        assert!(index < SOURCES, "{} has no address left", self.name);
        self.next.set(index + 1);
        (self.ask)(&Call { place, index, source: source(self.first_source + index) })
    }

    pub(super) fn hear(&self, place: usize, answer: &Answer) {
        let Answer { status, body } = answer;
        assert_eq!(*status, self.status, "{}: {}", self.name, String::from_utf8_lossy(body));
        if let Some(hear) = &self.hear {
            hear(place, body);
        }
    }
}

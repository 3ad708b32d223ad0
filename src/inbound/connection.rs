//! The state of one connection: what it is doing and since when, how much may be read, and how it ends.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll, Waker, ready},
};

use actix_http::Response;
use actix_web::{body::BoxBody, rt::net::TcpStream};
use futures_util::future::LocalBoxFuture;
use tokio::time::Instant;

use super::{bounds::Bounds, places::Place};

/// How many bytes may be read before somebody wants more. What is read ahead waits in memory.
pub(super) const WINDOW: usize = 4 * 1024;
/// The greatest request head, in bytes. It fits into the buffer of 8 KiB with which actix begins a connection.
pub(super) const LARGEST_HEAD: usize = 7 * 1024;

/// What a connection is doing. Each phase has a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing was sent since the connection was opened.
    Opened,
    /// A request head is arriving.
    Head,
    /// The service works on a request, and reads its body.
    Handling,
    /// The client takes the answer.
    Answering,
    /// Nothing was sent since the last answer.
    Idle,
}

/// What follows once actix has done what it could do with what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The connection waits for its socket or for the service.
    Waits,
    /// A request head goes on. Actix has to be polled once more.
    GoesOn,
    /// The request head is larger than it may be.
    HeadTooLarge,
}

/// The state of one connection, which the parts of this room share. A connection stays on one thread.
pub(super) struct Connection {
    /// The deadlines of the listener.
    pub(super) bounds: Rc<Bounds>,
    /// The socket; `None` once it was taken to be closed.
    pub(super) socket: RefCell<Option<TcpStream>>,
    place: Place,
    /// The work of the service on the present request. It stands here and not with actix, which drops what it has where
    /// a body is malformed, before there is an answer.
    answering: RefCell<Option<LocalBoxFuture<'static, Response<BoxBody>>>>,
    phase: Cell<Phase>,
    since: Cell<Instant>,
    /// The bytes that may still be read.
    window: Cell<usize>,
    /// The bytes that were read since the last request began, while none was under way.
    head: Cell<usize>,
    /// Wakes actix, which wanted to read further than it was allowed to.
    reader: RefCell<Option<Waker>>,
    /// Whether the whole body of the present request was read by the service, or there is none.
    body_is_over: Cell<bool>,
    /// Whether actix has got the whole answer. What of it is not written yet waits in actix' buffer.
    is_handed_over: Cell<bool>,
    /// Whether the connection ends with the present answer.
    ends_with_answer: Cell<bool>,
    has_ended: Cell<bool>,
}

impl Connection {
    pub(super) fn new(socket: TcpStream, place: Place, bounds: Rc<Bounds>) -> Self {
        Self {
            bounds,
            socket: RefCell::new(Some(socket)),
            place,
            answering: RefCell::new(None),
            phase: Cell::new(Phase::Opened),
            since: Cell::new(Instant::now()),
            window: Cell::new(WINDOW),
            head: Cell::new(0),
            reader: RefCell::new(None),
            body_is_over: Cell::new(true),
            is_handed_over: Cell::new(false),
            ends_with_answer: Cell::new(false),
            has_ended: Cell::new(false),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(Instant::now());
    }

    /// The moment at which the present phase has to be over. It comes closer when connections become many.
    pub(super) fn deadline(&self) -> Instant {
        let Bounds { head, handling, answer, idle, idle_when_crowded, .. } = &*self.bounds;
        let time = match self.phase.get() {
            Phase::Opened | Phase::Head => head,
            Phase::Handling => handling,
            Phase::Answering => answer,
            Phase::Idle if self.place.is_crowded() => idle_when_crowded,
            Phase::Idle => idle,
        };
        self.since.get() + *time
    }

    /// How many bytes may be read. Where there are none now, the task is woken once there are.
    pub(super) fn poll_window(&self, cx: &Context<'_>) -> Poll<usize> {
        match self.window.get() {
            0 => {
                self.reader.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
            window => Poll::Ready(window),
        }
    }

    /// Takes note of bytes that were read. Where they are enough for now, no more is read before it is wanted.
    pub(super) fn has_read(&self, count: usize, is_enough: bool) {
        self.window.set(if is_enough { 0 } else { self.window.get().saturating_sub(count) });
        if self.waits_for_head() {
            self.head.set(self.head.get() + count);
            if self.phase.get() == Phase::Idle {
                self.enter(Phase::Head);
            }
        }
    }

    /// Whether no request is under way.
    pub(super) fn waits_for_head(&self) -> bool {
        matches!(self.phase.get(), Phase::Opened | Phase::Head | Phase::Idle)
    }

    /// Allows a further window to be read, since nothing that was read before waits for the service.
    pub(super) fn want_more(&self) {
        self.window.set(if self.waits_for_head() {
            WINDOW.min(LARGEST_HEAD.saturating_sub(self.head.get()))
        } else {
            WINDOW
        });
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// A request begins: actix has read its head.
    pub(super) fn begin_request(&self, has_body: bool) {
        self.answering.take();
        self.enter(Phase::Handling);
        self.head.set(0);
        self.body_is_over.set(!has_body);
        self.is_handed_over.set(false);
    }

    /// The service has read the whole body of the present request.
    pub(super) fn end_body(&self) {
        self.body_is_over.set(true);
    }

    /// The service begins to work on the present request.
    pub(super) fn answer_by(&self, answering: LocalBoxFuture<'static, Response<BoxBody>>) {
        self.answering.replace(Some(answering));
    }

    /// Whether the service works on a request.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.borrow().is_some()
    }

    /// Lets the service work on the present request. It is ready with the answer, once.
    pub(super) fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Response<BoxBody>> {
        let mut answering = self.answering.borrow_mut();
        let Some(work) = answering.as_mut() else { return Poll::Pending };
        let response = ready!(work.as_mut().poll(cx));
        answering.take();
        Poll::Ready(response)
    }

    /// The service has made its answer. Where it did not read the whole body the connection ends with the answer: the
    /// rest of the body may be malformed, or may never come.
    pub(super) fn begin_answer(&self) {
        self.enter(Phase::Answering);
        if !self.body_is_over.get() {
            self.ends_with_answer.set(true);
            self.window.set(0);
        }
    }

    /// Whether the present answer is the last one of the connection.
    pub(super) fn ends_with_answer(&self) -> bool {
        self.ends_with_answer.get()
    }

    /// Actix has got the whole answer.
    pub(super) fn hand_over_answer(&self) {
        if self.phase.get() == Phase::Answering {
            self.is_handed_over.set(true);
        }
    }

    /// All that actix had to write is written.
    pub(super) fn has_written(&self) {
        if !self.is_handed_over.replace(false) {
            return;
        }
        if self.ends_with_answer.get() {
            self.has_ended.set(true);
        }
        self.enter(Phase::Idle);
    }

    /// Whether the last answer of the connection is written.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.get()
    }

    /// Whether the client may be sending what nobody reads any more.
    pub(super) fn may_have_unread(&self) -> bool {
        self.has_ended.get() || self.phase.get() != Phase::Idle
    }

    /// Actix has done what it could do with what was read. Where it waits for a head, the head goes on.
    pub(super) fn end_turn(&self) -> Reading {
        if !self.waits_for_head() || self.window.get() > 0 {
            return Reading::Waits;
        }
        if self.head.get() >= LARGEST_HEAD {
            return Reading::HeadTooLarge;
        }
        self.want_more();
        Reading::GoesOn
    }
}

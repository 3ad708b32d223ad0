//! Who has proved to be the caller, for the line that the log has about the request (LO-02).

use std::{cell::RefCell, rc::Rc};

use actix_web::HttpMessage;

use crate::types::Actor;

/// The actor of a request whose caller has proved nothing.
const ANONYMOUS: &str = "anonymous";

/// Where a request keeps its actor, from when the actor is known until the line is written.
#[derive(Clone, Default)]
pub(in crate::http) struct ActorSlot(Rc<RefCell<Option<Actor>>>);

impl ActorSlot {
    /// The slot of a request.
    pub(in crate::http) fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Sets who has proved to be the caller.
    pub(in crate::http) fn set(&self, actor: Actor) {
        self.0.replace(Some(actor));
    }

    /// The name of the actor.
    pub(super) fn name(&self) -> String {
        self.0.borrow().as_ref().map_or_else(|| ANONYMOUS.to_owned(), ToString::to_string)
    }
}

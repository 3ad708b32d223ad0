//! Why a history was not played to its end.

use super::reference::Move;

/// What a history has led to.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Model and service differ.
    Disagreement(String),
    /// The service gave up a call that the test held. The machine was slow, so the history says nothing.
    Disturbed,
}

pub(super) type Played<T = ()> = Result<T, Trouble>;

/// Fails unless the service has what the model has.
pub(super) fn agree<T: PartialEq + std::fmt::Debug>(
    what: impl std::fmt::Display,
    model: &T,
    service: &T,
) -> Played {
    if model == service {
        return Ok(());
    }
    differ(format!("{what}: the model has {model:?}, and the service {service:?}"))
}

pub(super) fn differ<T>(how: impl Into<String>) -> Played<T> {
    Err(Trouble::Disagreement(how.into()))
}

impl Trouble {
    /// The same with the steps on the way to rest, which the seed alone does not tell.
    pub(super) fn at_rest(self, steps: &[Move]) -> Self {
        match self {
            Self::Disagreement(why) => {
                Self::Disagreement(format!("{why}\non the way to rest, at the last of {steps:?}"))
            }
            Self::Disturbed => Self::Disturbed,
        }
    }
}

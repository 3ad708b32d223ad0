//! What a setting is, and how one is read.
//!
//! A [`Setting`] keeps everything about an environment variable in one place: its name, whether it is secret, its form,
//! what holds while it is unset, and the sentence that tells operators what it does. Reading, error messages and the
//! documentation all come from that definition.
//!
//! - A form ([`Form`]) parses the text of a variable and says which texts are allowed: [`Whole`], [`Span`], [`OneOf`],
//!   [`Switch`], [`Text`] and others beside the settings that need them.
//! - What holds while a variable is unset (`Unset`) is a value of its own type, so that `read` of a setting with a
//!   default returns a value, and `read` of one without returns an option.
//! - The [`Reader`] holds the variables and collects every problem.

mod definition;
mod description;
mod form;
mod number;
mod reader;
mod secrecy;
mod text;
mod unset;
mod word;

pub use description::SettingDescription;
pub(crate) use {
    definition::Setting,
    description::{Describe, Group},
    form::{Form, Objections, WriteForm, not_allowed, unless},
    number::{Span, Whole},
    reader::Reader,
    secrecy::Secrecy,
    text::{Email, Secret, Text},
    unset::{ByEnvironment, Computed, Nothing, Parsed, Value},
    word::{OneOf, Switch},
};

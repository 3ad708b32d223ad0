//! A JSON object with its members in order, those that occur twice included. The maps of `serde_json` keep the last one
//! of them alone.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

pub(super) struct Members(Vec<(String, Value)>);

impl Members {
    /// Reads a text that is one JSON object.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    pub(super) fn has_a_name_twice(&self) -> bool {
        self.names().collect::<BTreeSet<_>>().len() < self.0.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a member, which is null where the object has no such member; `None` where it occurs twice.
    pub(super) fn single(&self, name: &str) -> Option<&Value> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        let first = values.next().unwrap_or(&Value::Null);
        values.next().is_none().then_some(first)
    }

    /// The text of a member that is there once.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.single(name)?.as_str()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

//! The permissions of machine clients.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::text_enum;

text_enum! {
    /// One permission of a machine client (RFC 6749 §3.3). Names are case-sensitive.
    pub enum Scope {
        /// Erase accounts, and all that is held about their customers.
        AccountsErase = "accounts:erase",
        /// Read everything that is held about one customer.
        AccountsExport = "accounts:export",
        /// Bring customers in from another system.
        AccountsImport = "accounts:import",
        /// Find and read accounts.
        AccountsRead = "accounts:read",
        /// Make, change, close and reopen accounts.
        AccountsWrite = "accounts:write",
        /// Read the audit trail.
        AuditRead = "audit:read",
        /// Read what has happened, event by event, to keep another system in step.
        EventsRead = "events:read",
        /// Help a customer by an act, such as another reset mail.
        SupportAct = "support:act",
        /// Find out why a customer cannot sign in.
        SupportRead = "support:read",
        /// Set up where events are sent to.
        WebhooksWrite = "webhooks:write",
    }
}

/// The text is no list of scopes of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("scopes are {}, one space between", Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "))]
pub struct UnknownScope;

/// A set of scopes. Its text has each scope once, in the order of their names, so a set has one text.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Scopes {
    text: String,
}

super::text_column!(Scopes);

impl Scopes {
    /// Parses one or more names in any order, with one space between (RFC 6749 §3.3).
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let scopes: Result<BTreeSet<Scope>, _> = text.split(' ').map(Scope::parse).collect();
        let scopes = scopes.map_err(|_| UnknownScope)?;
        Ok(Self::of(scopes.into_iter()))
    }

    /// Makes a set from scopes in the order of their names.
    fn of(scopes: impl Iterator<Item = Scope>) -> Self {
        let names: Vec<&str> = scopes.map(Scope::as_str).collect();
        Self { text: names.join(" ") }
    }

    /// The names of the scopes, separated by spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scopes in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.text.split(' ').filter_map(|name| Scope::parse(name).ok())
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.iter().any(|one| one == scope)
    }

    /// Whether every scope of this set is in the other.
    #[must_use]
    pub fn are_within(&self, others: &Self) -> bool {
        self.iter().all(|scope| others.contains(scope))
    }

    /// The scopes that are in both sets, which may be empty.
    #[must_use]
    pub fn shared_with(&self, others: &Self) -> Self {
        Self::of(self.iter().filter(|scope| others.contains(*scope)))
    }
}

/// A scope is for programs alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client of a person has the scopes support:act and support:read alone")]
pub struct NotOfSupport;

/// Scopes that the client of a person may have: those of support, and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportScopes(Scopes);

impl SupportScopes {
    /// Takes scopes of support alone.
    pub fn of(scopes: Scopes) -> Result<Self, NotOfSupport> {
        let is_of_support = |scope| matches!(scope, Scope::SupportAct | Scope::SupportRead);
        if scopes.iter().all(is_of_support) { Ok(Self(scopes)) } else { Err(NotOfSupport) }
    }

    /// The scopes as those of any client.
    #[must_use]
    pub fn into_scopes(self) -> Scopes {
        self.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_08_a_set_of_scopes_has_one_text() {
        let scopes = Scopes::parse("support:read accounts:read support:read").unwrap();
        assert_eq!(scopes.to_string(), "accounts:read support:read");
        assert_eq!(scopes, Scopes::parse("accounts:read support:read").unwrap());
        for text in ["", " ", "support:read ", "support:read  audit:read", "Support:Read", "support:*", "a\tb"] {
            assert_eq!(Scopes::parse(text), Err(UnknownScope), "{text:?}");
        }
        assert!(Scope::ALL.iter().map(|scope| scope.as_str()).is_sorted());
        assert!(Scope::ALL.is_sorted());
    }

    #[test]
    fn ad_03_a_person_has_scopes_of_support_alone() {
        for (text, is_of_support) in [
            ("support:act", true),
            ("support:read support:act", true),
            ("support:read audit:read", false),
            ("accounts:read", false),
        ] {
            let scopes = Scopes::parse(text).unwrap();
            assert_eq!(
                SupportScopes::of(scopes.clone()).map(SupportScopes::into_scopes).ok(),
                is_of_support.then_some(scopes)
            );
        }
    }

    #[test]
    fn ad_09_what_two_sets_share_is_in_both() {
        let [all, few] = ["accounts:read audit:read", "audit:read"].map(|text| Scopes::parse(text).unwrap());
        assert!(few.are_within(&all) && !all.are_within(&few));
        assert_eq!(all.shared_with(&few), few);
        let other = Scopes::parse("support:read").unwrap();
        assert!(!few.shared_with(&other).contains(Scope::AuditRead));
        assert_eq!(few.shared_with(&other).iter().count(), 0);
    }
}

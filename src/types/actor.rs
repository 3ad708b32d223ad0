//! The actors that the audit trail names.

use std::{convert::Infallible, fmt};

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};

use super::{ClientId, text_column, told::EventActor};

/// Who performed the action that an entry of the audit trail records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A customer, or somebody who presents a customer number: whether that was proved shows in the event.
    Customer,
    /// The service itself, such as a job or the periodic upkeep.
    Service,
    /// An administrator on the command line whose name is not known.
    CommandLine,
    /// An administrator on the command line, by name.
    Operator(String),
    /// A machine client, or somebody who presents its id.
    Client(ClientId),
    /// A mail API, or somebody who claims to be one.
    MailApi,
}

const CUSTOMER: &str = "customer";
const SERVICE: &str = "service";
const COMMAND_LINE: &str = "command line";
const CLIENT: &str = "client ";
const MAIL_API: &str = "mail API";

impl Actor {
    /// The actor as the tables name it.
    #[must_use]
    pub fn name(&self) -> ActorName {
        ActorName(self.to_string())
    }

    /// The actor as other systems are told of it: without a name.
    #[must_use]
    pub const fn kind(&self) -> EventActor {
        match self {
            Self::Customer => EventActor::Owner,
            Self::CommandLine | Self::Operator(_) | Self::Client(_) => EventActor::Administrator,
            Self::Service | Self::MailApi => EventActor::Service,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer => formatter.write_str(CUSTOMER),
            Self::Service => formatter.write_str(SERVICE),
            Self::CommandLine => formatter.write_str(COMMAND_LINE),
            Self::Operator(name) => write!(formatter, "{COMMAND_LINE}: {name}"),
            Self::Client(id) => write!(formatter, "{CLIENT}{id}"),
            Self::MailApi => formatter.write_str(MAIL_API),
        }
    }
}

/// An actor as the tables name it. Rows of earlier versions may hold names that belong to no [`Actor`].
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct ActorName(String);

impl ActorName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The machine client that the name is of.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        self.0.strip_prefix(CLIENT).and_then(ClientId::parse)
    }

    /// The kind of the actor, as [`Actor::kind`] says it. Names that belong to no actor are those of the service.
    #[must_use]
    pub fn kind(&self) -> EventActor {
        match self.0.as_str() {
            CUSTOMER => EventActor::Owner,
            name if name.starts_with(COMMAND_LINE) || name.starts_with(CLIENT) => EventActor::Administrator,
            _ => EventActor::Service,
        }
    }

    /// Takes any text, since every text is a name.
    #[must_use]
    pub fn parse(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

text_column!(ActorName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo_02_actors_keep_the_names_under_which_they_are_stored() {
        let client = Actor::Client(ClientId::from_text("c1".to_owned()));
        let operator = Actor::Operator("ana".to_owned());
        let actors = [Actor::Customer, Actor::Service, Actor::CommandLine, operator, client, Actor::MailApi];
        for actor in &actors {
            assert_eq!(actor.name().kind(), actor.kind(), "{actor}");
        }
        let names = actors.map(|actor| actor.to_string());
        assert_eq!(names, ["customer", "service", "command line", "command line: ana", "client c1", "mail API"]);
        let id = ClientId::mint();
        assert_eq!(Actor::Client(id.clone()).name().client_id(), Some(id));
        assert_eq!(Actor::Operator("client".to_owned()).name().client_id(), None);
    }
}

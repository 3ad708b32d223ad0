//! The settings of an installation: its environment and its folder.

use super::{
    environment::Environment,
    setting::{Group, OneOf, Secrecy, Setting, Text, Value},
};

pub(super) const GROUP: Group =
    Group { title: "Installation", introduction: String::new, settings: &[&ENVIRONMENT, &DATA_DIR] };

pub(super) const ENVIRONMENT: Setting<OneOf<Environment>, Value<Environment>> = Setting {
    name: "STAKIS_ENVIRONMENT",
    secrecy: Secrecy::Open,
    form: OneOf::new(Environment::ALL, Environment::as_str),
    unset: Value(Environment::Development),
    sentence: "`production` refuses to start with unsafe settings and writes logs as JSON. `development` brings an embedded \
               mailbox, generates a secret key and migrates the database by itself.",
};

pub(super) const DATA_DIR: Setting<Text, Value<&'static str>> = Setting {
    name: "STAKIS_DATA_DIR",
    secrecy: Secrecy::Open,
    form: Text("the path of a folder"),
    unset: Value("data"),
    sentence: "Folder of the SQLite database, unless `STAKIS_DATABASE_URL` names another place, and of the secret key that \
               is generated in development.",
};

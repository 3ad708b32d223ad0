//! The settings: read once from the environment, checked as a whole, and passed on as values.
//!
//! - `setting/` says what a setting is. A file for each concern, such as `listeners`, `mail` or `limits`, defines its
//!   settings as constants, and the values that are read as a struct.
//! - [`read()`] reads them all into a [`Config`], or reports everything that is wrong with them at once.
//! - `catalogue` lists all definitions. From the list come the refusal of unknown names and
//!   [`configuration_reference`], the page `docs/configuration.md`.
//!
//! To add a setting, write its constant, add it to the group of its file, and read it in `read`.

mod address;
mod audit;
mod brand;
mod catalogue;
mod cors;
mod database;
mod email;
mod environment;
mod installation;
mod limit;
mod limits;
mod listeners;
mod mail;
mod mail_api;
mod mail_provider;
mod page_paths;
mod pages;
mod password_profile;
mod passwords;
mod postgres_uri;
mod read;
mod reference;
mod reset_link;
mod secret_key;
mod security_contact;
mod sessions;
mod setting;
mod support_page;
mod unknown_names;
mod webhooks;

pub use catalogue::describe_settings;
pub use database::{DatabaseConfig, DatabaseUrl};
pub use email::EmailConfig;
pub use environment::Environment;
pub use limit::Limit;
pub use limits::LimitsConfig;
pub use listeners::{OperationsListen, ProxyHeader};
pub use mail::MailConfig;
pub use mail_provider::MailProviderKind;
pub use page_paths::{
    ACCOUNT_PATH, CHANGE_PASSWORD_PATH, CONFIRM_EMAIL_PATH, NOT_ME_PATH, WITHDRAW_EMAIL_PATH, WITHDRAW_RESET_PATH,
};
pub use password_profile::{PasswordProfile, ProfileRules};
pub use passwords::{Argon2Config, PasswordConfig};
pub use read::{Config, ConfigProblems, read, read_brand};
pub use reference::configuration_reference;
pub use secret_key::SecretKeyBytes;
pub use sessions::{JwtAlgorithm, SessionConfig};
pub use setting::SettingDescription;
pub use support_page::SupportPageConfig;
pub use webhooks::WebhookConfig;

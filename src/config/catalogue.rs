//! Every setting, by concern, in the order of the documentation.

use super::{
    audit, brand, database, email, installation, limits, listeners, mail, pages, passwords, reset_link, secret_key,
    sessions,
    setting::{Describe, Group, SettingDescription},
    webhooks,
};

pub(super) const GROUPS: [&Group; 14] = [
    &installation::GROUP,
    &listeners::GROUP,
    &database::GROUP,
    &secret_key::GROUP,
    &mail::GROUP,
    &reset_link::GROUP,
    &email::GROUP,
    &passwords::GROUP,
    &sessions::GROUP,
    &pages::GROUP,
    &brand::GROUP,
    &webhooks::GROUP,
    &limits::GROUP,
    &audit::GROUP,
];

fn settings() -> impl Iterator<Item = &'static dyn Describe> {
    GROUPS.into_iter().flat_map(|group| group.settings).copied()
}

/// The descriptions of every setting.
pub fn describe_settings() -> impl Iterator<Item = SettingDescription> {
    settings().map(Describe::describe)
}

/// The name of every variable that the service reads, that of a secret's file included.
pub(super) fn known_names() -> impl Iterator<Item = String> {
    settings().flat_map(|setting| {
        let file_name = setting.is_secret().then(|| format!("{}_FILE", setting.name()));
        [Some(setting.name().to_owned()), file_name].into_iter().flatten()
    })
}

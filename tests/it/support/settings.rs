//! The settings of processes that are the real program, and the service within the test that has the same.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use stakis_identity::{
    app::App,
    config::{self, DatabaseUrl},
    types::SystemClock,
};
use url::Url;

use super::PUBLIC_URL;

/// The environment of a process.
pub(crate) type Variables = BTreeMap<&'static str, String>;

/// The settings of processes that share a database, and a mail API that speaks Resend's form.
pub(crate) fn process_settings(data: &Path, database_url: String, mail_api: &Url) -> Variables {
    BTreeMap::from([
        ("STAKIS_DATA_DIR", data.display().to_string()),
        ("STAKIS_DATABASE_URL", database_url),
        ("STAKIS_OPS_LISTEN", "off".to_owned()),
        ("STAKIS_PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("STAKIS_MAIL_PROVIDER", "resend".to_owned()),
        ("STAKIS_MAIL_API_URL", mail_api.to_string()),
        ("STAKIS_MAIL_API_KEY", "re_secret".to_owned()),
        // All callers have one address, and would count as an attack.
        ("STAKIS_LIMITS", "off".to_owned()),
    ])
}

/// The service within the test, on the machine's clock. It reaches the database directly, also where the processes
/// reach it through a relay.
pub(crate) async fn app_with(variables: &Variables, database: &DatabaseUrl) -> App {
    let settings = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let mut settings = config::read(settings).unwrap();
    settings.database = database.clone().into();
    let [public_url, mail_api] =
        ["STAKIS_PUBLIC_URL", "STAKIS_MAIL_API_URL"].map(|name| variables[name].parse().unwrap());
    App::build(&settings, &public_url, mail_api, Arc::new(SystemClock::default())).await.unwrap()
}

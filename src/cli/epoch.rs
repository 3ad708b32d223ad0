//! `restore-epoch`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say},
};
use crate::{
    config::Config,
    identity::upkeep::{NewEpoch, begin_new_epoch},
    store::epoch::Passwords,
};

#[derive(Args)]
pub(super) struct RestoreEpoch {
    /// Expire every password too: the next sign-in sends the reset mail instead
    #[arg(long)]
    expire_passwords: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(command: RestoreEpoch, config: Config) -> Result<ExitCode, CliError> {
    let RestoreEpoch { expire_passwords, json, by } = command;
    let app = build(&config, WhereMissing::Fail).await?;
    let passwords = if expire_passwords { Passwords::Expired } else { Passwords::Kept };
    let ended = begin_new_epoch(&app, &by.context(), passwords).await.map_err(describe)?;
    let NewEpoch { sessions, links, devices, accounts, passwords, kid } = ended;
    say(
        json,
        &json!({
            "sessions_ended": sessions,
            "links_withdrawn": links,
            "devices_forgotten": devices,
            "accounts_advanced": accounts,
            "passwords_expired": passwords,
            "signing_key": kid,
        }),
        &format!(
            "Ended {sessions} sessions, withdrew {links} reset links and forgot {devices} devices. The change tokens of \
             {accounts} accounts are void, {passwords} passwords have expired, and access tokens are signed by the new key \
             {kid}: a running instance reads it within a minute.",
        ),
    )
}

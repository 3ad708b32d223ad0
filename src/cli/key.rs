//! `key rotate`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say, timestamp},
};
use crate::{
    config::Config,
    identity::signing_keys::{self, NextKey, Rotation},
};

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make the next signing key, which is published at once and signs in ten minutes
    Rotate(Rotate),
}

#[derive(Args)]
pub(super) struct Rotate {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(command: KeyCommand, config: Config) -> Result<ExitCode, CliError> {
    let KeyCommand::Rotate(Rotate { json, by }) = command;
    let app = build(&config, WhereMissing::Fail).await?;
    let NextKey { kid, signs_from } = match signing_keys::rotate(&app, &by.context()).await.map_err(describe)? {
        Rotation::Made(key) => key,
        Rotation::OneIsWaiting => {
            return Err(
                "a new signing key is published already and still waits for its turn to sign; try again later"
                    .into(),
            );
        }
    };
    let signs_from = timestamp(signs_from);
    say(
        json,
        &json!({ "kid": kid, "signs_from": signs_from }),
        &format!(
            "Signing key {kid} is published and signs from {signs_from}. The previous key goes on verifying until its last token has expired."
        ),
    )
}

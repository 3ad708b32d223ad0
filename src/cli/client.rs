//! `client create | revoke`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say},
};
use crate::{
    app::App,
    config::Config,
    identity::{
        self,
        clients::{RegisteredClient, Revocation},
    },
    types::{ClientId, Scopes, SupportScopes},
};

const LONGEST_NAME: usize = 100;

#[derive(Subcommand)]
pub(super) enum ClientCommand {
    /// Make a client for a program or a person and print its secret, which is not stored and never shown again
    Create(Create),
    /// End a client and its tokens at once
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct Create {
    /// The name of the client, for people
    #[arg(long, value_parser = name)]
    name: String,
    /// The scopes of the client, separated by spaces, such as "accounts:read support:read"
    #[arg(long, value_parser = |text: &str| Scopes::parse(text))]
    scope: Scopes,
    /// The name of the person whose client it is, for the support page; the scopes are then those of support alone
    #[arg(long, value_name = "NAME", value_parser = name)]
    person: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct Revoke {
    /// The `client_id` that `client create` printed
    #[arg(long, value_parser = id)]
    id: ClientId,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

fn id(text: &str) -> Result<ClientId, &'static str> {
    ClientId::parse(text).ok_or("a client's id has 26 letters and digits")
}

fn name(text: &str) -> Result<String, String> {
    let length = text.trim().chars().count();
    if length == 0 || length > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(format!("a name has 1 to {LONGEST_NAME} characters and no line ends"));
    }
    Ok(text.trim().to_owned())
}

pub(super) async fn run(command: ClientCommand, config: Config) -> Result<ExitCode, CliError> {
    let app = build(&config, WhereMissing::Fail).await?;
    match command {
        ClientCommand::Create(create) => make(&app, create).await,
        ClientCommand::Revoke(Revoke { id, json, by }) => {
            let revoked = identity::clients::revoke(&app, &by.context(), id.clone()).await;
            let (is_changed, predicate) = match revoked.map_err(describe)? {
                Revocation::NoSuchClient => return Err(format!("there is no client {id}").into()),
                Revocation::RevokedBefore => (false, "was revoked already"),
                Revocation::Revoked => (true, "is revoked"),
            };
            let sentence = format!("Client {id} {predicate}.");
            say(json, &json!({ "client_id": id, "changed": is_changed }), &sentence)
        }
    }
}

async fn make(app: &App, create: Create) -> Result<ExitCode, CliError> {
    let Create { name, scope, person, json, by } = create;
    let registered = match person {
        None => identity::clients::create(app, &by.context(), name, scope).await,
        Some(person) => {
            let scopes = SupportScopes::of(scope)?;
            identity::clients::create_for_person(app, &by.context(), name, scopes, person).await
        }
    };
    let RegisteredClient { client, secret } = registered.map_err(describe)?;
    say(
        json,
        &json!({
            "client_id": client.id,
            "client_secret": secret.expose(),
            "name": client.name,
            "scope": client.scopes,
            "person": client.person,
        }),
        &format!(
            "Client {} was made for {}.\n\nclient_id      {}\nclient_secret  {}\n\nThe secret is not shown again.",
            client.name,
            client.scopes,
            client.id,
            secret.expose()
        ),
    )
}

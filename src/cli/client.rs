//! `client create | list | rotate-secret | set-keys | revoke`.

use std::{
    fs::File,
    io::{self, Read as _},
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError, client_list,
    common::{By, WhereMissing, build, describe, say},
};
use crate::{
    app::App,
    config::Config,
    crypto::ClientKeys,
    identity::clients::{self, CredentialChange, RegisteredClient, Registration, Revocation},
    types::{ClientId, ClientSecret, Scopes, SupportScopes},
};

const LONGEST_NAME: usize = 100;
/// The most that is read of a file with keys, in bytes. A set of eight keys has a few thousand.
const LARGEST_SET: u64 = 64 * 1024;

#[derive(Subcommand)]
pub(super) enum ClientCommand {
    /// Make a client for a program or a person and print its secret, which is not stored and never shown again
    Create(Create),
    /// List every client with its scopes, its methods and its last use
    List(List),
    /// Make another secret for a client; the present one is accepted until the next rotation, or until `--end-previous`
    RotateSecret(RotateSecret),
    /// Replace the public keys of a client; keys that are not in the file verify nothing from then on
    SetKeys(SetKeys),
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
    /// A file with the public keys of the client as a JWK set, for `private_key_jwt`; `-` reads standard input
    #[arg(long, value_name = "FILE", value_parser = keys)]
    jwks: Option<Arc<ClientKeys>>,
    /// Make no secret: the client authenticates itself by its keys alone
    #[arg(long, requires = "jwks", conflicts_with = "person")]
    no_secret: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct List {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct RotateSecret {
    /// The `client_id` that `client create` printed
    #[arg(long, value_parser = id)]
    id: ClientId,
    /// Make no secret: end the previous one, now that every program has the new one
    #[arg(long)]
    end_previous: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct SetKeys {
    /// The `client_id` that `client create` printed
    #[arg(long, value_parser = id)]
    id: ClientId,
    /// A file with the public keys of the client as a JWK set; `-` reads standard input
    #[arg(long, value_name = "FILE", value_parser = keys)]
    jwks: Arc<ClientKeys>,
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

/// Reads the public keys in a file. It is never echoed: it may hold a private key by mistake.
fn keys(path: &str) -> Result<Arc<ClientKeys>, String> {
    let mut text = String::new();
    let read = if path == "-" {
        io::stdin().take(LARGEST_SET).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LARGEST_SET).read_to_string(&mut text))
    };
    read.map_err(|error| format!("the file cannot be read: {error}"))?;
    ClientKeys::parse(&text).map(Arc::new).map_err(|error| error.to_string())
}

pub(super) async fn run(command: ClientCommand, config: Config) -> Result<ExitCode, CliError> {
    let app = build(&config, WhereMissing::Fail).await?;
    match command {
        ClientCommand::Create(create) => make(&app, create).await,
        ClientCommand::List(List { json }) => client_list::show(&app, json).await,
        ClientCommand::RotateSecret(rotate) => rotate_secret(&app, rotate).await,
        ClientCommand::SetKeys(SetKeys { id, jwks, json, by }) => {
            let changed = clients::set_keys(&app, &by.context(), id.clone(), &jwks).await;
            made(&id, changed.map_err(describe)?)?;
            let kids: Vec<&str> = jwks.kids().collect();
            let sentence = format!("Client {id} has these keys: {}.", kids.join(", "));
            say(json, &json!({ "client_id": id, "kids": kids }), &sentence)
        }
        ClientCommand::Revoke(Revoke { id, json, by }) => {
            let revoked = clients::revoke(&app, &by.context(), id.clone()).await;
            let (is_changed, predicate) = match revoked.map_err(describe)? {
                Revocation::NoSuchClient => return Err(no_such_client(&id)),
                Revocation::RevokedBefore => (false, "was revoked already"),
                Revocation::Revoked => (true, "is revoked"),
            };
            let sentence = format!("Client {id} {predicate}.");
            say(json, &json!({ "client_id": id, "changed": is_changed }), &sentence)
        }
    }
}

fn no_such_client(id: &ClientId) -> CliError {
    format!("there is no client {id}").into()
}

/// The outcome of a change, or why there is none.
fn made<T>(id: &ClientId, change: CredentialChange<T>) -> Result<T, CliError> {
    match change {
        CredentialChange::Made(outcome) => Ok(outcome),
        CredentialChange::NoSuchClient => Err(no_such_client(id)),
        CredentialChange::Revoked => Err(format!("client {id} is revoked").into()),
    }
}

async fn rotate_secret(app: &App, rotate: RotateSecret) -> Result<ExitCode, CliError> {
    let RotateSecret { id, end_previous, json, by } = rotate;
    if end_previous {
        let ended = clients::end_previous_secret(app, &by.context(), id.clone()).await.map_err(describe)?;
        let is_changed = made(&id, ended)?;
        let predicate =
            if is_changed { "has one secret: the previous one has ended" } else { "has no previous secret" };
        let sentence = format!("Client {id} {predicate}.");
        return say(json, &json!({ "client_id": id, "changed": is_changed }), &sentence);
    }
    let rotated = clients::rotate_secret(app, &by.context(), id.clone()).await.map_err(describe)?;
    let secret = made(&id, rotated)?;
    say(
        json,
        &json!({ "client_id": id, "client_secret": secret.expose() }),
        &format!(
            "Client {id} has another secret. The one before is accepted until the next rotation, or until \
             `client rotate-secret --id {id} --end-previous`.\n\nclient_secret  {}\n\nThe secret is not shown again.",
            secret.expose()
        ),
    )
}

async fn make(app: &App, create: Create) -> Result<ExitCode, CliError> {
    let Create { name, scope, person, jwks, no_secret, json, by } = create;
    let registration = match person {
        None => Registration::of_program(name, scope),
        Some(person) => Registration::of_person(name, SupportScopes::of(scope)?, person),
    };
    let registration = match &jwks {
        None => registration,
        Some(keys) if no_secret => registration.with_keys_alone(keys),
        Some(keys) => registration.with_keys(keys),
    };
    let registered = clients::register(app, &by.context(), registration).await;
    let RegisteredClient { client, secret } = registered.map_err(describe)?;
    let shown = secret.as_ref().map(ClientSecret::expose);
    let answer = json!({
        "client_id": client.id,
        "client_secret": shown,
        "name": client.name,
        "scope": client.scopes,
        "person": client.person,
        "methods": client.methods(),
    });
    let told = shown
        .map_or_else(String::new, |secret| format!("\nclient_secret  {secret}\n\nThe secret is not shown again."));
    let sentence =
        format!("Client {} was made for {}.\n\nclient_id      {}{told}", client.name, client.scopes, client.id);
    say(json, &answer, &sentence)
}

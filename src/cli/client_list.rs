//! `client list`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{
    CliError,
    common::{describe, say, timestamp},
};
use crate::{app::App, identity::clients, store::clients::Client, types::ClientMethod};

/// Prints every client, the oldest first.
pub(super) async fn show(app: &App, as_json: bool) -> Result<ExitCode, CliError> {
    let all = clients::list(app).await.map_err(describe)?;
    let rows: Vec<Value> = all.iter().map(row).collect();
    let blocks: Vec<String> = all.iter().map(block).collect();
    let sentence = if blocks.is_empty() { "There are no clients.".to_owned() } else { blocks.join("\n\n") };
    say(as_json, &json!({ "clients": rows }), &sentence)
}

fn row(client: &Client) -> Value {
    json!({
        "client_id": client.id,
        "name": client.name,
        "scope": client.scopes,
        "person": client.person,
        "methods": client.methods(),
        "live_secrets": client.live_secrets(),
        "secret_created_at": client.secret_made_at().map(timestamp),
        "created_at": timestamp(client.created_at),
        "created_by": client.created_by.as_str(),
        "last_used_at": client.last_used_at.map(timestamp),
        "revoked_at": client.revoked_at.map(timestamp),
    })
}

/// A client in words, one line for each fact that there is.
fn block(client: &Client) -> String {
    let methods: Vec<&str> = client.methods().into_iter().map(ClientMethod::as_str).collect();
    let secrets = match client.live_secrets() {
        0 => None,
        1 => client.secret_made_at().map(|made| format!("made {}", timestamp(made))),
        _ => client
            .secret_made_at()
            .map(|made| format!("made {}; the one before is still accepted", timestamp(made))),
    };
    let facts = [
        ("scopes", Some(client.scopes.to_string())),
        ("person", client.person.clone()),
        ("methods", Some(methods.join(", "))),
        ("secret", secrets),
        ("created", Some(format!("{} by {}", timestamp(client.created_at), client.created_by.as_str()))),
        ("last used", Some(client.last_used_at.map_or_else(|| "never".to_owned(), timestamp))),
        ("revoked", client.revoked_at.map(timestamp)),
    ];
    let lines = facts.into_iter().filter_map(|(name, fact)| Some(format!("  {name:<10} {}", fact?)));
    [format!("{}  {}", client.id, client.name)].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

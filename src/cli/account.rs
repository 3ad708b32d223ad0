//! `account create | import | show | export | erase | set-email | close | reopen | unlock | expire-password | lift-suppression |
//! lock-down | email-decision`.

use std::{
    io::{self, Read as _},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say, timestamp},
    import::{self, ImportFile},
    output::line,
};
use crate::{
    app::App,
    config::Config,
    identity::{
        self, Change, IdentityError, Refusal,
        accounts::{AccountToCreate, FirstMail, FoundAccount},
    },
    store::accounts::{Account, ExpiredBecause},
    types::{ActorName, CustomerNumber, DisplayName, EmailAddress, Locale, Password, Reason},
};

#[derive(Subcommand)]
pub(super) enum AccountCommand {
    /// Make an account; without a password the customer sets it through the reset mail
    Create(Create),
    /// Bring customers in from a file, with the hashes of their passwords
    Import(ImportFile),
    /// Show an account
    Show(Which),
    /// Change the address on file; this ends every reset link, and notifies the address before
    SetEmail(SetEmail),
    /// Close access; this ends every session and reset link, and no reset opens access again
    Close(WhichAndWhy),
    /// Open access again
    Reopen(WhichAndWhy),
    /// Print everything that is held about a customer, as one JSON document
    Export(WhichAndWhy),
    /// Erase an account with everything that is held about its customer; this cannot be undone
    Erase(WhichAndWhy),
    /// Forget wrong passwords, so that the customer need not wait; opens nothing that was closed
    Unlock(WhichAndWhy),
    /// Expire the password; this ends every session, and the next sign-in sends the reset mail instead
    ExpirePassword(WhichAndWhy),
    /// Write again to an address that bounced or complained
    LiftSuppression(WhichAndWhy),
    /// Lock the access down: every session, device and link ends, the password expires, and the reset mail goes out; soon
    /// after a change of the address by its owner no mail goes out, and email-decision decides
    LockDown(WhichAndWhy),
    /// End the contest about an access that was locked down soon after a change of the address: this address is the
    /// owner's
    EmailDecision(SetEmail),
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    which: Which,
    /// The address on file
    #[arg(long, value_parser = |text: &str| EmailAddress::parse(text))]
    email: EmailAddress,
    /// The name of the customer, for administration
    #[arg(long, value_parser = |text: &str| DisplayName::parse(text))]
    display_name: Option<DisplayName>,
    /// The language of mails: sl, de, en or hr
    #[arg(long, default_value = "sl", value_parser = |text: &str| Locale::parse(text))]
    locale: Locale,
    /// Mail a link by which the customer sets the first password; it waits for a day where the number was erased lately
    #[arg(long, conflicts_with = "password_stdin")]
    send_activation: bool,
    /// Read the password from standard input; one line end is not part of it
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct Which {
    /// The customer number, six digits
    #[arg(long, value_parser = |text: &str| CustomerNumber::parse(text))]
    customer_number: CustomerNumber,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct SetEmail {
    #[command(flatten)]
    which: WhichAndWhy,
    /// The new address on file
    #[arg(long, value_parser = |text: &str| EmailAddress::parse(text))]
    email: EmailAddress,
}

#[derive(Args)]
pub(super) struct WhichAndWhy {
    #[command(flatten)]
    which: Which,
    /// The reason for the audit trail; the customer never sees it
    #[arg(long, value_parser = |text: &str| Reason::parse(text))]
    reason: Option<Reason>,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(command: AccountCommand, config: Config) -> Result<ExitCode, CliError> {
    let where_missing = match command {
        AccountCommand::Create(_) | AccountCommand::Import(_) => WhereMissing::Make,
        _ => WhereMissing::Fail,
    };
    let app = build(&config, where_missing).await?;
    match command {
        AccountCommand::Create(create) => make(&app, create).await,
        AccountCommand::Import(import) => import::run(&app, import).await,
        AccountCommand::Show(which) => show(&app, which).await,
        AccountCommand::SetEmail(SetEmail { which: WhichAndWhy { which, reason, by }, email }) => {
            let number = which.customer_number.clone();
            let change = identity::email_change::set(&app, &by.context(), number, email, reason).await;
            say_change(&which, change, ["has a new address on file", "had this address on file already"])
        }
        AccountCommand::Close(WhichAndWhy { which, reason, by }) => {
            let change =
                identity::accounts::close(&app, &by.context(), which.customer_number.clone(), reason).await;
            say_change(&which, change, ["is closed", "was closed already"])
        }
        AccountCommand::Reopen(WhichAndWhy { which, reason, by }) => {
            let change =
                identity::accounts::reopen(&app, &by.context(), which.customer_number.clone(), reason).await;
            say_change(&which, change, ["is open again", "was open already"])
        }
        AccountCommand::Export(WhichAndWhy { which, reason, by }) => export(&app, &which, reason, &by).await,
        AccountCommand::Erase(WhichAndWhy { which, reason, by }) => {
            let change =
                identity::accounts::erase(&app, &by.context(), which.customer_number.clone(), reason).await;
            say_change(&which, change, ["is erased", "was erased already"])
        }
        AccountCommand::Unlock(WhichAndWhy { which, reason, by }) => {
            let change =
                identity::accounts::unlock(&app, &by.context(), which.customer_number.clone(), reason).await;
            say_change(&which, change, ["is unlocked", "had no failures counted"])
        }
        AccountCommand::ExpirePassword(WhichAndWhy { which, reason, by }) => {
            let change =
                identity::passwords::expire(&app, &by.context(), which.customer_number.clone(), reason).await;
            say_change(&which, change, ["must set a new password", "had to set a new password already"])
        }
        AccountCommand::LiftSuppression(WhichAndWhy { which, reason, by }) => {
            let number = which.customer_number.clone();
            let change = identity::outbox::lift_suppression(&app, &by.context(), number, reason).await;
            say_change(&which, change, ["is written to again", "was not suppressed"])
        }
        AccountCommand::LockDown(WhichAndWhy { which, reason, by }) => {
            let number = which.customer_number.clone();
            let change = identity::lock_down::by_administrator(&app, &by.context(), number, reason).await;
            say_change(&which, change, ["is locked down", "was locked down already"])
        }
        AccountCommand::EmailDecision(SetEmail { which: WhichAndWhy { which, reason, by }, email }) => {
            let number = which.customer_number.clone();
            let change = identity::email_change::decide(&app, &by.context(), number, email, reason).await;
            say_change(&which, change, ["is no longer contested", "was not contested"])
        }
    }
}

async fn make(app: &App, create: Create) -> Result<ExitCode, CliError> {
    let password = if create.password_stdin { Some(read_password()?) } else { None };
    let Which { customer_number, json } = create.which;
    let account = AccountToCreate {
        customer_number: customer_number.clone(),
        email: Some(create.email),
        locale: create.locale,
        password,
        display_name: create.display_name,
        first_mail: if create.send_activation { FirstMail::Activation } else { FirstMail::None },
    };
    match identity::accounts::create(app, &create.by.context(), account).await {
        Ok(FoundAccount { account: Account { id, .. }, .. }) => say(
            json,
            &json!({ "id": id, "customer_number": customer_number.as_str() }),
            &format!("Account {} was made ({id}).", customer_number.as_str()),
        ),
        Err(IdentityError::Refused(Refusal::CustomerNumberTaken)) => {
            Err(format!("customer number {} has an account already", customer_number.as_str()).into())
        }
        Err(IdentityError::Refused(Refusal::Invalid(errors))) => {
            let sentences: Vec<String> = errors
                .iter()
                .map(|error| format!("\n  - {} ({})", error.sentence(Locale::En), error.code))
                .collect();
            Err(format!("the password breaks the policy:{}", sentences.concat()).into())
        }
        Err(error) => Err(describe(error)),
    }
}

/// Prints the document that `GET /v1/accounts/{id}/export` answers with.
async fn export(app: &App, which: &Which, reason: Option<Reason>, by: &By) -> Result<ExitCode, CliError> {
    let number = which.customer_number.clone();
    match identity::accounts::export(app, &by.context(), number, reason).await {
        Ok(document) => {
            line(serde_json::to_string_pretty(&document)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(IdentityError::Refused(Refusal::NoSuchAccount)) => Err(no_such_account(which)),
        Err(error) => Err(describe(error)),
    }
}

async fn show(app: &App, which: Which) -> Result<ExitCode, CliError> {
    let found = identity::accounts::find(app, which.customer_number.clone()).await.map_err(describe)?;
    let Some(found) = found else { return Err(no_such_account(&which)) };
    let view = view(&found);
    let lines: Vec<String> = view
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = match value {
                Value::Null => "–".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            format!("{:<22} {value}", name.replace('_', " "))
        })
        .collect();
    say(which.json, &view, &lines.join("\n"))
}

/// Everything about the account except the hash of its password (AD-04).
fn view(FoundAccount { account, email_state, password_expires_at }: &FoundAccount) -> Value {
    json!({
        "id": account.id,
        "customer_number": account.customer_number.as_str(),
        "email": account.email.as_ref().map(EmailAddress::masked),
        "email_state": email_state.as_str(),
        "email_changed_at": account.email_changed_at.map(timestamp),
        "email_confirmed_at": account.email_confirmed_at.map(timestamp),
        "contested_since": account.contested_since.map(timestamp),
        "locale": account.locale.as_str(),
        "display_name": account.display_name.as_ref().map(DisplayName::as_str),
        "created_at": timestamp(account.created_at),
        "has_password": account.password_hash.is_some(),
        "password_changed_at": account.password_changed_at.map(timestamp),
        "password_expires_at": password_expires_at.map(timestamp),
        "password_expired_because": account.password_expired_because.map(ExpiredBecause::as_str),
        "last_sign_in_at": account.last_sign_in_at.map(timestamp),
        "closed_at": account.closed_at.map(timestamp),
        "closed_reason": account.closed_reason,
        "closed_by": account.closed_by.as_ref().map(ActorName::as_str),
    })
}

/// Prints one of two predicates about the account: for a change, and for an account that was in this state already.
fn say_change(
    which: &Which,
    change: Result<Change, IdentityError>,
    [now, already]: [&str; 2],
) -> Result<ExitCode, CliError> {
    let (is_changed, predicate) = match change.map_err(describe)? {
        Change::NoSuchAccount => return Err(no_such_account(which)),
        Change::Unchanged => (false, already),
        Change::Changed => (true, now),
    };
    let number = which.customer_number.as_str();
    let sentence = format!("Account {number} {predicate}.");
    say(which.json, &json!({ "customer_number": number, "changed": is_changed }), &sentence)
}

fn no_such_account(which: &Which) -> CliError {
    format!("customer number {} has no account", which.customer_number.as_str()).into()
}

/// The whole of standard input without one line end at its end, so that both `echo` and a file can be used.
fn read_password() -> Result<Password, CliError> {
    let mut input = String::new();
    io::stdin().lock().take(64 * 1024).read_to_string(&mut input)?;
    if input.ends_with('\n') {
        input.pop();
        if input.ends_with('\r') {
            input.pop();
        }
    }
    Ok(Password::new(input))
}

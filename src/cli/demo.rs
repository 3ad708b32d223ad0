//! `demo`: steps 2 to 8 of the customer guide, over HTTP, on a database that is deleted at the end.

use std::{fs, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time;
use url::Url;

use super::{
    CliError,
    common::administrator,
    logging,
    printer::Printer,
    service::{Service, bind_or_any_port, stop_signal},
};
use crate::{
    config,
    identity::{self, accounts::AccountToCreate},
    pages::Page,
    types::{CustomerNumber, EmailAddress, Id, Locale, Password},
};

const NUMBER: &str = "004217";
/// A second customer, for trying by hand: the walk does not touch its password.
const NUMBER_TO_TRY: &str = "004218";
const OLD_PASSWORD: &str = "Poletne-gume-26";
const NEW_PASSWORD: &str = "Zimske-gume-27";
const NEXT_PASSWORD: &str = "Letne-pnevmatike-28";
/// The message of the service after a new password.
const PASSWORD_CHANGED: &str = "Geslo je bilo zamenjano.";
const MAIL_PATIENCE: Duration = Duration::from_secs(15);

/// Deletes the demo's folder when the demo ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub(super) async fn run(exit: bool) -> Result<ExitCode, CliError> {
    let folder = Folder(std::env::temp_dir().join(format!("stakis-demo-{}", Id::<Folder>::mint())));
    let data_dir = ("STAKIS_DATA_DIR".to_owned(), folder.0.to_string_lossy().into_owned());
    let config = config::read([data_dir])?;
    logging::start(config.environment, "warn");
    let listener = bind_or_any_port(config.listen)?;
    let address = listener.local_addr()?;
    let service = Service::start(&config, listener, None).await?;
    println!("STAkis Identity: a customer has forgotten the password.");
    say_port("The service", config.listen, address);
    if let Some(port) = service.mailbox_url.as_ref().and_then(Url::port).filter(|port| *port != 8025) {
        println!("Port 8025 is taken, so the mailbox listens on {port}.");
    }
    make_customers(&service).await?;
    let mut walk = Walk::new(&service)?;
    let outcome = walk.through_the_guide().await;
    if let Err(error) = &outcome {
        walk.check(false, &error.to_string());
    }
    let passed = walk.failures == 0;
    if passed {
        println!("\nEvery step went as it should.");
    } else {
        println!("\n{} checks failed.", walk.failures);
    }
    if !exit {
        invite(&service);
        stop_signal().await?;
    }
    service.stop().await;
    drop(folder);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say_port(what: &str, wanted: SocketAddr, got: SocketAddr) {
    if wanted != got {
        println!("Port {} is taken, so {} listens on {}.", wanted.port(), what.to_lowercase(), got.port());
    }
}

async fn make_customers(service: &Service) -> Result<(), CliError> {
    for (number, email) in [(NUMBER, "delavnica@example.com"), (NUMBER_TO_TRY, "servis@example.com")] {
        let account = AccountToCreate {
            customer_number: CustomerNumber::parse(number)?,
            email: EmailAddress::parse(email)?,
            locale: Locale::Sl,
            password: Some(Password::new(OLD_PASSWORD.to_owned())),
        };
        identity::accounts::create(&service.app, &administrator(), account)
            .await
            .map_err(|_| "the demo's customers could not be made")?;
    }
    Ok(())
}

fn invite(service: &Service) {
    println!("\nIt stays up. Try it yourself, as customer {NUMBER_TO_TRY} (password {OLD_PASSWORD}):");
    println!("  sign-in             {}{}", service.app.links.public_url(), Page::SignIn.path());
    println!("  forgotten password  {}{}", service.app.links.public_url(), Page::ForgotPassword.path());
    if let Some(url) = &service.mailbox_url {
        println!("  mailbox             {url}");
    }
    println!("  API documentation   {}docs/", service.public_url);
    println!("Ctrl-C ends it and deletes everything.");
}

struct Walk {
    client: Client,
    service_url: Url,
    mailbox_url: Url,
    printer: Printer,
    failures: u32,
}

impl Walk {
    fn new(service: &Service) -> Result<Self, CliError> {
        let mailbox_url = service.mailbox_url.clone().ok_or("the mailbox is not running")?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build()?;
        Ok(Self {
            client,
            service_url: service.public_url.clone(),
            mailbox_url,
            printer: Printer::new(),
            failures: 0,
        })
    }

    fn check(&mut self, passed: bool, sentence: &str) {
        self.printer.verdict(passed, sentence);
        self.failures += u32::from(!passed);
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<(u16, Value), CliError> {
        self.printer.request(method.as_str(), path, body.as_ref());
        let mut request = self.client.request(method, self.service_url.join(path)?);
        if let Some(body) = &body {
            request = request.json(body);
        }
        self.answer(request).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<(u16, Value), CliError> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body: Value = response.json().await?;
        self.printer.answer(status, &body);
        Ok((status, body))
    }

    async fn through_the_guide(&mut self) -> Result<(), CliError> {
        let token = self.ask_for_a_link().await?;
        self.use_the_link(&token).await?;
        let session = self.sign_in().await?;
        let session = self.stay_signed_in(&session).await?;
        self.change_the_password(&session).await
    }

    /// Steps 2 to 5. Returns the token of the link in the mail.
    async fn ask_for_a_link(&mut self) -> Result<String, CliError> {
        self.printer.step("Pozabljeno geslo: the customer asks for a new password (guide, steps 2 to 4)");
        let asked = json!({ "customer_number": NUMBER });
        let (status, body) = self.call(Method::POST, "/v1/password-resets", Some(asked)).await?;
        self.check(status == 202, "The notice is the same for every number, known or not");
        self.check(text_at(&body, "/message").starts_with("Na vašo zahtevo"), "in the guide's words");

        self.printer.step("The mail arrives (guide, step 5)");
        let mail = self.read_mail(1).await?;
        let link = find_link(text_at(&mail, "/Text")).unwrap_or_default();
        self.check(!link.is_empty(), "It holds a link");
        println!("   link: {link}");
        Ok(link.split_once("token=").map(|(_, token)| token.to_owned()).unwrap_or_default())
    }

    /// Steps 6 and 7.
    async fn use_the_link(&mut self, token: &str) -> Result<(), CliError> {
        self.printer.step("The link opens (guide, step 6)");
        let presented = json!({ "token": token });
        let (status, _) = self.call(Method::POST, "/v1/password-resets/verify", Some(presented)).await?;
        self.check(status == 200, "Looking does not use it up");

        self.printer.step("A wrong number, a weak password and two that differ (guide, step 7)");
        let wrong = form(token, "004271", "geslo", "Geslo");
        let (status, body) = self.call(Method::POST, "/v1/password-resets/complete", Some(wrong)).await?;
        let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let codes: Vec<&str> = errors.map(|error| text_at(error, "/code")).collect();
        let expected =
            ["customer_number_mismatch", "too_short", "missing_uppercase", "missing_digit", "passwords_differ"];
        let all_named = expected.iter().all(|code| codes.contains(code));
        self.check(status == 422 && all_named, "All wrong fields are named at once");

        self.printer.step("The right number and a good password, twice the same (guide, steps 6 and 7)");
        let right = form(token, NUMBER, NEW_PASSWORD, NEW_PASSWORD);
        let (status, body) = self.call(Method::POST, "/v1/password-resets/complete", Some(right)).await?;
        self.check(status == 200 && text_at(&body, "/message") == PASSWORD_CHANGED, "Geslo je bilo zamenjano");

        self.printer.step("The same link once more");
        let again = json!({ "token": token });
        let (status, body) = self.call(Method::POST, "/v1/password-resets/verify", Some(again)).await?;
        self.check(status == 410 && text_at(&body, "/reason") == "used", "A link serves once");
        Ok(())
    }

    /// Step 8. Returns the session.
    async fn sign_in(&mut self) -> Result<Value, CliError> {
        self.printer.step("Signing in with the old password");
        let (status, _) = self.call(Method::POST, "/v1/sessions", Some(credentials(OLD_PASSWORD))).await?;
        self.check(status == 401, "It is refused");

        self.printer.step("Signing in with the new password (guide, step 8)");
        let (status, session) = self.call(Method::POST, "/v1/sessions", Some(credentials(NEW_PASSWORD))).await?;
        self.check(status == 201, "It works at once");
        let (status, body) = self.call_as(&session, Method::GET, "/v1/account", None).await?;
        let is_own = text_at(&body, "/customer_number") == NUMBER;
        self.check(status == 200 && is_own, "The access token opens the account");

        self.printer.step("A notice of the change arrives");
        let notice = self.read_mail(2).await?;
        let says_so = text_at(&notice, "/Subject") == "STAkis: geslo je bilo zamenjano";
        self.check(says_so, "It says so, and holds no password and no link to one");
        Ok(session)
    }

    /// Returns the session with its new tokens.
    async fn stay_signed_in(&mut self, session: &Value) -> Result<Value, CliError> {
        self.printer.step("Staying signed in: the refresh token brings the next access token, once");
        let refresh = json!({ "refresh_token": text_at(session, "/refresh_token") });
        let (status, session) = self.call(Method::POST, "/v1/sessions/refresh", Some(refresh.clone())).await?;
        self.check(status == 200, "The session goes on");
        let (status, _) = self.call(Method::POST, "/v1/sessions/refresh", Some(refresh)).await?;
        self.check(status == 401, "The same token again is refused");
        Ok(session)
    }

    async fn change_the_password(&mut self, session: &Value) -> Result<(), CliError> {
        self.printer.step("Changing the password at any time (guide, step 8)");
        let change = json!({
            "current_password": NEW_PASSWORD,
            "new_password": NEXT_PASSWORD,
            "new_password_confirmation": NEXT_PASSWORD,
        });
        let (status, body) = self.call_as(session, Method::POST, "/v1/account/password", Some(change)).await?;
        let is_changed = status == 200 && text_at(&body, "/message") == PASSWORD_CHANGED;
        self.check(is_changed, "Geslo je bilo zamenjano, and this session goes on with new tokens");
        let (status, _) = self.call_as(session, Method::GET, "/v1/sessions", None).await?;
        self.check(status == 401, "The old access token is refused at once");
        let (status, list) = self.call_as(&body, Method::GET, "/v1/sessions", None).await?;
        let count = list.get("sessions").and_then(Value::as_array).map_or(0, Vec::len);
        self.check(status == 200 && count == 1, "The customer sees where the account is signed in");
        Ok(())
    }

    /// A call with a session's access token.
    async fn call_as(
        &self,
        session: &Value,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value), CliError> {
        self.printer.request(method.as_str(), path, body.as_ref());
        let request = self.client.request(method, self.service_url.join(path)?);
        let mut request = request.bearer_auth(text_at(session, "/access_token"));
        if let Some(body) = &body {
            request = request.json(body);
        }
        self.answer(request).await
    }

    /// Waits until the mailbox holds `count` mails, shows the newest and returns it.
    async fn read_mail(&self, count: u64) -> Result<Value, CliError> {
        let wait = async {
            loop {
                let list: Value =
                    self.client.get(self.mailbox_url.join("/api/v1/messages")?).send().await?.json().await?;
                if list.get("total").and_then(Value::as_u64).is_some_and(|total| total >= count) {
                    let latest = self.mailbox_url.join("/api/v1/message/latest")?;
                    return Ok::<Value, CliError>(self.client.get(latest).send().await?.json().await?);
                }
                time::sleep(Duration::from_millis(50)).await;
            }
        };
        let mail = time::timeout(MAIL_PATIENCE, wait).await.map_err(|_| "no mail arrived")??;
        let from = format!("{} <{}>", text_at(&mail, "/From/Name"), text_at(&mail, "/From/Address"));
        let head =
            [("From", &*from), ("To", text_at(&mail, "/To/0/Address")), ("Subject", text_at(&mail, "/Subject"))];
        self.printer.mail(&head, text_at(&mail, "/Text"));
        Ok(mail)
    }
}

/// The text at a JSON pointer; empty where there is none.
fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn find_link(text: &str) -> Option<String> {
    text.lines().find(|line| line.contains("/change-password#token=")).map(|line| line.trim().to_owned())
}

fn form(token: &str, number: &str, password: &str, confirmation: &str) -> Value {
    json!({
        "token": token,
        "customer_number": number,
        "new_password": password,
        "new_password_confirmation": confirmation,
    })
}

fn credentials(password: &str) -> Value {
    json!({ "customer_number": NUMBER, "password": password })
}

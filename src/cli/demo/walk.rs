//! The walk through the customer guide, step by step.

use serde_json::{Value, json};

use super::{
    caller::{Answer, Caller, text_at},
    customers::{NUMBER, OLD_PASSWORD},
};
use crate::cli::{CliError, output::tell};

const NEW_PASSWORD: &str = "Zimske-gume-27";
const NEXT_PASSWORD: &str = "Letne-pnevmatike-28";
/// The message of the service after a new password.
const PASSWORD_CHANGED: &str = "Geslo je bilo zamenjano.";

pub(super) struct Walk {
    caller: Caller,
    failures: u32,
}

impl Walk {
    pub(super) fn new(caller: Caller) -> Self {
        Self { caller, failures: 0 }
    }

    /// Takes every step and returns how many checks failed. A step that cannot be taken ends the walk and counts as
    /// one.
    pub(super) async fn take_every_step(mut self) -> u32 {
        if let Err(error) = self.try_every_step().await {
            self.check(false, &error.to_string());
        }
        self.failures
    }

    async fn try_every_step(&mut self) -> Result<(), CliError> {
        self.request_reset().await?;
        let token = self.read_reset_mail().await?;
        self.open_link(&token).await?;
        self.send_wrong_form(&token).await?;
        self.send_right_form(&token).await?;
        self.open_link_again(&token).await?;
        self.sign_in_with_old_password().await?;
        let session = self.sign_in_with_new_password().await?;
        self.read_notice().await?;
        let session = self.refresh(&session).await?;
        self.change_password(&session).await
    }

    fn step(&mut self, title: &str) {
        self.caller.printer.step(title);
    }

    fn check(&mut self, passed: bool, sentence: &str) {
        self.caller.printer.verdict(passed, sentence);
        self.failures += u32::from(!passed);
    }

    async fn request_reset(&mut self) -> Result<(), CliError> {
        self.step("Pozabljeno geslo: the customer asks for a new password (guide, steps 2 to 4)");
        let answer = self.caller.post("/v1/password-resets", json!({ "customer_number": NUMBER })).await?;
        self.check(answer.status == 202, "The notice is the same for every number, known or not");
        self.check(answer.text("/message").starts_with("Na vašo zahtevo"), "in the guide's words");
        Ok(())
    }

    /// Returns the token in the mail's link.
    async fn read_reset_mail(&mut self) -> Result<String, CliError> {
        self.step("The mail arrives (guide, step 5)");
        let mail = self.caller.read_mail(1).await?;
        let link = find_link(text_at(&mail, "/Text")).unwrap_or_default();
        self.check(!link.is_empty(), "It holds a link");
        tell(format_args!("   link: {link}"));
        Ok(link.split_once("token=").map(|(_, token)| token.to_owned()).unwrap_or_default())
    }

    async fn open_link(&mut self, token: &str) -> Result<(), CliError> {
        self.step("The link opens (guide, step 6)");
        let answer = self.caller.post("/v1/password-resets/verify", json!({ "token": token })).await?;
        self.check(answer.status == 200, "Looking does not use it up");
        Ok(())
    }

    async fn send_wrong_form(&mut self, token: &str) -> Result<(), CliError> {
        self.step("A wrong number, a weak password and two that differ (guide, step 7)");
        let wrong = form(token, "004271", "geslo", "Geslo");
        let answer = self.caller.post("/v1/password-resets/complete", wrong).await?;
        let errors = answer.body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let codes: Vec<&str> = errors.map(|error| text_at(error, "/code")).collect();
        let expected =
            ["customer_number_mismatch", "too_short", "missing_uppercase", "missing_digit", "passwords_differ"];
        self.check(
            answer.status == 422 && expected.iter().all(|code| codes.contains(code)),
            "All wrong fields are named at once",
        );
        Ok(())
    }

    async fn send_right_form(&mut self, token: &str) -> Result<(), CliError> {
        self.step("The right number and a good password, twice the same (guide, steps 6 and 7)");
        let right = form(token, NUMBER, NEW_PASSWORD, NEW_PASSWORD);
        let answer = self.caller.post("/v1/password-resets/complete", right).await?;
        self.check(answer.status == 200 && answer.text("/message") == PASSWORD_CHANGED, "Geslo je bilo zamenjano");
        Ok(())
    }

    async fn open_link_again(&mut self, token: &str) -> Result<(), CliError> {
        self.step("The same link once more");
        let answer = self.caller.post("/v1/password-resets/verify", json!({ "token": token })).await?;
        self.check(answer.status == 410 && answer.text("/reason") == "used", "A link serves once");
        Ok(())
    }

    async fn sign_in_with_old_password(&mut self) -> Result<(), CliError> {
        self.step("Signing in with the old password");
        let answer = self.caller.post("/v1/sessions", credentials(OLD_PASSWORD)).await?;
        self.check(answer.status == 401, "It is refused");
        Ok(())
    }

    async fn sign_in_with_new_password(&mut self) -> Result<Answer, CliError> {
        self.step("Signing in with the new password (guide, step 8)");
        let session = self.caller.post("/v1/sessions", credentials(NEW_PASSWORD)).await?;
        self.check(session.status == 201, "It works at once");
        let account = self.caller.get_as(&session, "/v1/account").await?;
        self.check(
            account.status == 200 && account.text("/customer_number") == NUMBER,
            "The access token opens the account",
        );
        Ok(session)
    }

    async fn read_notice(&mut self) -> Result<(), CliError> {
        self.step("A notice of the change arrives");
        let notice = self.caller.read_mail(2).await?;
        self.check(
            text_at(&notice, "/Subject") == "STAkis: geslo je bilo zamenjano",
            "It says so, and holds no password and no link to one",
        );
        Ok(())
    }

    /// Returns the session with its next tokens.
    async fn refresh(&mut self, session: &Answer) -> Result<Answer, CliError> {
        self.step("Staying signed in: the refresh token brings the next access token, once");
        let refresh = json!({ "refresh_token": session.text("/refresh_token") });
        let session = self.caller.post("/v1/sessions/refresh", refresh.clone()).await?;
        self.check(session.status == 200, "The session goes on");
        let again = self.caller.post("/v1/sessions/refresh", refresh).await?;
        self.check(
            again.status == 200 && again.text("/refresh_token") == session.text("/refresh_token"),
            "The same token again brings the same successor: the answer may have been lost",
        );
        Ok(session)
    }

    async fn change_password(&mut self, session: &Answer) -> Result<(), CliError> {
        self.step("Changing the password at any time (guide, step 8)");
        let change = json!({
            "current_password": NEW_PASSWORD,
            "new_password": NEXT_PASSWORD,
            "new_password_confirmation": NEXT_PASSWORD,
        });
        let changed = self.caller.post_as(session, "/v1/account/password", change).await?;
        self.check(
            changed.status == 200 && changed.text("/message") == PASSWORD_CHANGED,
            "Geslo je bilo zamenjano, and this session goes on with new tokens",
        );
        let old = self.caller.get_as(session, "/v1/sessions").await?;
        self.check(old.status == 401, "The old access token is refused at once");
        let list = self.caller.get_as(&changed, "/v1/sessions").await?;
        let count = list.body.get("sessions").and_then(Value::as_array).map_or(0, Vec::len);
        self.check(list.status == 200 && count == 1, "The customer sees where the account is signed in");
        Ok(())
    }
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

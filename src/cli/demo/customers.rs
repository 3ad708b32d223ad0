//! The demo's customers.

use crate::{
    app::App,
    cli::CliError,
    identity::{
        self,
        accounts::{AccountToCreate, FirstMail},
    },
    types::{Actor, CustomerNumber, EmailAddress, Locale, Password, RequestContext},
};

/// The customer who has forgotten the password.
pub(super) const NUMBER: &str = "004217";
/// A second customer, for trying by hand: the walk does not touch its password.
pub(super) const NUMBER_TO_TRY: &str = "004218";
pub(super) const OLD_PASSWORD: &str = "Poletne-gume-26";

/// Makes both customers, with the old password.
pub(super) async fn make_customers(app: &App) -> Result<(), CliError> {
    for (number, email) in [(NUMBER, "delavnica@example.com"), (NUMBER_TO_TRY, "servis@example.com")] {
        let account = AccountToCreate {
            customer_number: CustomerNumber::parse(number)?,
            email: Some(EmailAddress::parse(email)?),
            locale: Locale::Sl,
            password: Some(Password::new(OLD_PASSWORD.to_owned())),
            display_name: None,
            first_mail: FirstMail::None,
        };
        identity::accounts::create(app, &RequestContext::of(Actor::CommandLine), account)
            .await
            .map_err(|_| "the demo's customers could not be made")?;
    }
    Ok(())
}

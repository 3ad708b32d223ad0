//! Changing what administration keeps about a customer.

use super::find::FoundAccount;
use crate::{
    app::App,
    identity::{
        abuse::client_limits::count_act,
        email_change::set::{is_another, set_on_locked},
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{Event, Fact},
    },
    types::{AccountId, DisplayName, EmailAddress, Fault, Locale, RequestContext, told::AccountField},
};

/// What is to be changed. What is `None` stays.
pub struct AccountChanges {
    /// The address on file.
    pub email: Option<EmailAddress>,
    /// The language of mails.
    pub locale: Option<Locale>,
    /// The name of the customer.
    pub display_name: Option<NewName>,
}

/// What becomes of the name of a customer.
pub enum NewName {
    /// There is no name any more.
    Removed,
    /// The name is this.
    Set(DisplayName),
}

impl NewName {
    const fn as_option(&self) -> Option<&DisplayName> {
        match self {
            Self::Removed => None,
            Self::Set(name) => Some(name),
        }
    }
}

/// Changes an account. Another address ends the links that were mailed, is told to the address before, and gets no link
/// until it has cooled off (AD-05). What is as it should be already stays, and leaves no trace.
///
/// # Errors
/// [`Refusal::NoSuchAccount`]; [`Refusal::VersionPassed`] where the account is not as `is_meant` wants it;
/// [`Refusal::TooManyAttempts`] where one client has changed too many addresses.
pub async fn update(
    app: &App,
    context: &RequestContext,
    id: AccountId,
    changes: AccountChanges,
    is_meant: impl FnOnce(&FoundAccount) -> bool + Send + 'static,
) -> Result<FoundAccount, IdentityError> {
    let found = app
        .decide(context, move |tx| {
            let account = accounts::lock(tx, &id)?.ok_or(Refusal::NoSuchAccount)?;
            let app = tx.app.clone();
            if !is_meant(&FoundAccount::of(tx, &app, account.clone())?) {
                return Err(Refusal::VersionPassed.into());
            }
            if let Some(email) = changes.email.as_ref().filter(|email| is_another(&account, email)) {
                if let Decision::Refused(refusal) = count_act(tx)? {
                    return Ok(Decision::Refused(refusal));
                }
                set_on_locked(tx, &account, email, "by a client")?;
            }
            set_rest(tx, &account, &changes)?;
            let missing = || Fault::broken_invariant("an account that is locked");
            let account = accounts::find(tx, &id)?.ok_or_else(missing)?;
            Ok(Decision::Done(FoundAccount::of(tx, &app, account)?))
        })
        .await?;
    app.job_queued.notify_one();
    Ok(found)
}

/// Sets language and name where they are others, and appends what they were before.
fn set_rest(tx: &mut Tx<'_>, account: &Account, changes: &AccountChanges) -> Result<(), StoreError> {
    let (mut told, mut fields) = (Vec::new(), Vec::new());
    if let Some(locale) = changes.locale.filter(|locale| *locale != account.locale) {
        accounts::set_locale(tx, &account.id, locale)?;
        fields.push(AccountField::Locale);
        told.push(format!("locale: {} -> {locale}", account.locale));
    }
    if let Some(name) = &changes.display_name
        && name.as_option() != account.display_name.as_ref()
    {
        let name = name.as_option();
        accounts::set_display_name(tx, &account.id, name)?;
        fields.push(AccountField::DisplayName);
        told.push(format!("name: {} -> {}", words(account.display_name.as_ref()), words(name)));
    }
    if told.is_empty() {
        return Ok(());
    }
    let entry = tx.entry(Event::UserUpdated).about(account).fact(Fact::Changed(fields));
    entry.detail(&told.join("; ")).append(tx)
}

fn words(name: Option<&DisplayName>) -> &str {
    name.map_or("none", DisplayName::as_str)
}

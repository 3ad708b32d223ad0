//! The current password of a signed-in customer, which proves that the caller is more than somebody at a screen that was
//! left unguarded. It counts with the sign-ins (LG-04, CH-01).

use crate::{
    app::App,
    crypto::HashCaller,
    identity::{
        abuse::{
            hash_caller::stranger,
            throttle::{Attempt, Trying, begin_attempt},
        },
        passwords::cost::verify_password,
        refusal::IdentityError,
        sessions::authenticate::Customer,
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        audit_events::{Entry, Event, Fact},
    },
    types::{Password, RequestContext, told::ThrottledAttempt},
};

/// What came out about the current password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum CurrentPassword {
    NotVerified,
    Right,
    Wrong,
}

/// A current password that is counted as wrong before it is verified.
#[derive(Clone)]
pub(in crate::identity) struct CurrentTry(Attempt);

impl CurrentTry {
    /// Counts the password ahead, unless the customer has to wait.
    pub(in crate::identity) fn begin(tx: &mut Tx<'_>, customer: &Customer) -> Result<Decision<Self>, StoreError> {
        let throttled = Fact::Throttled(ThrottledAttempt::CurrentPassword, Some(customer.account.id.clone()));
        let refused = about(tx, Event::LoginFailMax, customer).fact(throttled);
        Ok(match begin_attempt(tx, &trying(customer), &refused)? {
            Decision::Refused(refusal) => Decision::Refused(refusal),
            Decision::Done(attempt) => Decision::Done(Self(attempt)),
        })
    }

    /// Takes the count back unless the password was wrong.
    pub(in crate::identity) fn settle(
        self,
        tx: &mut Tx<'_>,
        customer: &Customer,
        verdict: CurrentPassword,
    ) -> Result<(), StoreError> {
        match verdict {
            CurrentPassword::Wrong => about(tx, Event::PasswordChangeFail, customer).append(tx),
            CurrentPassword::Right => self.0.succeed(tx),
            CurrentPassword::NotVerified => self.0.take_back(tx),
        }
    }

    /// Takes the count back.
    pub(in crate::identity) fn take_back(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.0.take_back(tx)
    }
}

/// Whose count a wrong password goes to: that of the device of the session, as at a sign-in.
fn trying(customer: &Customer) -> Trying<'_> {
    let (account, number) = (&customer.account, &customer.account.customer_number);
    match &customer.session.device_id {
        Some(device) => Trying::Session { device, account_id: &account.id, number },
        None => Trying::Stranger(number),
    }
}

fn about(tx: &Tx<'_>, event: Event, customer: &Customer) -> Entry {
    tx.entry(event).about(&customer.account).session(&customer.session.id)
}

/// The hashes of a signed-in customer come before those of strangers.
pub(in crate::identity) fn hash_caller(app: &App, context: &RequestContext, customer: &Customer) -> HashCaller {
    stranger(app, context).holding(&customer.account.id, format!("session/{}", customer.session.id))
}

/// Compares the password with the stored one.
pub(in crate::identity) async fn verify(
    app: &App,
    customer: &Customer,
    password: &Password,
    caller: &HashCaller,
) -> Result<CurrentPassword, IdentityError> {
    let account = &customer.account;
    let is_right = verify_password(app, &account.customer_number, Some(account), password, caller.clone()).await?;
    Ok(if is_right { CurrentPassword::Right } else { CurrentPassword::Wrong })
}

//! What a sign-in passes before its password is checked: the limits, which count it as failed.

use super::{
    abuse::{
        gate::Gate,
        hash_caller::stranger,
        throttle::{Attempt, CountedAs, Trying, begin_attempt},
    },
    refusal::IdentityError,
    sessions::devices::{Presented, find_former_device, find_known_device},
    transaction::{Decision, Tx},
};
use crate::{
    app::App,
    crypto::HashCaller,
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{Entry, Event, Fact},
        devices::Device,
        rate_limits,
    },
    types::{CustomerNumber, DeviceTokenHash, RequestContext, told::ThrottledAttempt},
};

/// A sign-in whose password may be checked.
pub(super) struct Admitted {
    pub(super) account: Option<Account>,
    pub(super) presented: Presented,
    pub(super) counted: AttemptCount,
}

impl Admitted {
    /// The hashes of a known device come before those of strangers, unless its own limits are exhausted.
    pub(super) fn hash_caller(&self, app: &App, context: &RequestContext) -> HashCaller {
        let caller = stranger(app, context);
        match (self.presented.known(), self.counted.attempt.counted_as) {
            (Some(device), CountedAs::KnownDevice) => {
                caller.holding(&device.account_id, format!("device/{}", device.id))
            }
            _ => caller,
        }
    }
}

/// What was counted before the password is checked, as if it were wrong.
#[derive(Clone)]
pub(super) struct AttemptCount {
    pub(super) attempt: Attempt,
    /// The gate that a stranger has passed.
    gate: Option<Gate>,
}

impl AttemptCount {
    /// After the right password: takes back the attempt, and the number among those that the source has tried.
    pub(super) fn undo(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        // In the order in which they were counted, or two attempts could wait for each other.
        if let Some(gate) = self.gate {
            gate.forget_number(tx)?;
        }
        self.attempt.succeed(tx)
    }
}

/// Finds the account and counts the attempt, with the same statements for every number. A known device of the account
/// meets only limits of its own: its owner gets in whatever strangers do (RL-04). Once these are exhausted, it is treated
/// as a stranger's.
pub(super) async fn admit(
    app: &App,
    context: &RequestContext,
    number: &CustomerNumber,
    gate: Gate,
    presented: Option<DeviceTokenHash>,
) -> Result<Admitted, IdentityError> {
    if let Some(refusal) = gate.early_refusal()
        && !is_known_device(app, number, presented.as_ref()).await?
    {
        gate.count_early_refusal();
        return Err(refusal.into());
    }
    let number = number.clone();
    // Without limits nothing is counted, so no writing transaction is needed.
    if !app.config.limits.enforced && gate.writes_nothing() {
        let found = app.query(move |tx| find_presented(tx, &number, presented.as_ref())).await?;
        let (account, presented) = found;
        let counted_as = presented.known().map_or(CountedAs::Stranger, |_| CountedAs::KnownDevice);
        let counted = AttemptCount { attempt: Attempt::uncounted(counted_as), gate: None };
        return Ok(Admitted { account, presented, counted });
    }
    app.decide(context, move |tx| Ok(count_attempt(tx, &number, gate, presented.as_ref())?)).await
}

/// Looks the device up without a writing transaction, since anybody can make up tokens.
async fn is_known_device(
    app: &App,
    number: &CustomerNumber,
    presented: Option<&DeviceTokenHash>,
) -> Result<bool, IdentityError> {
    let Some(presented) = presented.cloned() else { return Ok(false) };
    let number = number.clone();
    let found = app.read(move |tx| Found::find(tx, &number, Some(&presented))).await?;
    Ok(found.device.is_some())
}

/// The account of a number, and the device of a device token.
struct Found {
    account: Option<Account>,
    /// The device, where the account knows it.
    device: Option<Device>,
}

impl Found {
    fn find(
        tx: &mut Transaction<'_>,
        number: &CustomerNumber,
        presented: Option<&DeviceTokenHash>,
    ) -> Result<Self, StoreError> {
        let account = accounts::find_by_customer_number(tx, number)?;
        let device = find_known_device(tx, presented, account.as_ref())?;
        Ok(Self { account, device })
    }
}

/// Finds the account, and what a device token is to it. The statements are the same for every token that is none of a
/// known device, whatever the number is (RQ-02).
fn find_presented(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    token: Option<&DeviceTokenHash>,
) -> Result<(Option<Account>, Presented), StoreError> {
    let Found { account, device } = Found::find(tx, number, token)?;
    let presented = match (device, token) {
        (Some(device), _) => Presented::Known(device),
        (None, Some(token)) => {
            find_former_device(tx, token, account.as_ref())?.map_or(Presented::Nothing, Presented::Former)
        }
        (None, None) => Presented::Nothing,
    };
    Ok((account, presented))
}

fn count_attempt(
    tx: &mut Tx<'_>,
    number: &CustomerNumber,
    gate: Gate,
    token: Option<&DeviceTokenHash>,
) -> Result<Decision<Admitted>, StoreError> {
    let (account, presented) = find_presented(tx, number, token)?;
    // A device that signs in too often is treated as a stranger's.
    let known = match presented.known() {
        Some(device) if !takes_from_device_limit(tx, device)? => None,
        other => other,
    };
    let gate = match known {
        Some(_) => None,
        None => match gate.pass(tx)? {
            Decision::Refused(refusal) => return Ok(Decision::Refused(refusal)),
            Decision::Done(()) => Some(gate),
        },
    };
    let trying = match (known, &presented) {
        (Some(device), _) => Trying::Device { id: &device.id, account_id: &device.account_id, number },
        (None, Presented::Former(former)) => {
            Trying::FormerDevice { id: &former.id, account_id: &former.account_id, number }
        }
        (None, Presented::Nothing) if token.is_some() => Trying::UnknownToken(number),
        (None, Presented::Known(_) | Presented::Nothing) => Trying::Stranger(number),
    };
    let throttled = Fact::Throttled(ThrottledAttempt::SignIn, account.as_ref().map(|account| account.id.clone()));
    let refused: Entry = tx.entry(Event::LoginFailMax).number(number).fact(throttled);
    Ok(match begin_attempt(tx, &trying, &refused)? {
        Decision::Refused(refusal) => Decision::Refused(refusal),
        Decision::Done(attempt) => {
            Decision::Done(Admitted { account, presented, counted: AttemptCount { attempt, gate } })
        }
    })
}

/// Takes one sign-in from the limit of a known device. Returns `false` where it is exhausted.
fn takes_from_device_limit(tx: &mut Tx<'_>, device: &Device) -> Result<bool, StoreError> {
    let Some(limit) = tx.app.config.limits.sign_in_device else { return Ok(true) };
    Ok(rate_limits::take_token(tx, &format!("sign_in/device/{}", device.id), limit)?.is_granted())
}

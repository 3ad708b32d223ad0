//! No two findings of a diagnosis advise opposites, whatever has happened to a customer.

use chrono::TimeDelta;
use stakis_identity::{
    identity::{self, support::FindingCode},
    types::{Clock as _, CustomerNumber, DeliveryKind, EmailAddress},
};

use crate::support::{
    Customer, ReceivedMail, TestApp, administrator, database_tests,
    delivery_events::{accept_by_id, newest, take},
    diagnosis::NEW,
    length,
};

database_tests![
    diagnosis_no_story_ends_in_advice_that_excludes_each_other,
    diagnosis_after_a_closing_or_a_pause_nobody_is_told_to_ask,
];

/// What may happen to a customer.
#[derive(Debug, Clone, Copy)]
enum Step {
    Ask,
    Serve,
    Tell(DeliveryKind),
    Complete,
    Withdraw,
    Close,
    Reopen,
    ChangeEmail,
    LiftSuppression,
    Fail,
    Pass(TimeDelta),
}

const STEPS: [Step; 18] = [
    Step::Ask,
    Step::Ask,
    Step::Serve,
    Step::Serve,
    Step::Tell(DeliveryKind::Delivered),
    Step::Tell(DeliveryKind::Deferred),
    Step::Tell(DeliveryKind::BouncedSoft),
    Step::Tell(DeliveryKind::BouncedHard),
    Step::Tell(DeliveryKind::Complained),
    Step::Complete,
    Step::Withdraw,
    Step::Close,
    Step::Reopen,
    Step::ChangeEmail,
    Step::LiftSuppression,
    Step::Fail,
    Step::Pass(TimeDelta::minutes(4)),
    Step::Pass(TimeDelta::minutes(70)),
];

/// Advice to ask for a link now, in the words of the guide.
const ASK: [FindingCode; 3] =
    [FindingCode::NoRequestReceived, FindingCode::LinkExpired, FindingCode::LinkWithdrawn];

/// Pairs whose advice excludes each other: a reader who follows one cannot follow the other.
fn excluding() -> Vec<(FindingCode, FindingCode)> {
    use FindingCode as Code;
    let asking =
        [&ASK[..], &[Code::MailLimitReached, Code::RequestSwallowed, Code::MailAbandoned, Code::MailDropped]];
    let mut pairs = Vec::new();
    for obstacle in [
        Code::NoSuchCustomer,
        Code::AccountClosed,
        Code::NoEmailOnFile,
        Code::EmailChangedCoolingOff,
        Code::AddressSuppressed,
    ] {
        pairs.extend(asking.concat().into_iter().map(|other| (obstacle, other)));
        pairs.extend([(obstacle, Code::MailWaiting), (obstacle, Code::MailProviderDown)]);
    }
    for other in [
        Code::LinkUsed,
        Code::LinkOpened,
        Code::PasswordAlreadyChanged,
        Code::SignInThrottled,
        Code::OldPasswordUsed,
    ] {
        pairs.push((Code::AccountClosed, other));
    }
    pairs.push((Code::OldPasswordUsed, Code::NoRequestReceived));
    for ask in ASK {
        let waits = [Code::MailWaiting, Code::MailProviderDown, Code::MailLimitReached, Code::RequestSwallowed];
        pairs.extend(waits.into_iter().map(|wait| (wait, ask)));
        pairs.extend([(Code::LinkOpened, ask), (Code::LinkOpenedByScanner, ask)]);
    }
    pairs
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

async fn take_step(app: &TestApp, customer: &Customer, step: Step) {
    let number = CustomerNumber::parse(customer.number).unwrap();
    let who = administrator();
    match step {
        Step::Ask => app.ask(customer.number).await.assert_status(202),
        Step::Serve => drop(app.deliver_all().await),
        Step::Tell(kind) => {
            let mut mails = app.mail_rows();
            mails.retain(|mail| mail.status == "handed_over" && mail.recipient == customer.email);
            let newest = mails.into_iter().max_by_key(|mail| mail.created_at.clone());
            if let Some(mail) = newest {
                take(app, &mail.id, kind).await;
            }
        }
        Step::Complete | Step::Withdraw => {
            let mails = app.mail_api.mails().await;
            let sent =
                mails.iter().rev().find(|mail| mail.to() == customer.email && mail.text().contains("#token="));
            let Some(token) = sent.map(ReceivedMail::token) else { return };
            if matches!(step, Step::Complete) {
                app.complete(&token, customer.number, NEW).await;
            } else {
                app.withdraw(&token, customer.number).await;
            }
        }
        Step::Close => identity::accounts::close(&app.app, &who, number, None).await.map(drop).unwrap(),
        Step::Reopen => identity::accounts::reopen(&app.app, &who, number, None).await.map(drop).unwrap(),
        Step::ChangeEmail => {
            let email =
                EmailAddress::parse(&format!("nova{}@example.si", app.clock.now().and_utc().timestamp())).unwrap();
            identity::email_change::set(&app.app, &who, number, email, None).await.map(drop).unwrap();
        }
        Step::LiftSuppression => {
            identity::outbox::lift_suppression(&app.app, &who, number, None).await.map(drop).unwrap();
        }
        Step::Fail => drop(app.sign_in(customer.number, "Ugibanje-26").await),
        Step::Pass(time) => app.advance(time),
    }
}

async fn codes_of(app: &TestApp, customer: &Customer) -> Vec<FindingCode> {
    let number = CustomerNumber::parse(customer.number).unwrap();
    let question = identity::support::Question { number, email: None };
    let diagnosis = identity::support::diagnose(&app.app, &administrator(), question).await.unwrap();
    diagnosis.findings.iter().map(|finding| finding.code).collect()
}

async fn diagnosis_no_story_ends_in_advice_that_excludes_each_other(app: &TestApp) {
    accept_by_id(app).await;
    let excluding = excluding();
    let mut numbers = Numbers(20_261_127);
    for story in 0..40 * length() {
        let (number, email) = (format!("{:06}", 300_000 + story), format!("kupec{story}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: "Poletne-gume-26" };
        app.make(&customer).await;
        let mut steps = Vec::new();
        for _ in 0..12 {
            let step = STEPS[numbers.below(STEPS.len())];
            steps.push(step);
            take_step(app, &customer, step).await;
            let codes = codes_of(app, &customer).await;
            for (one, other) in &excluding {
                assert!(!(codes.contains(one) && codes.contains(other)), "after {steps:?}: {codes:?}");
            }
        }
        app.deliver_all().await;
    }
}

async fn diagnosis_after_a_closing_or_a_pause_nobody_is_told_to_ask(app: &TestApp) {
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    take_step(app, &Customer::ANA, Step::Ask).await;
    take_step(app, &Customer::ANA, Step::Serve).await;
    take(app, &newest(app).1, DeliveryKind::BouncedHard).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let question = identity::support::Question { number, email: None };
    let diagnosis = identity::support::diagnose(&app.app, &administrator(), question).await.unwrap();
    let codes: Vec<FindingCode> = diagnosis.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [FindingCode::MailBounced, FindingCode::AddressSuppressed]);
    let [bounced, paused] =
        [0, 1].map(|index| diagnosis.findings[index].next_step(stakis_identity::types::Locale::En));
    assert!(!bounced.contains("Forgotten password"), "{bounced}");
    assert!(paused.contains("stakis-identity account lift-suppression"), "{paused}");
    take_step(app, &Customer::ANA, Step::Close).await;
    let closed = codes_of(app, &Customer::ANA).await;
    assert_eq!(closed[0], FindingCode::AccountClosed);
    assert!(!closed.iter().any(|code| ASK.contains(code)), "{closed:?}");
    app.deliver_all().await;
}

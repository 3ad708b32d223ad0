//! What holds of every history of a service that keeps its promises.

mod answers;
mod arrivals;
mod closings;
mod endpoint;
mod feed;
mod links;
mod mails;
mod passwords;
mod refresh_lines;
mod requests;
mod sessions;
mod trail;
mod webhooks;

use std::fmt;

use super::history::History;

/// A promise, and what breaks it.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// Whether it can be asked while callers work. Others need the tables once nothing waits any more.
    pub(super) is_for_any_time: bool,
    find: fn(&History) -> Vec<String>,
}

/// Something that breaks a rule.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) rule: &'static str,
    pub(super) text: String,
}

impl fmt::Debug for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.text)
    }
}

const fn always(name: &'static str, find: fn(&History) -> Vec<String>) -> Rule {
    Rule { name, is_for_any_time: true, find }
}

const fn at_rest(name: &'static str, find: fn(&History) -> Vec<String>) -> Rule {
    Rule { name, is_for_any_time: false, find }
}

pub(super) const RULES: &[Rule] = &[
    always("a call is answered as the document says", answers::wrong),
    always("a link sets one password", links::used_twice),
    always("a link that has ended serves nobody", links::dead_and_served),
    always("a link that nothing has ended serves", links::live_and_refused),
    always("an old password is not accepted after a change was acknowledged", passwords::old_and_accepted),
    always("the password that was set is accepted", passwords::set_and_refused),
    always("a closed access lets nobody in", closings::closed_and_let_in),
    always("an open access is not called closed", closings::open_and_kept_out),
    always("a session that has ended serves nobody", sessions::ended_and_served),
    always("a session that nothing has ended goes on", sessions::live_and_refused),
    always("a refresh token has one successor", refresh_lines::split),
    always("a refresh token brings nothing once its successor was used", refresh_lines::overtaken),
    always("a mail keeps its identity", |history| arrivals::changed(&history.mails)),
    always("a mail that was taken is sent again only after a disturbance", |history| {
        arrivals::sent_again(history, &history.mails)
    }),
    always("a webhook keeps its identity", |history| arrivals::changed(&history.webhooks)),
    always("a webhook that was taken is sent again only after a disturbance", |history| {
        arrivals::sent_again(history, &history.webhooks)
    }),
    at_rest("nothing waits for ever", |history| history.tables.waiting.clone()),
    at_rest("an accepted request has a mail or a reason", requests::lost),
    at_rest("a request was asked for", requests::made_up),
    at_rest("a link has a mail, which the mail API has got", mails::missing),
    at_rest("a mail that the mail API has got is stored", mails::unknown),
    at_rest("a session has one live refresh token at most", refresh_lines::two_live),
    at_rest("a published event is sent to the endpoint", webhooks::missing),
    at_rest("an acknowledged act has its event", webhooks::untold),
    at_rest("the events of an account come in the order of its acts", webhooks::out_of_order),
    at_rest("published events have positions without gaps", feed::gaps),
    at_rest("a reader of the events misses none, and gets each once", feed::misread),
    at_rest("the trail has no gap", trail::gaps),
    at_rest("an acknowledged act has its entry in the trail", trail::untold),
    at_rest("the trail verifies", |history| history.tables.verification.iter().cloned().collect()),
    at_rest("the endpoint is as the last change has made it", endpoint::overwritten),
];

/// What breaks the rules that can be asked at any time.
pub(super) fn violations_so_far(history: &History) -> Vec<Violation> {
    RULES.iter().filter(|rule| rule.is_for_any_time).flat_map(|rule| broken(rule, history)).collect()
}

/// What breaks any rule, once nothing waits any more.
pub(super) fn violations(history: &History) -> Vec<Violation> {
    RULES.iter().flat_map(|rule| broken(rule, history)).collect()
}

fn broken(rule: &'static Rule, history: &History) -> Vec<Violation> {
    (rule.find)(history).into_iter().map(|text| Violation { rule: rule.name, text }).collect()
}

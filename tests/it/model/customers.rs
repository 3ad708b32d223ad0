//! The steps of customers. An act that hashes takes two transactions: it reads, and later writes. The process that serves
//! it may die in between, which is the run in which the second step never comes. The turn that `take_turn` gives to one
//! new password of an account at a time is left out: what holds without it holds with it.

use super::{
    faults::Fault,
    reset::Reset,
    world::{Customer, Job, Mail, NOTICE, Request, Session, Stage, World},
};

/// One step of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// `identity::reset::request`: the request and its job are one transaction.
    AskForReset(usize),
    /// `identity::reset::verify_link`, and the first transaction of `identity::reset::complete` (`find_owned_link`).
    OpenLink(usize),
    /// The last transaction of `identity::reset::complete` (`set_password`).
    Complete,
    /// `identity::reset::withdraw_link`.
    Withdraw(usize),
    /// `identity::admission::admit`, and the check of the password.
    SignIn,
    /// The last transaction of `identity::sign_in`: `accounts::set_signed_in` and `begin_session`.
    BeginSession,
    /// `identity::sessions::authenticate`, and the check of the current password.
    StartChange(usize),
    /// The last transaction of `identity::passwords::change` (`set_password`).
    Change,
}

/// What the customer at this place may do next.
pub(super) fn acts(world: &World, at: usize) -> Vec<Act> {
    match world.customers[at] {
        Customer::Completing { .. } => vec![Act::Complete],
        Customer::SigningIn { .. } => vec![Act::BeginSession],
        Customer::Changing { .. } => vec![Act::Change],
        Customer::Idle => beginnings(world),
    }
}

fn beginnings(world: &World) -> Vec<Act> {
    let mut acts = Vec::new();
    let next = world.requests.iter().position(|request| *request == Request::NotAsked);
    if world.left.requests > 0 {
        acts.extend(next.map(Act::AskForReset));
    }
    if world.left.acts == 0 {
        return acts;
    }
    for (at, link) in world.links.iter().enumerate() {
        // Only who got the mail has the token.
        if link.is_some_and(|link| link.stage == Stage::Live) && world.taken[at] != 0 {
            acts.extend([Act::OpenLink(at), Act::Withdraw(at)]);
        }
    }
    if world.sessions.iter().any(Option::is_none) {
        acts.push(Act::SignIn);
    }
    for (at, session) in world.sessions.iter().enumerate() {
        if session.is_some_and(|session| world.is_live(session)) {
            acts.push(Act::StartChange(at));
        }
    }
    acts
}

/// Takes the step.
pub(super) fn take(reset: &Reset, world: &mut World, at: usize, act: Act) {
    let customer = std::mem::replace(&mut world.customers[at], Customer::Idle);
    match (act, customer) {
        (Act::AskForReset(request), _) => {
            world.left.requests -= 1;
            world.requests[request] = Request::Stored { is_old: false };
            world.issues[request] = Job::Due(0);
        }
        (Act::OpenLink(_) | Act::SignIn | Act::StartChange(_), _) => {
            world.left.acts -= 1;
            world.customers[at] = begin(world, act);
        }
        (Act::Withdraw(link), _) => {
            world.left.acts -= 1;
            if let Some(link) = &mut world.links[link] {
                link.stage = Stage::Withdrawn;
            }
        }
        (Act::Complete, Customer::Completing { link }) => complete(reset, world, usize::from(link)),
        (Act::BeginSession, Customer::SigningIn { password, epoch }) => {
            begin_session(reset, world, password, epoch);
        }
        (Act::Change, Customer::Changing { session, password, epoch }) => {
            change(reset, world, usize::from(session), password, epoch);
        }
        impossible => unreachable!("{impossible:?}"),
    }
}

fn begin(world: &World, act: Act) -> Customer {
    let (password, epoch) = (world.account.password, world.account.epoch);
    match act {
        Act::OpenLink(link) => Customer::Completing { link: u8::try_from(link).unwrap() },
        Act::StartChange(session) => {
            Customer::Changing { session: u8::try_from(session).unwrap(), password, epoch }
        }
        _ => Customer::SigningIn { password, epoch },
    }
}

/// `reset_links::consume`, whose `UPDATE` must hit a live row, and `replace_password`.
fn complete(reset: &Reset, world: &mut World, at: usize) {
    let Some(link) = &mut world.links[at] else { return };
    let is_spared = reset.has(Fault::LinkServesTwice) && link.stage == Stage::Used;
    if link.stage != Stage::Live && !is_spared {
        return;
    }
    link.stage = Stage::Used;
    link.uses += 1;
    replace_password(reset, world, None);
}

fn begin_session(reset: &Reset, world: &mut World, password: u8, epoch: u8) {
    if world.account.epoch != epoch && !reset.has(Fault::SignInIsNotCheckedAgain) {
        return;
    }
    // What was read is what is there.
    let epoch = world.account.epoch;
    if let Some(free) = world.sessions.iter_mut().find(|session| session.is_none()) {
        *free = Some(Session { epoch, has_ended: false, password });
    }
}

fn change(reset: &Reset, world: &mut World, at: usize, password: u8, epoch: u8) {
    let Some(session) = world.sessions[at] else { return };
    let is_as_seen = world.account.epoch == epoch && world.is_live(session);
    if !is_as_seen && !reset.has(Fault::ChangeIsNotCheckedAgain) {
        return;
    }
    world.was_taken_over |= password != world.account.password;
    replace_password(reset, world, Some(at));
}

/// `passwords::replace::replace_password`: a new epoch, the end of other sessions and of links, and the notice.
fn replace_password(reset: &Reset, world: &mut World, acting: Option<usize>) {
    world.account.password += 1;
    if !reset.has(Fault::EpochIsNotRaised) {
        world.account.epoch += 1;
    }
    for (at, session) in world.sessions.iter_mut().enumerate() {
        let Some(session) = session else { continue };
        if acting == Some(at) {
            (session.epoch, session.password) = (world.account.epoch, world.account.password);
        } else {
            session.has_ended = true;
        }
    }
    for link in world.links.iter_mut().flatten().filter(|link| link.is_open()) {
        if !reset.has(Fault::OtherLinksStayLive) {
            link.stage = Stage::Withdrawn;
        }
    }
    if world.left.notices > 0 && world.mails[NOTICE].is_none() {
        world.left.notices -= 1;
        world.mails[NOTICE] = Some(Mail::QUEUED);
        world.sends[NOTICE] = Job::Due(0);
    }
}

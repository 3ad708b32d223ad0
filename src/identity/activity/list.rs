//! A page of what happened.

use std::collections::HashMap;

use super::{cursor::Cursor, event::ActivityEvent};
use crate::{
    app::App,
    identity::{sessions::Customer, upkeep::ACTIVITY_KEPT_FOR},
    store::{
        StoreError, Transaction,
        accounts::Account,
        audit_events::{self, OwnEvent, TrailPage, TrailPlace},
        clients::{self, Client},
        devices,
        failed_sign_ins::{self, FailedSignIns, Place},
        former_devices,
        sessions::{self, Session, SessionEnd},
    },
    types::{Actor, ClientId, DeviceId, DeviceLabel, Fault, SessionId, UtcTime, device_name},
};

/// Which page the owner asks for.
pub struct PageRequest {
    /// Where the page before ended.
    pub after: Cursor,
    /// The most events of the page.
    pub limit: usize,
}

/// Something that happened to an access.
#[derive(Debug)]
pub struct Activity {
    /// When it happened; the first time, where several events are counted together.
    pub at: UtcTime,
    /// What happened.
    pub event: ActivityEvent,
    /// How many events are counted together.
    pub count: i32,
    /// The program and the operating system of the device.
    pub device: Option<String>,
    /// The name of the device.
    pub name: Option<DeviceLabel>,
    /// The network, /24 or /48. It is never that of an administrator.
    pub source: Option<String>,
    /// The session.
    pub session_id: Option<SessionId>,
    /// The person or the program of support who asked for a caller code, or checked it.
    pub(super) by: Option<String>,
    /// Why a session ended.
    pub(super) because: Option<SessionEnd>,
}

/// A page, the newest event first.
pub struct ActivityPage {
    /// The events.
    pub events: Vec<Activity>,
    /// The `after` of the next page; `None` where this is the last one.
    pub next: Option<String>,
}

/// Lists what happened to the access of the customer within 180 days. Events that come while pages are read move nothing:
/// each is on one page.
pub async fn list(app: &App, customer: &Customer, asked: PageRequest) -> Result<ActivityPage, Fault> {
    let (account, now) = (customer.account.clone(), app.clock.now());
    let id = account.id.clone();
    let found = app.read(move |tx| find(tx, &account, &asked.after, asked.limit)).await?;
    let next = found.last.map(|last| last.seal(&app.keyring, &id, now)).transpose()?;
    Ok(ActivityPage { events: found.events, next })
}

struct Found {
    events: Vec<Activity>,
    /// The last event of the page, where there are more.
    last: Option<Cursor>,
}

fn find(tx: &mut Transaction<'_>, account: &Account, cursor: &Cursor, limit: usize) -> Result<Found, StoreError> {
    let since = account.created_at.max(tx.now - ACTIVITY_KEPT_FOR);
    // One more of each says whether there is another page.
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let audited = ActivityEvent::audited();
    let page = TrailPage { events: &audited, since, place: &cursor.in_trail(), limit: most };
    let entries = audit_events::list_of_account(tx, &account.id, &page)?;
    let sums = failed_sign_ins::list_behind(tx, &account.customer_number, since, &cursor.in_sums(), most)?;
    let mut rows = merge(entries, sums);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more).map(Row::place);
    let known = Known::find(tx, account, &rows)?;
    Ok(Found { events: rows.into_iter().filter_map(|row| known.tell(row)).collect(), last })
}

/// A row of either table.
enum Row {
    Entry(OwnEvent),
    Sum(FailedSignIns),
}

impl Row {
    fn place(&self) -> Cursor {
        match self {
            Self::Entry(entry) => {
                let id = entry.id.as_str().to_owned();
                Cursor::Entry(TrailPlace { occurred_at: entry.occurred_at, id })
            }
            Self::Sum(sum) => Cursor::Sum(Place { first_at: sum.first_at, presented: sum.presented.clone() }),
        }
    }
}

/// Both lists in one, the newest first; at one moment, entries stand before sums.
fn merge(entries: Vec<OwnEvent>, sums: Vec<FailedSignIns>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(entries.len() + sums.len());
    let mut entries = entries.into_iter().peekable();
    for sum in sums {
        while let Some(entry) = entries.next_if(|entry| entry.occurred_at >= sum.first_at) {
            rows.push(Row::Entry(entry));
        }
        rows.push(Row::Sum(sum));
    }
    rows.extend(entries.map(Row::Entry));
    rows
}

/// The clients of support that the rows name.
fn support_of(rows: &[Row]) -> Vec<ClientId> {
    let entries = rows.iter().filter_map(|row| match row {
        Row::Entry(entry) => ActivityEvent::of(entry.event).filter(|event| event.names_support()).map(|_| entry),
        Row::Sum(_) => None,
    });
    entries.filter_map(|entry| entry.actor.client_id()).collect()
}

/// The sessions and devices that the rows are about, as far as they are remembered.
struct Known {
    sessions: Vec<Session>,
    devices: HashMap<String, KnownDevice>,
    clients: Vec<Client>,
}

#[derive(Clone, Default)]
struct KnownDevice {
    program: Option<String>,
    name: Option<DeviceLabel>,
}

impl Known {
    fn find(tx: &mut Transaction<'_>, account: &Account, rows: &[Row]) -> Result<Self, StoreError> {
        let ids = rows.iter().filter_map(|row| match row {
            Row::Entry(entry) => entry.session_id.clone(),
            Row::Sum(_) => None,
        });
        let sessions = sessions::list_of_ids(tx, &account.id, &ids.collect::<Vec<_>>())?;
        let known = devices::list_of(tx, &account.id)?.into_iter().map(|device| {
            let program = device.user_agent.as_deref().and_then(device_name);
            (device.id.as_str().to_owned(), KnownDevice { program, name: device.name })
        });
        let mut all: HashMap<_, _> = known.collect();
        all.extend(former_devices::list_of(tx, &account.id)?.into_iter().map(|device| {
            let program = device.user_agent.as_deref().and_then(device_name);
            (device.id.as_str().to_owned(), KnownDevice { program, name: device.name })
        }));
        let clients = clients::list_of_ids(tx, &support_of(rows))?;
        Ok(Self { sessions, devices: all, clients })
    }

    fn device(&self, id: Option<&DeviceId>) -> KnownDevice {
        id.and_then(|id| self.devices.get(id.as_str())).cloned().unwrap_or_default()
    }

    fn tell(&self, row: Row) -> Option<Activity> {
        match row {
            Row::Entry(entry) => self.tell_entry(entry),
            Row::Sum(sum) => Some(self.tell_sum(sum)),
        }
    }

    fn tell_sum(&self, sum: FailedSignIns) -> Activity {
        let device = self.device(sum.device_id().as_ref());
        Activity {
            at: sum.first_at,
            event: ActivityEvent::SignInFailed,
            count: sum.failures,
            device: device.program,
            name: device.name,
            source: sum.source.filter(|_| !sum.several_sources),
            session_id: None,
            by: None,
            because: None,
        }
    }

    /// The name of the client of support that an entry tells.
    fn support(&self, entry: &OwnEvent) -> Option<String> {
        let id = entry.actor.client_id()?;
        self.clients.iter().find(|client| client.id == id).map(|client| client.known_as().to_owned())
    }

    /// An administrator's reason, name and network stay out. Who asks for a caller code is told (OW-11).
    fn tell_entry(&self, entry: OwnEvent) -> Option<Activity> {
        let event = ActivityEvent::of(entry.event)?;
        let session = self.sessions.iter().find(|session| Some(&session.id) == entry.session_id.as_ref());
        let device_id = entry.device_id.as_ref().or(session.and_then(|session| session.device_id.as_ref()));
        let device = self.device(device_id);
        let at_sign_in = entry.detail.clone().filter(|_| event == ActivityEvent::SignIn);
        let of_session = session.and_then(|session| session.user_agent.as_deref()).and_then(device_name);
        let by = self.support(&entry).filter(|_| event.names_support());
        let of_actor = entry.source.filter(|_| entry.actor == Actor::Customer.name());
        let source = if event.is_about_its_session() {
            // The network of the device that was signed out, and not of the one that did it.
            session.and_then(|session| session.source.clone())
        } else {
            of_actor
        };
        let ended = entry.detail.as_deref().filter(|_| event == ActivityEvent::SessionEnded);
        Some(Activity {
            at: entry.occurred_at,
            event,
            count: 1,
            device: at_sign_in.or(of_session).or(device.program),
            name: device.name,
            source,
            session_id: entry.session_id,
            by,
            because: ended.and_then(|detail| SessionEnd::parse(detail).ok()),
        })
    }
}

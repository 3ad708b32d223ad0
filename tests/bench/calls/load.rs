//! One operation over several connections: its rate, its times, and the processor time of those who take part.

use std::{
    cell::{Cell, RefCell},
    ops::AddAssign,
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use serde::{Deserialize, Serialize};

use super::{connection::Connection, operation::Operation};
use crate::{process::machine_seconds, service::Service, sign_in::cpu_seconds};

/// The number of connections.
pub(super) const CONNECTIONS: usize = 16;
/// The part of the machine's time from which on the processor limits a figure.
const BUSY: f64 = 0.9;

/// What was measured in one window of time.
pub(super) struct Round {
    pub(super) per_second: f64,
    pub(super) milliseconds: Vec<f64>,
    pub(super) used: Used,
}

/// Processor seconds of those who share the machine.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Used {
    pub(super) service: f64,
    pub(super) database: f64,
    pub(super) load_generator: f64,
    /// Every other program of the machine.
    pub(super) others: f64,
    pub(super) idle: f64,
}

impl AddAssign for Used {
    fn add_assign(&mut self, other: Self) {
        self.service += other.service;
        self.database += other.database;
        self.load_generator += other.load_generator;
        self.others += other.others;
        self.idle += other.idle;
    }
}

impl Used {
    /// What limits a figure whose time was used in this way.
    pub(super) fn limit(self) -> String {
        let parts = [
            ("the service", self.service),
            ("the database", self.database),
            ("the load generator", self.load_generator),
            ("other programs", self.others),
        ];
        let worked: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
        let busy = worked / (worked + self.idle);
        if busy < BUSY {
            return format!("waiting for the disk or a lock: {:.0} % of the processors idle", 100.0 * (1.0 - busy));
        }
        let (most, seconds) = parts.into_iter().max_by(|one, other| one.1.total_cmp(&other.1)).unwrap();
        format!("processors, {:.0} % of them {most}", 100.0 * seconds / worked)
    }
}

/// The processor time that was used from one moment on.
pub(super) struct Meter<'a> {
    service: &'a Service,
    parties: [f64; 3],
    machine: [f64; 2],
}

impl<'a> Meter<'a> {
    pub(super) fn start(service: &'a Service) -> Self {
        Self { service, parties: cpu_seconds(service), machine: machine_seconds() }
    }

    pub(super) fn read(&self) -> Used {
        let (parties, machine) = (cpu_seconds(self.service), machine_seconds());
        let [all_of_service, database, load_generator] =
            [0, 1, 2].map(|index| parties[index] - self.parties[index]);
        let [worked, idle] = [0, 1].map(|index| machine[index] - self.machine[index]);
        // SQLite works on threads of the service.
        let service = if self.service.postmaster.is_none() { all_of_service - database } else { all_of_service };
        let others = (worked - service - database - load_generator).max(0.0);
        Used { service, database, load_generator, others, idle }
    }
}

/// Repeats an operation over all connections, and counts the calls that end after the warm-up.
pub(super) async fn measure(
    service: &Service,
    operation: &Operation,
    connections: &mut [Connection],
    warm_up: Duration,
    counted: Duration,
) -> Round {
    let (counts, is_over) = (Cell::new(false), Cell::new(false));
    let milliseconds = RefCell::new(Vec::new());
    let calling = join_all(connections.iter_mut().enumerate().map(|(place, connection)| {
        let (counts, is_over, milliseconds) = (&counts, &is_over, &milliseconds);
        async move {
            while !is_over.get() {
                let request = operation.request(place);
                let sent = Instant::now();
                let answer = connection.send(&request).await;
                let elapsed = sent.elapsed().as_secs_f64() * 1000.0;
                operation.hear(place, &answer);
                if counts.get() {
                    milliseconds.borrow_mut().push(elapsed);
                }
            }
        }
    }));
    let measuring = async {
        tokio::time::sleep(warm_up).await;
        let (meter, started) = (Meter::start(service), Instant::now());
        counts.set(true);
        tokio::time::sleep(counted).await;
        counts.set(false);
        let elapsed = started.elapsed().as_secs_f64();
        is_over.set(true);
        (elapsed, meter.read())
    };
    let (_, (elapsed, used)) = join(calling, measuring).await;
    let milliseconds = milliseconds.into_inner();
    assert!(!milliseconds.is_empty(), "{} was not answered once", operation.name);
    Round { per_second: milliseconds.len() as f64 / elapsed, milliseconds, used }
}

//! Ends an instance of the service at a statement: from then on no further statement of it runs, and the connections
//! that were at work are closed with whatever they had not committed.

use std::{
    collections::BTreeMap,
    fs,
    panic::resume_unwind,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use secrecy::{ExposeSecret as _, SecretString};
use stakis_identity::config::DatabaseUrl;
use tokio::sync::watch;

use super::TestDatabase;

/// The lives that are watched, by the address that their connections use.
static LIVES: Mutex<BTreeMap<String, Arc<Life>>> = Mutex::new(BTreeMap::new());

/// Whether a moment is just before a statement or just after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// One instance, from its start to the point at which it ends.
pub(crate) struct Life {
    address: String,
    /// The points that the instance has reached since it was told where to end.
    reached: AtomicUsize,
    /// The point at which it ends; 0 while nothing is counted.
    ends_at: AtomicUsize,
    is_over: AtomicBool,
    statements: Mutex<Vec<String>>,
    /// What the point was at which it ended.
    ended: watch::Sender<Option<String>>,
}

impl Life {
    /// Begins to watch an instance over `watch_statements`, and returns the address of the database by which its
    /// connections are told from others.
    pub(crate) fn begin(database: &TestDatabase) -> (Arc<Self>, DatabaseUrl) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let mark = format!("life_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let url = match &database.url {
            DatabaseUrl::Sqlite(path) => {
                let (folder, name) = (path.parent().unwrap().join(&mark), path.file_name().unwrap());
                fs::create_dir(&folder).unwrap();
                DatabaseUrl::Sqlite(folder.join("..").join(name))
            }
            DatabaseUrl::Postgres(_) => {
                DatabaseUrl::Postgres(SecretString::from(format!("{}?application_name={mark}", database.url_text)))
            }
        };
        let address = match &url {
            DatabaseUrl::Sqlite(path) => path.to_str().unwrap().to_owned(),
            DatabaseUrl::Postgres(url) => url.expose_secret().to_owned(),
        };
        let life = Arc::new(Self {
            address: address.clone(),
            reached: AtomicUsize::new(0),
            ends_at: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            statements: Mutex::default(),
            ended: watch::Sender::new(None),
        });
        LIVES.lock().unwrap_or_else(PoisonError::into_inner).insert(address, life.clone());
        (life, url)
    }

    /// The life of the instance whose connection uses this address.
    pub(super) fn of(address: &str) -> Option<Arc<Self>> {
        LIVES.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Counts points from now on. The instance ends at this one, of which the first is 1.
    pub(crate) fn end_at(&self, point: usize) {
        self.ends_at.store(point, Ordering::SeqCst);
    }

    /// The number of points that were reached.
    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }

    /// Waits until the instance has ended at its point, and says what the point was.
    pub(crate) async fn ended(&self) -> String {
        let mut ended = self.ended.subscribe();
        let point = ended.wait_for(Option::is_some).await.unwrap();
        point.clone().unwrap()
    }

    /// What the point was at which the instance has ended, if it has.
    pub(crate) fn end(&self) -> Option<String> {
        self.ended.borrow().clone()
    }

    /// Takes the statements that have begun since the last call.
    pub(crate) fn take_statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the instance, wherever it is.
    pub(crate) fn stop(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    /// Takes note of a statement. What prepares or tests a connection belongs to no use case.
    pub(super) fn meet(&self, side: Side, statement: &str, is_in_transaction: bool) {
        if is_of_connection(statement) {
            return;
        }
        if self.is_over.load(Ordering::SeqCst) {
            die();
        }
        if side == Side::Before {
            self.statements.lock().unwrap_or_else(PoisonError::into_inner).push(statement.to_owned());
        }
        // Between two statements of a transaction nothing but this transaction happens. Before its first one, mails and
        // webhooks may have been handed over.
        let is_point = side == Side::After || !is_in_transaction;
        let ends_at = self.ends_at.load(Ordering::SeqCst);
        if !is_point || ends_at == 0 || self.reached.fetch_add(1, Ordering::SeqCst) + 1 != ends_at {
            return;
        }
        self.is_over.store(true, Ordering::SeqCst);
        self.ended.send_replace(Some(format!("{side:?} {statement}")));
        die();
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Forgets an instance that has ended.
pub(crate) fn forget(life: &Life) {
    life.stop();
    LIVES.lock().unwrap_or_else(PoisonError::into_inner).remove(&life.address);
}

/// Unwinds the thread that works for the instance, which closes its connection.
fn die() {
    if !std::thread::panicking() {
        resume_unwind(Box::new("the instance has ended"));
    }
}

fn is_of_connection(statement: &str) -> bool {
    ["PRAGMA ", "SET ", "SELECT 1", "SELECT current_setting"].iter().any(|start| statement.starts_with(start))
}

//! What is read when the metrics are asked for.

use prometheus::{Registry, proto::MetricFamily};

use super::{
    database::{self, ConnectionReading},
    definition::Definitions,
    hashes::HashReading,
    jobs::{self, JobReading},
    process,
    trail::TrailReading,
    webhooks::WebhookReading,
};

/// The values that are read when the metrics are asked for.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    /// The pool that computes password hashes.
    pub hashes: HashReading,
    /// The connections to the database.
    pub connections: ConnectionReading,
    /// The seconds since the key that signs access tokens began to sign; `None` where there is no key.
    pub signing_key_age_seconds: Option<i64>,
    /// What the tables hold; `None` where the database does not answer.
    pub stored: Option<StoredReading>,
}

/// What the tables hold, for all instances.
#[derive(Debug, Clone, Default)]
pub struct StoredReading {
    /// The jobs in the queue. Kinds and states without a job may be left out.
    pub jobs: Vec<JobReading>,
    /// The seal of the audit trail.
    pub trail: TrailReading,
    /// The endpoints of webhooks.
    pub webhooks: WebhookReading,
}

impl Readings {
    /// The families of what was read. They have a registry of their own, so that what could not be read is left out.
    pub(super) fn families(&self) -> Result<Vec<MetricFamily>, prometheus::Error> {
        let registry = Registry::new();
        let definitions = Definitions(&registry);
        process::read(&definitions)?;
        self.hashes.read(&definitions)?;
        self.connections.read(&definitions)?;
        database::read_up(&definitions, self.stored.is_some())?;
        if let Some(seconds) = self.signing_key_age_seconds {
            let help = "For how long the key that signs access tokens has done so.";
            definitions.gauge("stakis_signing_key_age_seconds", help)?.set(seconds);
        }
        if let Some(StoredReading { jobs, trail, webhooks }) = &self.stored {
            jobs::read(&definitions, jobs)?;
            trail.read(&definitions)?;
            webhooks.read(&definitions)?;
        }
        Ok(registry.gather())
    }
}

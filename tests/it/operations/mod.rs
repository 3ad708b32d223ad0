//! Running the service: commands, settings, processes, outages, metrics, the audit trail, and what is deleted or never
//! written.

mod audit;
mod command_line;
mod forgetting;
mod kill;
mod mail_settings;
mod memory;
mod metrics;
mod outages;
mod plans;
mod pooler;
mod production;
mod secrets;
mod several_instances;
mod unfit_connections;
mod upgrade;
mod worker;

//! Running the service: commands, settings, processes, outages, metrics, the audit trail, and what is deleted or never
//! written.

mod audit;
mod brand_settings;
mod command_line;
mod encrypted;
mod forgetting;
mod kill;
mod mail_settings;
mod memory;
mod metrics;
mod new_epoch;
mod outages;
mod plans;
mod pooler;
mod previous_release;
mod previous_statements;
mod production;
mod readiness;
mod round_trips;
mod secrets;
mod security_contact;
mod several_instances;
mod stopping;
mod unfit_connections;
mod upgrade;
mod worker;

//! Running the service: commands, settings, processes, outages, metrics, the audit trail, and what is deleted or never
//! written.

mod account_commands;
mod audit;
mod brand_settings;
mod command_line;
mod doctor;
mod encrypted;
mod forgetting;
mod kill;
mod mail_settings;
mod memory;
mod metrics;
mod new_epoch;
mod observability;
mod outages;
pub(crate) mod plans;
mod pooler;
mod previous_release;
mod previous_statements;
mod production;
mod readiness;
mod restored_backup;
mod rights;
mod round_trips;
mod runbooks;
mod safe_by_default;
mod secrets;
mod security_contact;
mod series;
mod several_instances;
mod stopping;
mod traces;
mod traces_of_processes;
mod unfit_connections;
mod upgrade;
mod worker;

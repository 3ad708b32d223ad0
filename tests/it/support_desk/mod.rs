//! The diagnosis that support reads: why no mail arrived. Each story ends in the finding that decides it.

mod account_findings;
mod answer;
mod link_findings;
mod mail_findings;

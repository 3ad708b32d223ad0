//! The diagnosis for support: why did no mail arrive? Each test ends in the finding that decides it.

mod account_findings;
mod advice;
mod answer;
mod link_findings;
mod mail_findings;
mod timeline;

//! The diagnosis for support: why did no mail arrive? Each test of a finding ends in the one that decides it. `page` and its
//! neighbours are about the page on which people ask.

mod account_findings;
mod advice;
mod answer;
mod bounce_findings;
mod link_findings;
mod mail_findings;
mod old_password;
mod page;
mod page_in_browser;
mod page_session;
mod timeline;

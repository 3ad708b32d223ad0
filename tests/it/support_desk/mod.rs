//! The diagnosis for support: why did no mail arrive? Each test of a finding ends in the one that decides it. `page` and its
//! neighbours are about the page on which people ask. `acts` are what support does for a customer, and `caller_codes` and
//! `caller_code_reach` how it learns who is calling.

mod account_findings;
mod acts;
mod advice;
mod answer;
mod bounce_findings;
mod caller_code_reach;
mod caller_codes;
mod link_findings;
mod mail_findings;
mod old_password;
mod page;
mod page_in_browser;
mod page_session;
mod timeline;

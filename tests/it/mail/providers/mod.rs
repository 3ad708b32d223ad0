//! Requests to each mail API, checked against its documentation, and the effect of its published answers on a mail.

mod answers;
mod api;
mod brevo;
mod faults;
mod harness;
mod mailpit;
mod postmark;
mod requests;
mod resend;
mod schema;
mod sendgrid;

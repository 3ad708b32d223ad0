//! What each mail API is given, checked against its documentation, and what its published answers do to a mail.

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

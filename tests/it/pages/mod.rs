//! The hosted pages, as files and in a browser.

mod browser;
mod own_hands;
mod served;

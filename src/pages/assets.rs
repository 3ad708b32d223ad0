//! The scripts, styles and images of the pages.

/// A file that a page refers to.
pub struct Asset {
    /// The media type of the file.
    pub content_type: &'static str,
    /// The content of the file.
    pub content: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Finds a file by its name.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    let (content_type, content) = match name {
        "account.js" => (JAVASCRIPT, include_str!("assets/account.js")),
        "api.js" => (JAVASCRIPT, include_str!("assets/api.js")),
        "change-password.js" => (JAVASCRIPT, include_str!("assets/change-password.js")),
        "devices.js" => (JAVASCRIPT, include_str!("assets/devices.js")),
        "forgot-password.js" => (JAVASCRIPT, include_str!("assets/forgot-password.js")),
        "form.js" => (JAVASCRIPT, include_str!("assets/form.js")),
        "icon.svg" => (SVG, include_str!("assets/icon.svg")),
        "new-password.js" => (JAVASCRIPT, include_str!("assets/new-password.js")),
        "not-me.js" => (JAVASCRIPT, include_str!("assets/not-me.js")),
        "pages.css" => (CSS, include_str!("assets/pages.css")),
        // This file is compiled from `openapi/typescript/proof-of-work.ts`. A test compares them.
        "proof-of-work.js" => (JAVASCRIPT, include_str!("assets/proof-of-work.js")),
        "request-reset.js" => (JAVASCRIPT, include_str!("assets/request-reset.js")),
        "session.js" => (JAVASCRIPT, include_str!("assets/session.js")),
        "sign-in.js" => (JAVASCRIPT, include_str!("assets/sign-in.js")),
        "strength.js" => (JAVASCRIPT, include_str!("assets/strength.js")),
        "support.css" => (CSS, include_str!("assets/support.css")),
        "support.js" => (JAVASCRIPT, include_str!("assets/support.js")),
        "support-acts.js" => (JAVASCRIPT, include_str!("assets/support-acts.js")),
        "support-answer.js" => (JAVASCRIPT, include_str!("assets/support-answer.js")),
        "support-session.js" => (JAVASCRIPT, include_str!("assets/support-session.js")),
        "tab-storage.js" => (JAVASCRIPT, include_str!("assets/tab-storage.js")),
        "token.js" => (JAVASCRIPT, include_str!("assets/token.js")),
        "window.js" => (JAVASCRIPT, include_str!("assets/window.js")),
        "withdraw-reset.js" => (JAVASCRIPT, include_str!("assets/withdraw-reset.js")),
        _ => return None,
    };
    Some(Asset { content_type, content })
}

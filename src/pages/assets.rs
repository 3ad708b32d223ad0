//! The scripts, styles and images of the pages.

use std::borrow::Cow;

use crate::brand::{Brand, Palette, Scheme};

/// A file that a page refers to.
pub struct Asset {
    /// The media type of the file.
    pub content_type: &'static str,
    /// The content of the file.
    pub content: Cow<'static, [u8]>,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Whether a file belongs to the support page alone.
#[must_use]
pub fn is_of_support(name: &str) -> bool {
    name.starts_with("support")
}

/// Finds a file by its name. A few of them depend on the brand.
#[must_use]
pub fn asset(brand: &Brand, name: &str) -> Option<Asset> {
    let (content_type, content) = match name {
        "brand.css" => (CSS, brand_css(&brand.palette).into_bytes()),
        // The colour of the brand takes the place of the one in the drawing.
        "icon.svg" => (SVG, ICON.replace(ICON_COLOR, &brand.palette.light.accent.to_string()).into_bytes()),
        "logo" => {
            let logo = brand.logo.as_ref()?;
            (logo.content_type, logo.content.to_vec())
        }
        _ => return fixed_asset(name),
    };
    Some(Asset { content_type, content: content.into() })
}

const ICON: &str = include_str!("assets/icon.svg");
const ICON_COLOR: &str = "#0b57a4";

/// The grounds and the colours of the brand as variables of CSS. White is legible on the accent of light surroundings, which is therefore
/// the ground of the brand's own pane in both.
fn brand_css(palette: &Palette) -> String {
    let variables = |scheme: &Scheme| {
        let Scheme { accent, accent_hover, on_accent, tint, card, ground } = scheme;
        let accents = format!("--accent:{accent};--accent-hover:{accent_hover};--on-accent:{on_accent};");
        format!("{accents}--tint:{tint};--card:{card};--ground:{ground};")
    };
    format!(
        ":root{{{}--pane:{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
        variables(&palette.light),
        palette.light.accent,
        variables(&palette.dark)
    )
}

fn fixed_asset(name: &str) -> Option<Asset> {
    let (content_type, content) = match name {
        "account.js" => (JAVASCRIPT, include_str!("assets/account.js")),
        "account-activity.js" => (JAVASCRIPT, include_str!("assets/account-activity.js")),
        "account-caller.js" => (JAVASCRIPT, include_str!("assets/account-caller.js")),
        "account-devices.js" => (JAVASCRIPT, include_str!("assets/account-devices.js")),
        "account-email.js" => (JAVASCRIPT, include_str!("assets/account-email.js")),
        "account-lock-down.js" => (JAVASCRIPT, include_str!("assets/account-lock-down.js")),
        "api.js" => (JAVASCRIPT, include_str!("assets/api.js")),
        "change-password.js" => (JAVASCRIPT, include_str!("assets/change-password.js")),
        "confirm-email.js" => (JAVASCRIPT, include_str!("assets/confirm-email.js")),
        "dates.js" => (JAVASCRIPT, include_str!("assets/dates.js")),
        "devices.js" => (JAVASCRIPT, include_str!("assets/devices.js")),
        "forgot-password.js" => (JAVASCRIPT, include_str!("assets/forgot-password.js")),
        "form.js" => (JAVASCRIPT, include_str!("assets/form.js")),
        "link-form.js" => (JAVASCRIPT, include_str!("assets/link-form.js")),
        "new-password.js" => (JAVASCRIPT, include_str!("assets/new-password.js")),
        "not-me.js" => (JAVASCRIPT, include_str!("assets/not-me.js")),
        "pages.css" => (CSS, include_str!("assets/pages.css")),
        // This file is compiled from `openapi/typescript/proof-of-work.ts`. A test compares them.
        "proof-of-work.js" => (JAVASCRIPT, include_str!("assets/proof-of-work.js")),
        "request-reset.js" => (JAVASCRIPT, include_str!("assets/request-reset.js")),
        "secret.js" => (JAVASCRIPT, include_str!("assets/secret.js")),
        "session.js" => (JAVASCRIPT, include_str!("assets/session.js")),
        "sign-in.js" => (JAVASCRIPT, include_str!("assets/sign-in.js")),
        "signed-in.js" => (JAVASCRIPT, include_str!("assets/signed-in.js")),
        "strength.js" => (JAVASCRIPT, include_str!("assets/strength.js")),
        "support.css" => (CSS, include_str!("assets/support.css")),
        "support.js" => (JAVASCRIPT, include_str!("assets/support.js")),
        "support-acts.js" => (JAVASCRIPT, include_str!("assets/support-acts.js")),
        "support-answer.js" => (JAVASCRIPT, include_str!("assets/support-answer.js")),
        "support-session.js" => (JAVASCRIPT, include_str!("assets/support-session.js")),
        "tab-storage.js" => (JAVASCRIPT, include_str!("assets/tab-storage.js")),
        "token.js" => (JAVASCRIPT, include_str!("assets/token.js")),
        "window.js" => (JAVASCRIPT, include_str!("assets/window.js")),
        "withdraw-email.js" => (JAVASCRIPT, include_str!("assets/withdraw-email.js")),
        "withdraw-reset.js" => (JAVASCRIPT, include_str!("assets/withdraw-reset.js")),
        _ => return None,
    };
    Some(Asset { content_type, content: content.as_bytes().into() })
}

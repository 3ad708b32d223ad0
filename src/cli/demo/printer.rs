//! The output of the demo: steps, requests, answers and mails.

use std::io::{self, IsTerminal as _};

use serde_json::Value;

use crate::cli::output::tell;

pub(super) struct Printer {
    colours: bool,
    step: u32,
}

impl Printer {
    pub(super) fn new() -> Self {
        Self { colours: io::stdout().is_terminal(), step: 0 }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Begins the next step of the walk.
    pub(super) fn step(&mut self, title: &str) {
        self.step += 1;
        tell(format_args!("\n{}", self.paint("1", &format!("{}. {title}", self.step))));
    }

    pub(super) fn request(&self, method: &str, path: &str, body: Option<&Value>) {
        tell(format_args!("   {} {}", self.paint("36", "→"), self.paint("36", &format!("{method} {path}"))));
        if let Some(body) = body {
            self.json(body);
        }
    }

    pub(super) fn answer(&self, status: u16, body: &Value) {
        let code = if status < 400 { "32" } else { "33" };
        tell(format_args!("   {} {}", self.paint(code, "←"), self.paint(code, &status.to_string())));
        self.json(body);
    }

    /// Prints a mail in a frame.
    pub(super) fn mail(&self, head: &[(&str, &str)], text: &str) {
        tell(format_args!("   ┌{}", "─".repeat(76)));
        for (name, value) in head {
            tell(format_args!("   │ {} {value}", self.paint("2", &format!("{name:<8}"))));
        }
        tell("   │");
        for line in text.trim_end().lines() {
            tell(format_args!("   │ {line}"));
        }
        tell(format_args!("   └{}", "─".repeat(76)));
    }

    /// Prints whether a check of a step succeeded.
    pub(super) fn verdict(&self, passed: bool, sentence: &str) {
        let mark = if passed { self.paint("32", "✓") } else { self.paint("31", "✗") };
        tell(format_args!("   {mark} {sentence}"));
    }

    fn json(&self, value: &Value) {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        for line in text.lines() {
            tell(format_args!("     {}", self.paint("2", &shorten(line))));
        }
    }
}

/// Shortens a signed token, which is long and cannot be read by people.
fn shorten(line: &str) -> String {
    let length = line.chars().count();
    if length <= 150 {
        return line.to_owned();
    }
    let head: String = line.chars().take(100).collect();
    format!("{head}… ({length} characters)")
}

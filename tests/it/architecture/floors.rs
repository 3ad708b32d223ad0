//! The layers of the crate, here called floors: which module, here called a room, may depend on which other one.

use super::arrows::{Arrow, Place};

/// The rooms inside one module, from the top down.
pub(super) struct Floors {
    /// The module; empty for the crate.
    pub(super) inside: &'static [&'static str],
    pub(super) rows: &'static [Row],
}

/// Rooms on one floor. They do not depend on rooms above.
pub(super) struct Row {
    /// `*` stands for every room that no row names.
    rooms: &'static [&'static str],
    may_know_each_other: bool,
}

/// Rooms that do not depend on each other.
pub(super) const fn apart(rooms: &'static [&'static str]) -> Row {
    Row { rooms, may_know_each_other: false }
}

/// Rooms that may depend on each other without a cycle.
pub(super) const fn together(rooms: &'static [&'static str]) -> Row {
    Row { rooms, may_know_each_other: true }
}

/// The floors of the crate, and those inside its largest modules.
pub(super) const FLOORS: &[Floors] = &[
    Floors {
        inside: &[],
        rows: &[
            apart(&["cli"]),
            apart(&["http", "jobs", "mailbox"]),
            apart(&["identity"]),
            apart(&["app"]),
            apart(&["store", "crypto", "mail", "limits", "policy", "pages"]),
            apart(&["config", "texts", "metrics", "inbound", "outbound"]),
            apart(&["brand", "telemetry"]),
            apart(&["types"]),
        ],
    },
    Floors {
        inside: &["identity"],
        rows: &[
            apart(&["activity", "import", "measurements", "restore", "support"]),
            apart(&["accounts"]),
            apart(&["sign_in", "reset", "email_change"]),
            apart(&[
                "admission",
                "audit",
                "caller_codes",
                "clients",
                "events",
                "lock_down",
                "outbox",
                "passwords",
                "upkeep",
                "webhooks",
            ]),
            apart(&["sessions"]),
            apart(&["abuse"]),
            apart(&["administration", "idempotency", "notice", "periodic", "sealed_cursor", "signing_keys"]),
            apart(&["address", "live_link", "work"]),
            apart(&["transaction"]),
            apart(&["refusal"]),
            apart(&["field_error", "decoy"]),
        ],
    },
    Floors {
        inside: &["http"],
        rows: &[together(&["*"]), apart(&["door"]), apart(&["problem"]), apart(&["timestamp"])],
    },
    Floors { inside: &["store"], rows: &[together(&["*"]), apart(&["engine", "schema"])] },
];

impl Floors {
    /// The arrows between the rooms of this module that lead up, or sideways where that is not allowed.
    pub(super) fn broken_by(&self, arrows: &[Arrow]) -> Vec<String> {
        let mut broken = Vec::new();
        for arrow in arrows.iter().filter(|arrow| !arrow.is_declaration) {
            for end in arrow.through.iter().chain([&arrow.to]) {
                let (Some(above), Some(below)) = (self.room(&arrow.from), self.room(end)) else { continue };
                if !self.is_allowed(above, below) {
                    let Arrow { from, name, .. } = arrow;
                    broken.push(format!("{} ({above}) needs {name} of {} ({below})", from.file, end.file));
                }
            }
        }
        broken
    }

    /// The room that a file is in; `None` for a file outside this module, and for the module's own `mod.rs`.
    fn room<'a>(&self, place: &'a Place) -> Option<&'a str> {
        let is_inside = place.module.len() > self.inside.len() && place.module.starts_with(&self.names());
        is_inside.then(|| place.module[self.inside.len()].as_str())
    }

    fn names(&self) -> Vec<String> {
        self.inside.iter().map(|name| (*name).to_owned()).collect()
    }

    fn is_allowed(&self, above: &str, below: &str) -> bool {
        let (upper, lower) = (self.row(above), self.row(below));
        above == below || upper < lower || upper == lower && self.rows[upper].may_know_each_other
    }

    fn row(&self, room: &str) -> usize {
        let row_with = |name: &str| self.rows.iter().position(|row| row.rooms.contains(&name));
        row_with(room).or_else(|| row_with("*")).unwrap_or_else(|| panic!("{room} is on no floor"))
    }
}

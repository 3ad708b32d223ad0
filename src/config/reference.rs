//! The documentation of all settings, rendered from their definitions.

use std::fmt::Write as _;

use super::{catalogue::GROUPS, setting::SettingDescription};

const INTRODUCTION: &str = "\
# Configuration

This page is generated from the definitions in `src/config`. After a change there, write it with
`STAKIS_TEST_WRITE=1 cargo test --test it configuration`.

- All settings are environment variables. A variable with an empty value counts as unset.
- A secret can also be given as `<name>_FILE`, the path of a file with the value, such as a mounted secret. Of a variable
  and its `_FILE` only one may be set.
- A command starts only if every setting is right. It names all problems at once, and shows the value of no secret.
- A variable that begins with `STAKIS_` and is no setting is a problem too; the message names the setting that was probably
  meant. Variables that Kubernetes adds for every service of a namespace, and `STAKIS_TEST_…`, are passed over.
- `serve`, `worker` and the other commands read the same settings: give each of them the same environment.
- Logs follow `RUST_LOG`, such as `RUST_LOG=warn`.

Production needs at least:

```sh
STAKIS_ENVIRONMENT=production
STAKIS_PUBLIC_URL=https://identity.example.com
STAKIS_DATABASE_URL=postgres://stakis:…@db.example.com/stakis    # or sqlite:/data/stakis.db, for one instance
STAKIS_SECRET_KEY=…                                              # openssl rand -base64 32
STAKIS_MAIL_PROVIDER=resend
STAKIS_MAIL_API_KEY=…
```
";

/// `docs/configuration.md`: a table of settings for each concern.
#[must_use]
pub fn configuration_reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    for group in GROUPS {
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {}\n\n", group.title);
        let introduction = (group.introduction)();
        if !introduction.is_empty() {
            let _ = write!(page, "{introduction}\n\n");
        }
        page.push_str("| setting | secret | default | allowed | what it does |\n|---|---|---|---|---|\n");
        for setting in group.settings {
            page.push_str(&row(&setting.describe()));
        }
    }
    page
}

fn row(setting: &SettingDescription) -> String {
    let SettingDescription { name, is_secret, default, allowed, sentence } = setting;
    let secret = if *is_secret { "yes" } else { "" };
    format!("| `{name}` | {secret} | {default} | {allowed} | {sentence} |\n")
}

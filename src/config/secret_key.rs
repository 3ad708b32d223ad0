//! The one secret from which all others are derived.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::{
    environment::Environment,
    setting::{Form, Group, Nothing, Objections, Reader, Secrecy, Setting},
};
use crate::types::random_bytes;

pub(super) const GROUP: Group =
    Group { title: "Secret key", introduction: String::new, settings: &[&SECRET_KEY, &SECRET_KEY_PREVIOUS] };

const SECRET_KEY: Setting<KeyForm, Nothing> = Setting {
    name: "STAKIS_SECRET_KEY",
    secrecy: Secrecy::Secret,
    form: KeyForm,
    unset: Nothing(
        "required in production; in development generated once and kept as `secret.key` in `STAKIS_DATA_DIR`",
    ),
    sentence: "The key from which tokens are derived and with which signing keys are encrypted. Every instance needs the same \
               one. `openssl rand -base64 32` makes one.",
};

pub(super) const SECRET_KEY_PREVIOUS: Setting<KeyForm, Nothing> = Setting {
    name: "STAKIS_SECRET_KEY_PREVIOUS",
    secrecy: Secrecy::Secret,
    form: KeyForm,
    unset: Nothing("none"),
    sentence: "The secret key before the present one, while the key is being changed: links made under it stay valid. \
               Remove it 24 hours after the change.",
};

/// Reads the key of the setting. In development its default is the key in the data folder, which is created on first
/// use.
pub(super) fn secret_key(reader: &mut Reader, data_dir: &Path) -> Option<SecretKeyBytes> {
    let key = SECRET_KEY.read(reader);
    if SECRET_KEY.is_given(reader) {
        return key;
    }
    if reader.environment().is_production() {
        SECRET_KEY.object(reader, [format!("must be set in production ({MAKE_ONE})")]);
        return None;
    }
    let key = SecretKeyBytes::read_or_create(data_dir).map_err(|problem| SECRET_KEY.object(reader, [problem])).ok();
    reader.warn_of_readers(&data_dir.join(KEY_FILE));
    key
}

pub(super) struct KeyForm;

impl Form for KeyForm {
    type Value = SecretKeyBytes;

    fn allowed(&self) -> String {
        format!("base64 of at least {FEWEST_BYTES} random bytes")
    }

    fn parse(&self, text: &str, _: Environment) -> Result<SecretKeyBytes, Objections> {
        SecretKeyBytes::parse(&SecretString::from(text)).map_err(|objection| vec![objection])
    }
}

/// At least 32 bytes of key material.
#[derive(Debug, Clone)]
pub struct SecretKeyBytes(SecretSlice<u8>);

/// The file in the data folder that development keeps its key in.
const KEY_FILE: &str = "secret.key";
const MAKE_ONE: &str = "openssl rand -base64 32 makes one";
const FEWEST_BYTES: usize = 32;
/// 32 random bytes hold about 30 different values; fewer than 16 does not happen by chance.
const FEWEST_DIFFERENT_BYTES: usize = 16;

impl SecretKeyBytes {
    /// Reads base64. The error completes a sentence that begins with the name of the setting.
    pub fn parse(text: &SecretString) -> Result<Self, String> {
        let bytes = BASE64
            .decode(text.expose_secret().trim().as_bytes())
            .map_err(|_| format!("must be base64 ({MAKE_ONE})"))?;
        if bytes.len() < FEWEST_BYTES {
            return Err(format!("must hold at least {FEWEST_BYTES} bytes ({MAKE_ONE})"));
        }
        if bytes.iter().collect::<BTreeSet<_>>().len() < FEWEST_DIFFERENT_BYTES {
            return Err(format!("must be random ({MAKE_ONE})"));
        }
        Ok(Self(SecretSlice::from(bytes)))
    }

    /// The key material, for derivation only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Reads `secret.key` from the data folder, or makes it, readable by its owner alone. For development.
    fn read_or_create(data_dir: &Path) -> Result<Self, String> {
        let path = data_dir.join(KEY_FILE);
        let describe = |error: io::Error| format!("(development) cannot use {}: {error}", path.display());
        fs::create_dir_all(data_dir).map_err(describe)?;
        // Processes that start at the same time take turns, or one could read what the other has half written.
        let folder = File::open(data_dir).map_err(describe)?;
        folder.lock().map_err(describe)?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                let text = BASE64.encode(&random_bytes::<32>());
                file.write_all(format!("{text}\n").as_bytes()).map_err(describe)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(describe(error)),
        }
        let text = fs::read_to_string(&path).map_err(describe)?;
        Self::parse(&SecretString::from(text)).map_err(|problem| format!("in {}: {problem}", path.display()))
    }
}

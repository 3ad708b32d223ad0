//! The one secret from which all others are derived.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::types::random_bytes;

/// At least 32 bytes of key material.
#[derive(Debug, Clone)]
pub struct SecretKeyBytes(SecretSlice<u8>);

const FEWEST_BYTES: usize = 32;
/// 32 random bytes hold about 30 different values; fewer than 16 does not happen by chance.
const FEWEST_DIFFERENT_BYTES: usize = 16;

impl SecretKeyBytes {
    /// Reads base64; the error completes a sentence that begins with the setting's name.
    pub fn parse(text: &SecretString) -> Result<Self, String> {
        let bytes = BASE64
            .decode(text.expose_secret().trim().as_bytes())
            .map_err(|_| "must be base64 (openssl rand -base64 32 makes one)".to_owned())?;
        if bytes.len() < FEWEST_BYTES {
            return Err(format!("must hold at least {FEWEST_BYTES} bytes (openssl rand -base64 32 makes one)"));
        }
        if bytes.iter().collect::<BTreeSet<_>>().len() < FEWEST_DIFFERENT_BYTES {
            return Err("is not random (openssl rand -base64 32 makes one)".to_owned());
        }
        Ok(Self(SecretSlice::from(bytes)))
    }

    /// The key material, for derivation only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Development only: reads `secret.key` from the data directory, or makes it, readable by its owner alone.
    pub(super) fn read_or_create(data_dir: &Path) -> Result<Self, String> {
        let path = data_dir.join("secret.key");
        let describe = |error: io::Error| format!("(development) cannot use {}: {error}", path.display());
        fs::create_dir_all(data_dir).map_err(describe)?;
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

//! Reading access tokens, and forging them.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;
use stakis_identity::{crypto::Sealed, store};

use super::TestApp;

/// The id and the private key with which the service signs. Only the service has it outside of tests.
pub(crate) async fn own_key(app: &TestApp) -> (String, EncodingKey) {
    let rows = app.app.database.read(store::signing_keys::list).await.unwrap();
    let sealed = Sealed { secret_key_id: rows[0].secret_key_id.clone(), text: rows[0].sealed_private_key.clone() };
    let der = app.app.keyring.open(&rows[0].id, &sealed).unwrap();
    (rows[0].id.clone(), EncodingKey::from_ec_der(&der))
}

pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// Signs any header and claims, given as text.
pub(crate) fn sign(key: &EncodingKey, header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|text| BASE64URL_NOPAD.encode(text.as_bytes()));
    let message = format!("{header}.{claims}");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

//! How machine clients authenticate themselves.

use super::text_enum;

text_enum! {
    /// How a machine client authenticates itself, by the names of the registry "OAuth Token Endpoint Authentication Methods".
    pub enum ClientMethod {
        /// The secret, by HTTP Basic (RFC 6749 §2.3.1).
        SecretBasic = "client_secret_basic",
        /// The secret, in the form (RFC 6749 §2.3.1).
        SecretPost = "client_secret_post",
        /// An assertion that the client signs with its own key (RFC 7523 §2.2).
        PrivateKeyJwt = "private_key_jwt",
    }
}

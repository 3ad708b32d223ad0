//! The password hashes of other systems, which an import brings along. [`parse`] reads every form into a [`Digest`]: a
//! [`Work`], which says what it costs to compute one, with its salt and its bytes. `bounds` refuses what would cost too
//! much, `wrapped` is a fast hash that argon2id protects, and [`StoredHash`] reads whatever a row may hold.
//!
//! The forms have a file for each family: `phc`, `crypt` (bcrypt, MD5-crypt, SHA-crypt), `django`, `aspnet` and `ldap`.

mod aspnet;
mod bounds;
mod crypt;
mod django;
mod error;
mod form;
mod ldap;
mod md5_crypt;
mod phc;
mod scheme;
mod work;
mod work_text;
mod wrapped;

pub use error::HashRefused;
pub use form::parse;
pub use work::{Digest, Work};
pub use wrapped::StoredHash;
pub(in crate::crypto) use wrapped::write_wrapped;

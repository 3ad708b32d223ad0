//! The schemes of password hashes.

use super::text_enum;

text_enum! {
    /// How a password is hashed. The text is the label of the metric and the word of reports.
    pub enum HashScheme {
        /// Argon2id of this service at the present cost.
        Present = "present",
        /// A fast hash of another system, protected by argon2id (PW-11).
        Wrapped = "wrapped",
        /// Argon2 of another kind or cost.
        Argon2 = "argon2",
        /// bcrypt.
        Bcrypt = "bcrypt",
        /// MD5-crypt.
        Md5Crypt = "md5_crypt",
        /// PBKDF2 with HMAC-SHA-1, those of ASP.NET Identity v2 included.
        Pbkdf2Sha1 = "pbkdf2_sha1",
        /// PBKDF2 with HMAC-SHA-256, those of ASP.NET Identity v3 and Django included.
        Pbkdf2Sha256 = "pbkdf2_sha256",
        /// PBKDF2 with HMAC-SHA-512, those of ASP.NET Identity v3 included.
        Pbkdf2Sha512 = "pbkdf2_sha512",
        /// scrypt.
        Scrypt = "scrypt",
        /// SHA-crypt with SHA-256.
        Sha256Crypt = "sha256_crypt",
        /// SHA-crypt with SHA-512.
        Sha512Crypt = "sha512_crypt",
        /// Salted SHA-1 of LDAP directories.
        Ssha = "ssha",
        /// Salted SHA-256 of LDAP directories.
        Ssha256 = "ssha256",
        /// Salted SHA-512 of LDAP directories.
        Ssha512 = "ssha512",
    }
}

//! What can be wrong with a field.

use super::text_enum;

text_enum! {
    /// What is wrong with a field of a request. The code of a password rule is the code of the field error that tells
    /// of its breach.
    pub enum FieldCode {
        /// The field is missing. Send it.
        Required = "required",
        /// The `Idempotency-Key` was sent before with another body. Send a new key with a new request.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// Another field is there that excludes this one. Send one of the two.
        OneOfTwo = "one_of_two",
        /// The value does not have the form of the field, such as six digits of a customer number. Correct the value.
        InvalidFormat = "invalid_format",
        /// The address of a webhook endpoint leads nowhere that events may be sent to: it is not https on an allowed port of a
        /// public host with a name, or its name does not exist. Give another address.
        NotAllowed = "not_allowed",
        /// The customer number is not the one that the link was sent for. Send the number that the mail is about.
        CustomerNumberMismatch = "customer_number_mismatch",
        /// The repetition is not the new password. Have the customer type both again.
        PasswordsDiffer = "passwords_differ",
        /// The password has fewer characters than the policy asks for, or a name has none that is seen. Have the customer
        /// choose a longer one.
        TooShort = "too_short",
        /// The password has more than 128 characters, or a name more than 40. Have the customer choose a shorter one.
        TooLong = "too_long",
        /// The password has no capital letter. Have the customer add one, or choose a longer password.
        MissingUppercase = "missing_uppercase",
        /// The password has no small letter. Have the customer add one, or choose a longer password.
        MissingLowercase = "missing_lowercase",
        /// The password has no digit. Have the customer add one, or choose a longer password.
        MissingDigit = "missing_digit",
        /// The password is one of those that most people choose. Have the customer choose another.
        CommonPassword = "common_password",
        /// The password is the customer number with little else in it. Have the customer choose another.
        ContainsCustomerNumber = "contains_customer_number",
        /// The password is the mail address, or its local part, with little else in it. Have the customer choose
        /// another.
        ContainsEmail = "contains_email",
        /// The password is the name of the brand or of the service with little else in it. Have the customer choose
        /// another.
        ContainsBrand = "contains_brand",
        /// The password is the example that the customer guide prints, or a variant of it. Have the customer choose
        /// another.
        PublishedExample = "published_example",
        /// The password is known to have leaked elsewhere. Have the customer choose one that is used nowhere else.
        BreachedPassword = "breached_password",
        /// The new password, or the new address, is the present one. Have the customer choose another.
        SameAsCurrent = "same_as_current",
        /// The new password is one that the account had before. Have the customer choose another.
        UsedRecently = "used_recently",
        /// Support alone can change the value now. Show the support contact.
        SupportRequired = "support_required",
        /// The current password is not the one of the account. Have the customer type it again, or reset it.
        IncorrectPassword = "incorrect_password",
        /// Another row of the import has the same customer number. Send one row for each customer.
        DuplicateNumber = "duplicate_number",
        /// The row is right, and rows that are not keep it out. Correct those, or send `?continue=true`.
        KeptOut = "kept_out",
        /// The hash of the password has none of the documented forms. Leave it out: the customer sets one by mail.
        UnknownHash = "unknown_hash",
        /// The hash of the password protects hardly anything. Leave it out: the customer sets a password by mail.
        HashTooWeak = "hash_too_weak",
        /// Verifying the hash would take too long. Leave it out: the customer sets a password by mail.
        HashTooDear = "hash_too_dear",
        /// The body is no JSON in UTF-8 from `line` and `column` on. Correct the program that writes it.
        Syntax = "syntax",
        /// The body is JSON, but no object. Send one object.
        NotAnObject = "not_an_object",
        /// The value is null, or has another JSON type than `expected`. Send that type, or leave the field out.
        WrongType = "wrong_type",
        /// The object has a field that the operation does not know. Send the documented fields alone.
        UnknownField = "unknown_field",
        /// A field occurs twice. Send it once.
        DuplicateField = "duplicate_field",
    }
}

# English.

reset-requested = We will answer your request to change the password shortly. You will receive more information at your e-mail address.
password-replaced = The password has been changed.
link-withdrawn = The link is no longer valid. Your password has not been changed.

problem-malformed-request = The request cannot be read: a JSON object with the documented fields is expected.
problem-validation-failed = Some fields are not filled in correctly.
problem-invalid-credentials = The user name or the password is wrong.
problem-invalid-token = The token is missing or no longer valid. Please sign in again.
problem-password-expired-expired = Your password has expired. Please set a new one.
problem-password-expired-administrative = The password has to be changed. You will receive a link by e-mail.
problem-password-expired-breached = This password is known from a leak at another service and has to be changed. You will receive a link by e-mail.
problem-rate-limited = Too many attempts. Please wait a while and try again.
problem-account-closed = Your access is closed. Write to { $support_email } or call { $support_phone }.
problem-not-found = There is nothing at this address.
problem-method-not-allowed = This address does not support this method.
problem-not-acceptable = The answer is available as application/json only.
problem-conflict = It exists already, or the same request is still being worked on.
problem-payload-too-large = The request is too large.
problem-unsupported-media-type = The request's content must be application/json.
problem-reset-link-unusable-expired = The link has expired. Ask for a new one.
problem-reset-link-unusable-used = The link has been used already. Ask for a new one if the password still does not work.
problem-reset-link-unusable-withdrawn = The link has been withdrawn. Ask for a new one.
problem-reset-link-unusable-unknown = The link is not valid. Check that you opened all of it, or ask for a new one.
problem-unavailable = The service is not available at the moment. Try again in a few moments.
problem-internal-error = Something went wrong. Try again later.

field-required = This field is required.
field-invalid_format = The user name is the six-digit customer number.
field-customer_number_mismatch = The link does not belong to this customer number.
field-passwords_differ = The two passwords differ.
field-incorrect_password = The current password is not right.
field-password_length = A password has 1 to 128 characters.

rule-too_short = Length of the password: at least { $min_length } characters.
rule-too_long = Length of the password: at most { $max_length } characters.
rule-invalid_format = No control characters.
rule-missing_uppercase = At least one capital letter (not needed from { $below_length } characters on).
rule-missing_lowercase = At least one small letter (not needed from { $below_length } characters on).
rule-missing_digit = At least one digit (not needed from { $below_length } characters on).
rule-common_password = The password must not be one of the most common ones.
rule-contains_customer_number = The password must not consist mainly of the customer number.
rule-contains_email = The password must not consist mainly of your e-mail address.
rule-contains_brand = The password must not consist mainly of the company's or the service's name.
rule-published_example = The example from the instructions is not allowed.
rule-breached_password = The password must not be known from leaks at other services.
rule-same_as_current = The password must not be the current one.
rule-used_recently = The password must not be one of the last { $history } before the current one.

lifetime-minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
lifetime-seconds =
    { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }

date =
    { $month ->
        [1] { $day } January { $year }
        [2] { $day } February { $year }
        [3] { $day } March { $year }
        [4] { $day } April { $year }
        [5] { $day } May { $year }
        [6] { $day } June { $year }
        [7] { $day } July { $year }
        [8] { $day } August { $year }
        [9] { $day } September { $year }
        [10] { $day } October { $year }
        [11] { $day } November { $year }
       *[other] { $day } December { $year }
    }

mail-greeting = Hello,
mail-support = Help: { $support_email }, { $support_phone }
mail-message-id = Message id: { $message_id }
mail-reset-subject = STAkis: change of password
mail-reset-intro = We received a request to change the password for the customer number ending in { $last_two }. Set a new password with this link:
mail-reset-button = Change password
mail-reset-lifetime = The link is valid for { $lifetime } and can be used once.
mail-reset-not-me = Did you not ask for this? Your password stays as it is. You can withdraw the link:
mail-reset-not-me-without-link = Did you not ask for this? Your password stays as it is, and you can ignore this mail.
mail-reset-not-me-button = This was not me
mail-changed-subject = STAkis: the password has been changed
mail-changed-intro = The password for the customer number ending in { $last_two } has been changed. All other sign-ins have ended; sign in there with the new password.
mail-changed-not-me = Was this not you? Tell us, and set a new password at once.
mail-changed-not-me-button = Set a new password
mail-device-subject = STAkis: sign-in from a new device
mail-device-intro = Somebody has signed in with the customer number ending in { $last_two } from a device we did not know before ({ $device }).
mail-device-unknown = unknown device
mail-device-not-me = Was this neither you nor a colleague? Set a new password at once: that ends every sign-in.
mail-expiry-subject = STAkis: your password expires soon
mail-expiry-intro = The password for the customer number ending in { $last_two } is valid until { $date }. Change it before that, so that its end does not interrupt your work.
mail-expiry-button = Change the password
mail-closed-subject = STAkis: your access is closed
mail-closed-intro = Access to STAkis for the customer number ending in { $last_two } is closed. All sign-ins have ended and links for changing the password are no longer valid; a new password does not open it again.
mail-closed-contact = Do you have a question, or do you think this is a mistake? Write to { $support_email } or call { $support_phone }.
mail-reopened-subject = STAkis: your access is open again
mail-reopened-intro = Access to STAkis for the customer number ending in { $last_two } is open again. The password is the same as before; if you do not remember it, or if it has expired, choose “Forgotten password” on the sign-in page.
mail-reopened-contact = Do you have a question? Write to { $support_email } or call { $support_phone }.
mail-address-subject = STAkis: the e-mail address has been changed
mail-address-intro = The e-mail address to which we send messages about signing in and passwords for the customer number ending in { $last_two } has been changed. We no longer send them to the address used until now, and links for changing the password that were sent there are no longer valid.
mail-address-not-me = Did you not ask for this? Write to { $support_email } or call { $support_phone } at once.

page-change-title = Change password
page-request-title = Forgotten password
page-withdraw-title = This was not me
page-user-name = User name
page-new-password = New password
page-new-password-again = Enter the password again
page-submit = Send
page-request-submit = Reset password
page-request-hint = Enter the six-digit customer number. You will receive the link for changing the password by e-mail.
page-withdraw-explanation = If you did not ask for a change of password, you can withdraw the link in the mail. Your password stays as it is.
page-withdraw-submit = Withdraw the link
page-not-me-title = This was not me
page-not-me-what = Somebody has changed the password, or has signed in from a device we did not know before, and it was neither you nor a colleague.
page-not-me-remedy = A new password ends every sign-in: enter the six-digit customer number, and you will receive the link for changing the password by e-mail.
page-not-me-support = Tell us as well: write to { $support_email } or call { $support_phone }.
page-no-token = Open the link in the mail.
page-network-error = The server cannot be reached. Try again.
page-no-script = Switch JavaScript on for this page, or write to { $support_email }.

# English.

reset-requested = We will respond shortly to your request to change the password. You will receive more information by e-mail.
password-replaced = The password has been changed.
link-withdrawn = The link is no longer valid. Your password has not been changed.

problem-malformed-request = The request cannot be read: a JSON object with the documented fields is expected.
problem-validation-failed = Some fields are not filled in correctly.
problem-invalid-credentials = The user name or the password is wrong.
problem-invalid-token = You are not signed in, or your sign-in has expired. Please sign in again.
problem-forbidden = This call is not allowed here.
problem-insufficient-scope = The token lacks the scope that this needs. Ask for one with the scope that the documentation names.
problem-password-expired-expired = Your password has expired. Please set a new one.
problem-password-expired-administrative = You have to change your password. You will receive a link by e-mail.
problem-password-expired-breached = This password is known from a leak at another service, so you have to change it. You will receive a link by e-mail.
problem-challenge-required = We are currently checking whether requests come from a program. Please reload the page and try again.
problem-rate-limited = Too many attempts. Please wait a while and try again.
problem-account-closed = Your access is closed. Write to { $support_email } or call { $support_phone }.
problem-not-found = There is nothing at this address.
problem-method-not-allowed = This address does not support this method.
problem-not-acceptable = The answer is available as application/json only.
problem-conflict = This already exists, or the same request is still being processed.
problem-payload-too-large = The request is too large.
problem-unsupported-media-type = The request's content must be application/json.
problem-reset-link-unusable-expired = The link has expired. Ask for a new one.
problem-reset-link-unusable-used = The link has been used already. Ask for a new one if the password still does not work.
problem-reset-link-unusable-withdrawn = The link has been cancelled. Ask for a new one.
problem-reset-link-unusable-unknown = The link is not valid. Check that you opened the complete link, or ask for a new one.
problem-unavailable = The service is not available at the moment. Try again in a few moments.
problem-internal-error = Something went wrong. Try again later.

field-required = This field is required.
field-invalid_format = The user name is the six-digit customer number.
field-invalid_email = This is not a valid e-mail address.
field-customer_number_mismatch = The link does not belong to this customer number.
field-passwords_differ = The two passwords do not match.
field-incorrect_password = The current password is incorrect.
field-password_length = A password has 1 to 128 characters.

rule-too_short = Length of the password: at least { $min_length } characters.
rule-too_long = Length of the password: at most { $max_length } characters.
rule-invalid_format = The password must not contain invisible (control) characters.
rule-missing_uppercase = At least one capital letter (not needed with { $below_length } or more characters).
rule-missing_lowercase = At least one lowercase letter (not needed with { $below_length } or more characters).
rule-missing_digit = At least one digit (not needed with { $below_length } or more characters).
rule-common_password = The password must not be one of the most common ones.
rule-contains_customer_number = The password must not consist mainly of the customer number.
rule-contains_email = The password must not consist mainly of your e-mail address.
rule-contains_brand = The password must not consist mainly of the company's or the service's name.
rule-published_example = The example from the instructions is not allowed.
rule-breached_password = The password must not be known from leaks at other services.
rule-same_as_current = The new password must differ from the current one.
rule-used_recently =
    { $history ->
        [1] The password must not be the one before the current one.
       *[other] The password must not be one of the last { $history } before the current one.
    }

lifetime-hours =
    { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }
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

moment = { $date } at { $hour }:{ $minute }

mail-greeting = Hello,
mail-support = Help: { $support_email }, { $support_phone }
mail-message-id = Message ID: { $message_id }
mail-reset-subject = { $brand }: change your password
mail-reset-intro = We received a request to change the password for the customer number ending in { $last_two }. Set a new password with this link:
mail-reset-button = Change password
mail-reset-lifetime = The link is valid for { $lifetime } and can be used only once.
mail-reset-not-me = Did you not ask for this? Your password remains unchanged. You can cancel the link:
mail-reset-not-me-without-link = Did you not ask for this? Your password remains unchanged, and you can ignore this e-mail.
mail-reset-not-me-button = This was not me
mail-changed-subject = { $brand }: your password has been changed
mail-changed-intro = The password for the customer number ending in { $last_two } has been changed. All other devices have been signed out; sign in again on them with the new password.
mail-changed-not-me = Was this not you? Tell us, and set a new password at once.
mail-changed-not-me-button = Set a new password
mail-device-subject = { $brand }: sign-in from a new device
mail-device-intro = Somebody has signed in with the customer number ending in { $last_two } from a device that we had not seen before ({ $device }).
mail-device-unknown = unknown device
mail-device-not-me = Was this neither you nor a colleague? Set a new password at once: that signs out every device.
mail-devices-subject = { $brand }: more sign-ins from new devices
mail-devices-intro = There were more sign-ins with the customer number ending in { $last_two } from devices that we had not seen before. So that your mailbox does not fill up, we will not write about each of them for a while, one day at most.
mail-devices-sessions = On the page “My account” you can see all signed-in devices and sign out those that you do not recognise:
mail-devices-sessions-button = Show signed-in devices
mail-expiry-subject = { $brand }: your password expires soon
mail-expiry-intro = The password for the customer number ending in { $last_two } is valid until { $date }. Change it before that, so that its expiry does not interrupt your work.
mail-expired-subject = { $brand }: your password has expired
mail-expired-intro = The password for the customer number ending in { $last_two } was valid until { $date }. You will be asked for a new one when you next sign in; you can set it now.
mail-expiry-button = Change password
mail-closed-subject = { $brand }: your access is closed
mail-closed-intro = Access for the customer number ending in { $last_two } is closed. All devices have been signed out, and links to change the password are no longer valid; a new password does not open it again.
mail-closed-contact = Do you have a question, or do you think this is a mistake? Write to { $support_email } or call { $support_phone }.
mail-reopened-subject = { $brand }: your access is open again
mail-reopened-intro = Access for the customer number ending in { $last_two } is open again. The password is the same as before; if you do not remember it, or if it has expired, choose “Forgotten password” on the sign-in page.
mail-reopened-contact = Do you have a question? Write to { $support_email } or call { $support_phone }.
mail-address-subject = { $brand }: your e-mail address has been changed
mail-address-intro = The e-mail address to which we send messages about signing in and passwords for the customer number ending in { $last_two } has been changed. We no longer send them to the address used until now, and links to change the password that were sent earlier are no longer valid.
mail-address-not-me = Did you not ask for this change? Write to { $support_email } or call { $support_phone } at once.

page-change-title = Change password
page-request-title = Forgotten password
page-withdraw-title = This was not me
page-user-name = User name
page-new-password = New password
page-new-password-again = Enter the password again
page-submit = Send
page-request-submit = Reset password
page-request-hint = Enter the six-digit customer number. You will receive a link to change the password by e-mail.
page-withdraw-explanation = If you did not ask for the password to be changed, you can cancel the link in the e-mail: enter your user name. Your password remains unchanged.
page-withdraw-submit = Cancel the link
page-not-me-title = This was not me
page-not-me-what = Somebody has changed the password, or has signed in from a device that we had not seen before, and it was neither you nor a colleague.
page-not-me-remedy = A new password signs out every device: enter the six-digit customer number, and you will receive a link to change the password by e-mail.
page-not-me-support = Tell us as well: write to { $support_email } or call { $support_phone }.
page-no-token = Open the link in the e-mail.
page-network-error = The server cannot answer at the moment. Try again in a few moments.
page-no-script = Turn on JavaScript for this page, or write to { $support_email }.
page-sign-in-title = Sign in
page-sign-in-submit = Sign in
page-password = Password
page-current-password = Current password
page-show-password = Show password
page-strength = Password strength:
page-strength-words = weak|fair|good|very good
page-rule-met = met
page-other-rules = Other rules
page-done-sign-in = Go to sign-in
page-back-to-sign-in = Back to sign-in
page-resend-in = You can ask for another e-mail in { $time }.
page-session-over = You have been signed out. Please sign in again.
page-no-storage = Your browser does not let this page store anything, so you cannot be signed in. Allow cookies and site data for this page, then sign in again.
page-account-title = My account
page-email = E-mail address
page-no-email = none on file
page-last-sign-in = Last sign-in
page-password-changed = Password changed
page-password-expires = Password valid until
page-advice-password_age = You have not changed the password for a long time. We recommend that you change it.
page-advice-many_devices = Many devices sign in with this password. We recommend that you change it.
page-advice-many_failures = There have been many failed sign-ins recently. We recommend that you change the password.
page-sessions = Signed-in devices
page-session-current = this device
page-session-times = signed in: { $created }; last used: { $used }
page-session-end = Sign out
page-session-ended = The device has been signed out.
page-session-end-others = Sign out all other devices
page-sessions-ended = All other devices have been signed out.
page-sign-out = Sign out
page-retry = Try again
page-language = Language
page-starting = The page is loading. If nothing appears, please load it again.

# Findings for support: the first sentence is for the customer, "-next" is the next step for support.
finding-no_such_customer = There is no user with this customer number; check that you entered the right six digits.
finding-no_such_customer-next = Check the customer number on an invoice or order confirmation; if it is right, the customer needs access first.
finding-account_closed = Access for this customer number is closed, so we do not send a link to change the password.
finding-account_closed-next = Access was closed on { $at } and a new password does not open it again: do not tell the customer the reason, and let an administrator decide about opening it again.
finding-no_email_on_file = We have no e-mail address for this customer number, so we cannot send you a link to change the password.
finding-no_email_on_file-next = Verify who you are talking to, have the e-mail address entered, and ask the customer to choose “Forgotten password” again afterwards.
finding-email_differs = You gave a different e-mail address from the one that we have for this customer number and send messages to.
finding-email_differs-next = The address on file is { $masked_email }: the customer should look in that mailbox; otherwise verify who you are talking to and have the new address entered.
finding-no_request_received = There is no open request to change the password for this customer number; please choose “Forgotten password”.
finding-no_request_received-next = The customer should choose “Forgotten password” on the sign-in page, enter the customer number, press “Reset password” and wait five minutes.
finding-request_swallowed = There were several requests within a short time, so we sent no new message for the last one; use the link in the one before, or ask again after { $until }.
finding-request_swallowed-next = No new message is sent for a request soon after another, or while three links are still valid: the customer should look for the earlier message, or try again after { $until }.
finding-mail_limit_reached = Too many messages were asked for within a short time, so we sent none for the last request; please choose “Forgotten password” again in an hour.
finding-mail_limit_reached-next = The maximum number of messages for this customer number, for this mailbox or for all customers has been reached: the customer should try again in an hour, if possible over another internet connection; if it happens to several customers, tell the system administrator.
finding-mail_waiting = The message with the link is ready and will be sent shortly.
finding-mail_waiting-next = Look again in a few minutes; if the message is still waiting, tell the system administrator.
finding-mail_provider_down = There is a problem with sending e-mail at the moment; the message will go out automatically as soon as it is solved.
finding-mail_provider_down-next = Sending is repeated until { $until } (attempts so far: { $count }, last answer: { $detail }); tell the system administrator. The customer need not ask again.
finding-mail_refused = We could not send the message to your e-mail address.
finding-mail_refused-next = Our mail provider refused the message ({ $detail }): check that the e-mail address is entered correctly, and tell the system administrator.
finding-address_suppressed = We cannot send to your e-mail address at the moment, because earlier messages were rejected.
finding-address_suppressed-next = The address is on our mail provider's suppression list ({ $detail }): check that the customer's mailbox works, then let the system administrator take the address off the list (stakis-identity account lift-suppression), or have another one entered; until then, a new link will not arrive either.
finding-mail_bounced = Your mail server rejected our message on { $at }.
finding-mail_bounced-next = The server's answer: { $detail }; check the e-mail address and the mailbox with the customer, who should then choose “Forgotten password” again.
finding-mail_bounced-next-without-asking = The server's answer: { $detail }; check the e-mail address and the mailbox with the customer.
finding-mail_deferred = Your mail server has put off accepting our message; delivery is retried automatically, so it may arrive late.
finding-mail_deferred-next = The server's answer: { $detail }; wait for about half an hour, and if the link is no longer valid when the message arrives, the customer should ask for a new one.
finding-mail_delivered = Your mail server accepted the message on { $at }; look in the spam folder and in other folders as well.
finding-mail_delivered-next = The customer should search all folders and ask colleagues who share the mailbox, and their mail administrator should search the server's quarantine.
finding-mail_handed_over_unconfirmed = We handed the message over for delivery on { $at } but have no confirmation yet; look in the spam folder as well.
finding-mail_handed_over_unconfirmed-next = Look again in a few minutes; if there is neither a confirmation nor a message by then, the customer should choose “Forgotten password” again.
finding-mail_complained = One of our messages was marked as spam in your mailbox, so later ones may not arrive.
finding-mail_complained-next = The customer should add our address to the safe senders, and the system administrator should check whether the customer's address is on the suppression list.
finding-mail_abandoned = We could not send the message in time; please choose “Forgotten password” again.
finding-mail_abandoned-next = Sending was stopped on { $at }: ask the system administrator whether it works again, then the customer should make a new request.
finding-mail_dropped = We did not send the message, because the link in it was no longer valid by then.
finding-mail_dropped-next = Before it was sent, the link became invalid, access was closed or the e-mail address was changed (see the timeline); once the obstacle is gone, the customer should choose “Forgotten password” again.
finding-link_opened_by_scanner = A security program opened the link automatically on { $at }; that has not used it up, and you can still use it.
finding-link_opened_by_scanner-next = So the message did reach the customer's mail system: the customer should search all folders and the quarantine.
finding-link_opened = The link in the message was opened on { $at }, but the password has not been changed with it yet.
finding-link_opened-next = Ask who in the workshop opened the page and which field is red: enter the customer number and the same new password twice, then press “Send”.
finding-link_used = The password was changed on { $at } with the link in the message; sign in with the new password.
finding-link_used-next = Ask whether a colleague changed the password; if none of them did, the customer should choose “Forgotten password” again at once and secure the mailbox.
finding-link_expired = The link expired on { $at }; please choose “Forgotten password” again.
finding-link_expired-next = The customer should ask for a new link and use it as soon as the message arrives; if messages arrive late, check the delivery as well.
finding-link_withdrawn = The link is no longer valid because it was cancelled on { $at }; please choose “Forgotten password” again.
finding-link_withdrawn-next = A link is cancelled by “This was not me” in the message, several wrong entries, a new password, the closing of access or a new e-mail address; if the customer knows of none of these, ask who else reads the mailbox.
finding-password_already_changed = The password for this customer number was already changed on { $at }, so earlier links are no longer valid.
finding-password_already_changed-next = Ask whether a colleague changed the password and has not passed it on yet; if nobody did, the customer should choose “Forgotten password” again at once.
finding-sign_in_throttled = After several wrong attempts, signing in is slowed down until { $until }; if you choose “Forgotten password”, you can sign in with the new password before that.
finding-sign_in_throttled-next = Wrong attempts: { $count }; if they are not the customer's, somebody is guessing the password, and the customer should set a new, strong one with “Forgotten password”.
finding-email_changed_cooling_off = The e-mail address for this customer number was changed on { $at }, so for security reasons we do not send links to change the password until { $until }.
finding-email_changed_cooling_off-next = The customer should try again after { $until }; in the meantime, make sure that the customer really asked for the change of address.

smtp-mailbox_unknown = there is no such mailbox
smtp-mailbox_full = the mailbox is full
smtp-domain_unknown = the domain of the e-mail address does not exist or accepts no mail
smtp-policy = the server refuses the message by rules of its own (security filter or reputation of the sender)
smtp-greylisted = the server puts off accepting it, delivery is retried automatically
smtp-other = the server gives another reason

# The timeline for support: the event, and a detail after a colon.
timeline-line = { $event }: { $detail }
timeline-times = { $line } ({ $count }×)
timeline-reset_requested = A new password was asked for
timeline-reset_processed = The request was processed
timeline-reset_swallowed = The request led to no new message
timeline-reset_verified = The link was opened for the first time
timeline-reset_consumed = The link was used to set a new password
timeline-reset_withdrawn = The link was cancelled
timeline-reset_link_expired = The link expired
timeline-mail_handed_over = The message was handed over for delivery
timeline-mail_deferred = The message could not be handed over yet, and the attempt will be repeated
timeline-mail_given_up = The message will not be sent
timeline-mail_delivery = Delivery report
timeline-mail_suppression_lifted = The address was taken off the suppression list
timeline-authn_password_change = The password was changed
timeline-user_closed = Access was closed
timeline-user_reopened = Access was opened again
timeline-user_email_changed = The e-mail address was changed
timeline-detail-link_made = a link was made, and its message was queued
timeline-detail-renewed = the message for the request before was still waiting to be sent
timeline-detail-cooldown = too soon after the message before
timeline-detail-enough_links = three links were still valid
timeline-detail-no_account = there is no user with this customer number
timeline-detail-closed = access was closed
timeline-detail-no_email = no e-mail address was on file
timeline-detail-cooling_off = the e-mail address was changed recently
timeline-detail-suppressed = sending to the address was paused
timeline-detail-repeated = a repetition of a request that led to nobody
timeline-detail-stale = the request was not processed within 24 hours
timeline-detail-mail_budget = the maximum number of messages had been reached
timeline-detail-not_me = by “This was not me” in the message
timeline-detail-wrong_numbers = too many wrong customer numbers
timeline-detail-refused_passwords = too many refused passwords
timeline-detail-hard_bounce = the address rejected earlier messages
timeline-detail-complaint = an earlier message was reported as spam
timeline-detail-not_taken = the mail provider did not take it in time
timeline-detail-not_one_recipient = the address is not that of a single recipient
timeline-detail-link_ended = the link in it was no longer valid
timeline-detail-account_closed = access was closed
timeline-detail-password_changed = the password has been changed since
timeline-detail-address_changed = the e-mail address has been changed since
timeline-detail-no_expiry = passwords no longer expire
timeline-detail-attempt = attempt { $count }, { $detail }
timeline-detail-with_code = { $detail } ({ $code })
timeline-detail-deferred = the customer's server put off accepting it
timeline-detail-bounced_soft = the customer's server did not accept the message this time
timeline-detail-bounced_hard = the customer's server rejected the message
timeline-detail-delivered = the customer's server accepted the message
timeline-detail-complained = the recipient reported it as spam

# The page for support.
support-title = Support
support-lead = Why did the customer not get the message for a new password?
support-language = Language of the page
support-no-script = Turn on JavaScript for this page.
support-network-error = The server cannot answer at the moment. Try again in a few moments.
support-sign-in-title = Sign-in for support
support-sign-in-hint = Enter the two values that you got from the system administrator. The secret is not stored on this page.
support-client-id = Client id (client_id)
support-client-secret = Secret (client_secret)
support-sign-in = Sign in
support-signed-in-as = Signed in as
support-sign-out = Sign out
support-signed-out = You are signed out.
support-session-over = Your session is over. Please sign in again.
support-wrong-client = The client id or the secret is wrong, or it was revoked.
support-no-person = This client id cannot be used to sign in here, because it belongs to a program. Ask the system administrator for a personal one.
support-wait = Too many attempts. Try again in { $time }.
support-number = Customer number
support-number-hint = Six digits, as the customer gives them.
support-email = E-mail address (optional)
support-email-hint = The address at which the customer is waiting for the message. Only if it is the one on file may you tell the customer what was found.
support-answer-language = Language of the answer
support-ask = Find the cause
support-asking = Looking …
support-findings = Findings
support-findings-found = Findings for customer number { $number }
support-severity-blocking = Obstacle
support-severity-warning = Warning
support-severity-info = Note
support-say = Tell the customer
support-say-nothing = Do not tell the customer this: the address that was given is not the one on file.
support-say-unasked = Do not tell the customer this yet: ask for the e-mail address and find the cause again.
support-copy = Copy
support-copied = Copied
support-copy-failed = Failed, please copy by hand
support-next = Next step
support-timeline = Timeline
support-timeline-note = The last 30 days, in Slovenian time.
support-timeline-time = Time
support-timeline-what = Event
support-timeline-empty = Nothing has happened in the last 30 days.
support-acts = Acts
support-act-unlock = Unlock signing in
support-act-unlock-confirm = The wrong attempts for this customer number are forgotten, and signing in is no longer slowed down.
support-act-resend = Send a new message
support-act-resend-confirm = A new message with a link to change the password goes to the address on file.
support-act-lift = Send to the address again
support-act-lift-confirm = The address that rejected messages is sent to again. First check that the customer's mailbox works.
support-act-lock-down = Lock down access
support-act-lock-down-confirm = Every sign-in, device and link ends, and the message for a new password goes to the address on file.
support-act-caller = Verify the caller
support-act-caller-confirm = The customer gets a six-digit code and reads it out to you.
support-act-reason = Reason
support-act-reason-hint = 1 to 200 characters; it is kept in the audit trail.
support-act-deliver-to = The code appears
support-act-deliver-page = on the page of the signed-in customer
support-act-deliver-mail = in a message to the address on file
support-act-code = Code that the customer reads out
support-act-check = Check the code
support-act-verified = The code is right.
support-act-not-verified = The code is wrong or no longer valid.
support-act-do = Confirm
support-act-cancel = Cancel
support-act-close = Close
support-act-done = Done.

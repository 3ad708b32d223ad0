//! What holds after an end at any point. Each invariant is a query that finds what breaks it, and has a statement that
//! breaks it by hand.

use crate::support::DirectConnection;

/// When an invariant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// At every moment between two transactions.
    Always,
    /// Once the workers have nothing left to do.
    AtRest,
}

/// Something that holds of the tables.
pub(super) struct Invariant {
    pub(super) name: &'static str,
    pub(super) moment: Moment,
    /// Finds what breaks it: the column `text` names the row.
    pub(super) query: &'static str,
    /// Breaks it, on the rows that `planted` makes.
    pub(super) fault: &'static str,
}

/// What breaks an invariant that holds at this moment. Events are forgotten before the entries of the trail that they follow
/// from: where the upkeep has done so, what compares them is left out.
pub(super) fn violations(tables: &mut DirectConnection, moment: Moment, are_events_kept: bool) -> Vec<String> {
    let held = INVARIANTS.iter().filter(|invariant| {
        (invariant.moment == Moment::Always || moment == Moment::AtRest)
            && (are_events_kept || !invariant.query.contains("FROM events"))
    });
    held.flat_map(|invariant| broken(tables, invariant)).collect()
}

/// What breaks one invariant.
pub(super) fn broken(tables: &mut DirectConnection, invariant: &Invariant) -> Vec<String> {
    let found = tables.texts(invariant.query);
    found.into_iter().map(|row| format!("{}: {row}", invariant.name)).collect()
}

const fn always(name: &'static str, query: &'static str, fault: &'static str) -> Invariant {
    Invariant { name, moment: Moment::Always, query, fault }
}

const fn at_rest(name: &'static str, query: &'static str, fault: &'static str) -> Invariant {
    Invariant { name, moment: Moment::AtRest, query, fault }
}

pub(super) const INVARIANTS: &[Invariant] = &[
    // Links.
    always(
        "a used link has its entry in the trail, and no other link has",
        "SELECT l.id AS text FROM reset_links l WHERE
            (SELECT count(*) FROM audit_events e
                WHERE e.event = 'reset_consumed' AND e.reset_request_id = l.reset_request_id)
            <> CASE WHEN l.ended_because = 'used' THEN 1 ELSE 0 END",
        "UPDATE reset_links SET ended_at = created_at, ended_because = 'used' WHERE ended_at IS NULL",
    ),
    always(
        "a used link has changed the password",
        "SELECT l.id AS text FROM reset_links l JOIN accounts a ON a.id = l.account_id WHERE l.ended_because = 'used'
            AND (a.password_changed_at IS NULL OR a.password_changed_at < l.ended_at OR NOT EXISTS (
                SELECT 1 FROM audit_events e WHERE e.event = 'authn_password_change' AND e.account_id = l.account_id
                    AND e.occurred_at = l.ended_at))",
        "UPDATE accounts SET password_changed_at = '2020-01-01 00:00:00'",
    ),
    always(
        "a link ends with the password that it rests on",
        "SELECT l.id AS text FROM reset_links l JOIN accounts a ON a.id = l.account_id
            WHERE l.ended_at IS NULL AND a.password_changed_at > l.created_at",
        "UPDATE accounts SET password_changed_at = '2099-01-01 00:00:00'",
    ),
    always(
        "a closed access has no live link",
        "SELECT l.id AS text FROM reset_links l JOIN accounts a ON a.id = l.account_id
            WHERE l.ended_at IS NULL AND a.closed_at > l.created_at",
        "UPDATE accounts SET closed_at = '2099-01-01 00:00:00'",
    ),
    // Requests, mails and jobs.
    always(
        "a request has a job, or what became of it",
        "SELECT r.id AS text FROM reset_requests r WHERE
            (SELECT count(*) FROM jobs j WHERE j.payload LIKE '%' || r.id || '%')
            <> CASE WHEN r.outcome IS NULL THEN 1 ELSE 0 END",
        "DELETE FROM jobs WHERE payload LIKE '%issue_reset_link%'",
    ),
    always(
        "a request whose link was made has the link and its mail",
        "SELECT r.id AS text FROM reset_requests r WHERE r.outcome = 'link_made' AND NOT EXISTS (
            SELECT 1 FROM reset_links l JOIN mails m ON m.reset_link_id = l.id WHERE l.reset_request_id = r.id)",
        "DELETE FROM mails WHERE reset_link_id IS NOT NULL",
    ),
    always(
        "a request has its entries in the trail once it is processed",
        "SELECT r.id || ' ' || p.event AS text FROM reset_requests r,
            (SELECT 'reset_requested' AS event UNION ALL SELECT 'reset_processed') p
            WHERE (SELECT count(*) FROM audit_events e WHERE e.event = p.event AND e.reset_request_id = r.id)
            <> CASE WHEN r.outcome IS NULL THEN 0 ELSE 1 END",
        "UPDATE reset_requests SET outcome = 'cooldown' WHERE outcome IS NULL",
    ),
    always(
        "a mail has a job while it waits, and only then",
        "SELECT m.id || ' ' || m.status AS text FROM mails m WHERE
            (SELECT count(*) FROM jobs j WHERE j.payload LIKE '%' || m.id || '%')
            <> CASE WHEN m.status = 'queued' THEN 1 ELSE 0 END",
        "DELETE FROM jobs WHERE payload LIKE '%send_mail%'",
    ),
    always(
        "a mail is finished once it no longer waits",
        "SELECT id AS text FROM mails WHERE (status = 'queued') <> (finished_at IS NULL)",
        "UPDATE mails SET finished_at = NULL WHERE status <> 'queued'",
    ),
    always(
        "a mail that was handed over has its entry in the trail",
        "SELECT m.status AS text FROM mails m WHERE m.status = 'handed_over' AND m.account_id IS NOT NULL
            GROUP BY m.status HAVING count(*) > (SELECT count(*) FROM audit_events e
                WHERE e.event = 'mail_handed_over' AND e.account_id IS NOT NULL)",
        "UPDATE mails SET status = 'handed_over', finished_at = created_at WHERE status = 'queued'",
    ),
    at_rest(
        "nothing waits for ever",
        "SELECT payload AS text FROM jobs UNION ALL SELECT event_id AS text FROM webhook_deliveries",
        "INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
            VALUES ('left', 'left', '2026-01-01 00:00:00', 0, '2026-01-01 00:00:00', 0)",
    ),
    // Sessions and passwords.
    always(
        "a session has one live refresh token while it goes on, and never two",
        "SELECT s.id AS text FROM sessions s WHERE (SELECT count(*) FROM refresh_tokens t
            WHERE t.session_id = s.id AND t.used_at IS NULL) NOT BETWEEN
            CASE WHEN s.ended_at IS NULL THEN 1 ELSE 0 END AND 1",
        "INSERT INTO refresh_tokens (token_hash, session_id, generation, created_at, reissues, reissued_elsewhere)
            SELECT 'second', session_id, 77, created_at, 0, reissued_elsewhere FROM refresh_tokens
            WHERE used_at IS NULL ORDER BY token_hash LIMIT 1",
    ),
    always(
        "a line of refresh tokens has one token of each generation",
        "SELECT t.session_id AS text FROM refresh_tokens t GROUP BY t.session_id
            HAVING count(DISTINCT t.generation) <> count(*) OR max(t.generation) <> count(*)",
        "UPDATE refresh_tokens SET generation = generation + 1",
    ),
    at_rest(
        "no session goes on over a change of the password, a lock-down or a closing",
        "SELECT s.id AS text FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.ended_at IS NULL
            AND (s.session_epoch <> a.session_epoch OR a.closed_at IS NOT NULL)",
        "UPDATE accounts SET session_epoch = session_epoch + 1",
    ),
    always(
        "a session has its sign-in in the trail",
        "SELECT s.id AS text FROM sessions s WHERE (SELECT count(*) FROM audit_events e
            WHERE e.event = 'authn_login_success' AND e.session_id = s.id) <> 1",
        "INSERT INTO sessions (id, account_id, session_epoch, created_at, last_used_at)
            SELECT 'without', id, session_epoch, created_at, created_at FROM accounts LIMIT 1",
    ),
    always(
        "the end of a session is told once",
        "SELECT s.id AS text FROM sessions s WHERE (SELECT count(*) FROM events e
            WHERE e.event_type = 'session.ended' AND e.data LIKE '%' || s.id || '%')
            <> CASE WHEN s.ended_at IS NULL THEN 0 ELSE 1 END",
        "UPDATE sessions SET ended_at = created_at, ended_because = 'idle' WHERE ended_at IS NULL",
    ),
    always(
        "a password that was changed has its entry in the trail",
        "SELECT a.id AS text FROM accounts a WHERE a.password_changed_at > a.created_at AND NOT EXISTS (
            SELECT 1 FROM audit_events e WHERE e.event = 'authn_password_change' AND e.account_id = a.id
                AND e.occurred_at = a.password_changed_at)",
        "UPDATE accounts SET password_changed_at = '2099-01-01 00:00:00'",
    ),
    always(
        "a change of a password in the trail was made",
        "SELECT e.id AS text FROM audit_events e JOIN accounts a ON a.id = e.account_id
            WHERE e.event = 'authn_password_change'
            AND (a.password_changed_at IS NULL OR a.password_changed_at < e.occurred_at)",
        "UPDATE accounts SET password_changed_at = NULL",
    ),
    always(
        "a password in the history was replaced by a change",
        "SELECT h.id AS text FROM password_history h WHERE NOT EXISTS (
            SELECT 1 FROM audit_events e WHERE e.event = 'authn_password_change' AND e.account_id = h.account_id
                AND e.occurred_at = h.replaced_at)",
        "UPDATE password_history SET replaced_at = '2020-01-01 00:00:00'",
    ),
    // Accounts.
    always(
        "an account has its making in the trail and among the events",
        "SELECT a.id AS text FROM accounts a WHERE (SELECT count(*) FROM events e
            WHERE e.event_type = 'account.created' AND e.account_id = a.id) <> 1",
        "INSERT INTO accounts (id, customer_number, locale, session_epoch, created_at, expiry_reminders)
            VALUES ('without', '000001', 'sl', 0, '2026-01-01 00:00:00', 0)",
    ),
    always(
        "an account that was made is there until it is erased",
        "SELECT e.account_id AS text FROM events e WHERE e.event_type = 'account.created'
            AND (SELECT count(*) FROM accounts a WHERE a.id = e.account_id)
            + (SELECT count(*) FROM events d WHERE d.event_type = 'account.erased' AND d.account_id = e.account_id)
            <> 1",
        "DELETE FROM accounts WHERE customer_number = '000009'",
    ),
    always(
        "an access is closed by the last of its closings and reopenings",
        "SELECT a.id AS text FROM accounts a WHERE
            (SELECT count(*) FROM audit_events e WHERE e.event = 'user_closed' AND e.account_id = a.id)
            - (SELECT count(*) FROM audit_events e WHERE e.event = 'user_reopened' AND e.account_id = a.id)
            <> CASE WHEN a.closed_at IS NULL THEN 0 ELSE 1 END",
        "UPDATE accounts SET closed_at = created_at",
    ),
    always(
        "an address that was changed has its entry in the trail",
        "SELECT a.id AS text FROM accounts a WHERE a.email_changed_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM audit_events e WHERE e.event = 'user_email_changed' AND e.account_id = a.id
                AND e.occurred_at = a.email_changed_at)",
        "UPDATE accounts SET email_changed_at = '2020-01-01 00:00:00'",
    ),
    always(
        "a change of an address in the trail was made",
        "SELECT e.id AS text FROM audit_events e JOIN accounts a ON a.id = e.account_id
            WHERE e.event = 'user_email_changed'
            AND (a.email_changed_at IS NULL OR a.email_changed_at < e.occurred_at)",
        "INSERT INTO audit_events (id, occurred_at, event, actor, account_id)
            SELECT 'without', created_at, 'user_email_changed', 'service', id FROM accounts LIMIT 1",
    ),
    always(
        "an account has one change of its address under way",
        "SELECT account_id AS text FROM email_changes WHERE ended_at IS NULL GROUP BY account_id HAVING count(*) > 1",
        "INSERT INTO email_changes (id, account_id, session_id, session_epoch, new_email, secret_key_id,
                confirm_token_hash, withdraw_token_hash, created_at, expires_at, mismatch_count)
            SELECT id || n, account_id, session_id, session_epoch, new_email, secret_key_id,
                confirm_token_hash || n, withdraw_token_hash || n, created_at, expires_at, mismatch_count
            FROM email_changes, (SELECT 'one' AS n UNION ALL SELECT 'two') copies",
    ),
    always(
        "a change of an address that was asked for has its entry in the trail",
        "SELECT account_id AS text FROM email_changes c GROUP BY account_id HAVING count(*) <>
            (SELECT count(*) FROM audit_events e
                WHERE e.event = 'user_email_change_requested' AND e.account_id = c.account_id)",
        "INSERT INTO audit_events (id, occurred_at, event, actor, account_id)
            SELECT 'without', created_at, 'user_email_change_requested', 'customer', account_id FROM email_changes",
    ),
    always(
        "an answer that is repeated is about an account that is there",
        "SELECT k.id AS text FROM idempotency_keys k WHERE k.account_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = k.account_id)",
        "UPDATE idempotency_keys SET account_id = 'nobody'",
    ),
    // Machine clients and their endpoints.
    always(
        "the clients, their ends and their secrets are those of the trail",
        "SELECT p.event AS text FROM (
            SELECT 'client_created' AS event, (SELECT count(*) FROM clients) AS made
            UNION ALL SELECT 'client_revoked', (SELECT count(*) FROM clients WHERE revoked_at IS NOT NULL)
            UNION ALL SELECT 'client_secret_created', (SELECT count(*) FROM clients
                WHERE previous_secret_hash IS NOT NULL)
            UNION ALL SELECT 'client_keys_changed', (SELECT count(*) FROM clients WHERE jwks IS NOT NULL)
            ) p WHERE p.made <> (SELECT count(*) FROM audit_events e WHERE e.event = p.event)",
        "UPDATE clients SET revoked_at = created_at",
    ),
    always(
        "the endpoints are those of the trail",
        "SELECT 'endpoints' AS text WHERE (SELECT count(*) FROM webhook_endpoints)
            <> (SELECT count(*) FROM audit_events WHERE event = 'webhook_endpoint_created')
            - (SELECT count(*) FROM audit_events WHERE event = 'webhook_endpoint_deleted')",
        "DELETE FROM webhook_endpoints",
    ),
    always(
        "an endpoint has a key, and a second one only after a rotation",
        "SELECT n.id AS text FROM webhook_endpoints n WHERE (SELECT count(*) FROM webhook_keys k
            WHERE k.endpoint_id = n.id AND k.expires_at IS NULL) <> 1",
        "DELETE FROM webhook_keys",
    ),
    at_rest(
        "an event that an active endpoint asks for was delivered to it",
        "SELECT e.id AS text FROM events e, webhook_endpoints n
            WHERE n.state = 'active' AND e.position IS NOT NULL AND e.event_type = 'account.closed'
            AND NOT EXISTS (SELECT 1 FROM webhook_attempts t
                WHERE t.endpoint_id = n.id AND t.event_id = e.id AND t.outcome = 'delivered')",
        "DELETE FROM webhook_attempts",
    ),
    // The trail and the events.
    always(
        "an entry that is told has its event, and an event its entry",
        "SELECT p.entry AS text FROM (
            SELECT 'user_updated' AS entry, 'account.updated' AS told
            UNION ALL SELECT 'user_closed', 'account.closed'
            UNION ALL SELECT 'user_reopened', 'account.reopened'
            UNION ALL SELECT 'user_deleted', 'account.erased'
            UNION ALL SELECT 'user_locked_down', 'account.locked_down'
            UNION ALL SELECT 'user_email_changed', 'email.changed'
            UNION ALL SELECT 'reset_requested', 'password.reset_requested'
            UNION ALL SELECT 'authn_password_change', 'password.changed'
            UNION ALL SELECT 'authn_login_success', 'session.started'
            UNION ALL SELECT 'authn_token_reuse', 'session.reuse_detected'
            ) p WHERE (SELECT count(*) FROM audit_events e
                WHERE e.event = p.entry AND (e.account_id IS NOT NULL OR e.event = 'user_deleted'))
            <> (SELECT count(*) FROM events t WHERE t.event_type = p.told AND NOT t.decoy)",
        "DELETE FROM events WHERE event_type = 'session.started'",
    ),
    always(
        "published events have positions without gaps",
        "SELECT 'positions' AS text WHERE (SELECT count(*) FROM events WHERE position IS NOT NULL)
            <> (SELECT coalesce(max(position), 0) FROM events)",
        "UPDATE events SET position = position + 1 WHERE position = (SELECT max(position) FROM events)",
    ),
    at_rest(
        "every event that is no decoy is published",
        "SELECT id AS text FROM events WHERE position IS NULL AND NOT decoy",
        "UPDATE events SET position = NULL WHERE position = (SELECT max(position) FROM events)",
    ),
    always(
        "every entry of the trail is sealed or waits for its seal",
        "SELECT e.id AS text FROM audit_events e WHERE
            (SELECT count(*) FROM audit_unsealed u WHERE u.event_id = e.id)
            + (SELECT count(*) FROM audit_seals s WHERE s.event_id = e.id) <> 1",
        "DELETE FROM audit_unsealed",
    ),
    at_rest(
        "no entry of the trail waits for its seal",
        "SELECT event_id AS text FROM audit_unsealed",
        "INSERT INTO audit_events (id, occurred_at, event, actor)
            VALUES ('unsealed', '2026-01-01 00:00:00', 'sensitive_read', 'service')",
    ),
    always(
        "a bounce of a mail is in the trail, and what it pauses too",
        "SELECT 'mail events' AS text WHERE (SELECT count(*) FROM mail_events)
            <> (SELECT count(*) FROM audit_events WHERE event = 'mail_delivery')
            OR (SELECT count(*) FROM suppressions WHERE reason = 'hard_bounce')
            > (SELECT count(*) FROM mails WHERE delivery = 'bounced_hard')",
        "INSERT INTO mail_events (provider, event_id, received_at)
            VALUES ('mailpit', 'without', '2026-01-01 00:00:00')",
    ),
    always(
        "a question who calls has its entry in the trail",
        "SELECT 'caller codes' AS text WHERE (SELECT count(*) FROM caller_codes)
            <> (SELECT count(*) FROM audit_events WHERE event = 'caller_code_asked')",
        "DELETE FROM caller_codes",
    ),
];

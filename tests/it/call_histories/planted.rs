//! Conditions, leases, locks and orders of the service are switched off one at a time, and the checker finds each by
//! its rule.
//!
//! On PostgreSQL the statements of the service are changed on their way to the server, so that it runs as if its own
//! code lacked the condition. An SQLite file has no such way: there triggers undo what the statement with the
//! condition has done.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    course::{AtWork, drain},
    mixes::{LINKS, Mix, REQUESTS, SESSIONS},
    rules::{RULES, Violation, violations, violations_so_far},
    site::{Site, Storage},
    statement_relay::Rewritten,
};
use crate::support::{Engine, engine_tests, execute, postgres_tests};

engine_tests![
    op_02_a_link_that_serves_twice_is_found,
    op_02_a_refresh_token_that_is_exchanged_twice_is_found,
    op_02_a_job_that_two_workers_claim_is_found,
    op_02_an_endpoint_that_two_workers_claim_is_found,
    op_02_a_session_that_outlives_its_end_is_found,
    op_02_a_password_that_is_not_replaced_is_found,
];
engine_tests![
    in_long_rounds: op_02_a_delivery_that_is_deleted_with_another_is_found,
    op_02_an_entry_of_the_trail_that_is_passed_over_is_found,
    op_02_a_request_whose_job_is_lost_is_found,
];
// On SQLite one transaction writes at a time, and there is no such lock.
postgres_tests![in_long_rounds: op_02_queueing_without_its_lock_is_found,];

/// Something that is switched off.
struct Planted {
    /// The rule that finds it.
    rule: &'static str,
    /// What the statements have in place of the condition, on PostgreSQL.
    rewritten: Rewritten,
    /// Triggers, on PostgreSQL, where no part of a statement does it.
    on_postgres: &'static str,
    /// Triggers that have the effect on SQLite. They are recursive there, so what a trigger writes must not fire it.
    on_sqlite: &'static str,
    mix: Mix,
}

const OWNERS: usize = 4;
const CUSTOMERS: usize = 8;
/// The time between two looks at the history.
const LOOK_EVERY: Duration = Duration::from_millis(700);
const LONGEST_SEARCH: Duration = Duration::from_secs(40);
/// How long callers work where the tables have to come to rest first. The trail is sealed every five seconds.
const WORK: Duration = Duration::from_secs(7);
/// How many calls they make at least, on a machine that is busy with something else.
const FEWEST_CALLS: usize = 400;
const LONGEST_DRAIN: Duration = Duration::from_secs(12);

async fn find(engine: Engine, planted: &Planted) {
    let rule = RULES.iter().find(|rule| rule.name == planted.rule).expect("there is such a rule");
    let mut site = Site::on(engine, CUSTOMERS, planted.rewritten).await;
    let triggers = if engine == Engine::Sqlite { planted.on_sqlite } else { planted.on_postgres };
    if !triggers.is_empty() {
        execute(&site.url, triggers).unwrap();
    }
    let started = Instant::now();
    let at_work = AtWork::start(&site, 7, OWNERS, planted.mix);
    let mut found = Vec::new();
    while rule.is_for_any_time && !is_among(rule.name, &found) && started.elapsed() < LONGEST_SEARCH {
        sleep(LOOK_EVERY).await;
        found = violations_so_far(&site.history_so_far());
    }
    let is_enough = |elapsed| elapsed > WORK && site.recorder.count() > FEWEST_CALLS;
    while !rule.is_for_any_time && started.elapsed() < LONGEST_SEARCH && !is_enough(started.elapsed()) {
        sleep(LOOK_EVERY).await;
    }
    let reader = at_work.end(&site).await;
    if !rule.is_for_any_time {
        // What is broken may wait for ever.
        drain(&mut site, LONGEST_DRAIN).await;
        reader.read_to_the_end().await;
        found = violations(&site.history());
    }
    if let Storage::Rewritten(_, relay) = &site.storage {
        assert!(relay.changed() > 0, "no statement has what is to be switched off");
    }
    let calls = site.recorder.count();
    println!("| {} | {:?} | found after {calls} calls |", engine.as_str(), rule.name);
    let shown: Vec<&Violation> = found.iter().take(3).collect();
    assert!(is_among(rule.name, &found), "{:?} was not found in {calls} calls, but {shown:#?}", rule.name);
}

fn is_among(rule: &str, found: &[Violation]) -> bool {
    found.iter().any(|violation| violation.rule == rule)
}

/// The condition by which one of two calls wins (TK-05).
async fn op_02_a_link_that_serves_twice_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a link sets one password",
        rewritten: &[(r#"("reset_links"."ended_at" IS NULL)"#, "TRUE")],
        on_postgres: "",
        // The first use withdraws every link that has not ended, and the revived one would be among them.
        on_sqlite: "CREATE TRIGGER planted AFTER UPDATE OF ended_at ON reset_links WHEN NEW.ended_at IS NOT NULL
            BEGIN UPDATE reset_links SET ended_at = NULL, ended_because = NULL WHERE id = NEW.id; END",
        mix: LINKS,
    };
    find(engine, &planted).await;
}

/// The condition by which one of two exchanges wins (JW-10).
async fn op_02_a_refresh_token_that_is_exchanged_twice_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a refresh token has one successor",
        rewritten: &[(r#"("refresh_tokens"."used_at" IS NULL)"#, "TRUE")],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER UPDATE OF used_at ON refresh_tokens
            WHEN NEW.used_at IS NOT NULL AND NEW.used_by IS NOT NULL
            BEGIN UPDATE refresh_tokens SET used_at = NULL WHERE token_hash = NEW.token_hash; END",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

/// The lease of a job, and the condition by which a worker confirms that the job is still its own. On SQLite the job
/// of a mail comes back after its end instead.
async fn op_02_a_job_that_two_workers_claim_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a mail that was taken is sent again only after a disturbance",
        rewritten: &[
            ("(lease_until IS NULL OR lease_until <= $N)", "($N::timestamp IS NOT NULL)"),
            (r#"("jobs"."attempts" = $N)"#, "($N::integer IS NOT NULL)"),
        ],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted_jobs AFTER DELETE ON jobs WHEN OLD.payload LIKE '%send_mail%'
            AND OLD.attempts < 3
            BEGIN
                INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
                    VALUES (OLD.id, OLD.payload, OLD.created_at, OLD.attempts + 1, OLD.created_at, OLD.priority);
            END;
            CREATE TRIGGER planted_mails AFTER UPDATE OF status ON mails WHEN NEW.status = 'handed_over'
            AND NEW.attempts < 3
            BEGIN UPDATE mails SET status = 'queued', finished_at = NULL WHERE id = NEW.id; END",
        mix: REQUESTS,
    };
    find(engine, &planted).await;
}

/// The lease of an endpoint. On SQLite a delivery comes back after its end instead.
async fn op_02_an_endpoint_that_two_workers_claim_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a webhook that was taken is sent again only after a disturbance",
        rewritten: &[(r#"("webhook_endpoints"."lease_until" IS NULL)"#, "TRUE")],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER DELETE ON webhook_deliveries WHEN OLD.attempts < 1
            BEGIN
                INSERT INTO webhook_deliveries
                    (id, endpoint_id, event_id, event_type, cause, attempts, created_at, next_try_at)
                VALUES (OLD.id, OLD.endpoint_id, OLD.event_id, OLD.event_type, OLD.cause, 1, OLD.created_at,
                    OLD.next_try_at);
            END",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

/// The conditions by which a session is live (CH-04).
async fn op_02_a_session_that_outlives_its_end_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a session that has ended serves nobody",
        rewritten: &[(r#"("sessions"."ended_at" IS NULL)"#, "TRUE")],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER UPDATE OF ended_at ON sessions WHEN NEW.ended_at IS NOT NULL
            BEGIN UPDATE sessions SET ended_at = NULL, ended_because = NULL WHERE id = NEW.id; END",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

/// The write of the new password.
async fn op_02_a_password_that_is_not_replaced_is_found(engine: Engine) {
    let planted = Planted {
        rule: "an old password is not accepted after a change was acknowledged",
        rewritten: &[(
            r#"SET "password_hash" = $N,"#,
            r#"SET "password_hash" = coalesce("accounts"."password_hash", $N),"#,
        )],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER UPDATE OF password_hash ON accounts
            WHEN NEW.session_epoch <> OLD.session_epoch
            BEGIN UPDATE accounts SET password_hash = OLD.password_hash WHERE id = NEW.id; END",
        mix: LINKS,
    };
    find(engine, &planted).await;
}

/// The condition by which one delivery is deleted, and not those beside it.
async fn op_02_a_delivery_that_is_deleted_with_another_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a published event is sent to the endpoint",
        rewritten: &[(r#"("webhook_deliveries"."id" = $N)"#, "($N::text IS NOT NULL)")],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER DELETE ON webhook_deliveries
            BEGIN DELETE FROM webhook_deliveries WHERE endpoint_id = OLD.endpoint_id; END",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

/// The condition by which those entries alone are taken from the queue that were sealed.
async fn op_02_an_entry_of_the_trail_that_is_passed_over_is_found(engine: Engine) {
    let planted = Planted {
        rule: "the trail has no gap",
        rewritten: &[(r#"("audit_unsealed"."seq" = ANY($N))"#, "($N::bigint[] IS NOT NULL)")],
        on_postgres: "",
        on_sqlite: "CREATE TRIGGER planted AFTER INSERT ON audit_unsealed WHEN NEW.seq % 7 = 0
            BEGIN DELETE FROM audit_unsealed WHERE seq = NEW.seq; END",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

/// The transaction that stores a request together with its job.
async fn op_02_a_request_whose_job_is_lost_is_found(engine: Engine) {
    let planted = Planted {
        rule: "an accepted request has a mail or a reason",
        rewritten: &[],
        on_postgres: "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.payload LIKE '%issue_reset_link%' AND hashtext(NEW.id) % 3 = 0 THEN RETURN NULL; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER planted BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION planted()",
        on_sqlite: "CREATE TRIGGER planted AFTER INSERT ON jobs WHEN NEW.payload LIKE '%issue_reset_link%'
            AND NEW.id < 'd'
            BEGIN DELETE FROM jobs WHERE id = NEW.id; END",
        mix: REQUESTS,
    };
    find(engine, &planted).await;
}

/// The lock by which one instance at a time queues events. The read of the events takes longer than usual, so that another
/// instance comes into it within seconds.
async fn op_02_queueing_without_its_lock_is_found(engine: Engine) {
    let planted = Planted {
        rule: "a webhook that was taken is sent again only after a disturbance",
        rewritten: &[
            ("pg_advisory_xact_lock(", "int4larger("),
            (
                r#"("events"."position" > $N)"#,
                r#"("events"."position" > $N AND (SELECT count(*) FROM pg_sleep(0.05)) = 1)"#,
            ),
        ],
        on_postgres: "",
        on_sqlite: "",
        mix: SESSIONS,
    };
    find(engine, &planted).await;
}

//! A job that a later version has queued.

use stakis_identity::types::{Id, ResetRequestId};
use tokio::time::sleep;

use super::{
    catalogue::NEXT_JOB,
    round::{hold, run},
    site::{FIRST_ASKING, Site, asking},
};
use crate::support::{Engine, column, engine_tests, execute};

engine_tests![op_05_fault_job_of_the_next_version,];

/// It is kept until an instance of that version comes, and every other job is done meanwhile.
async fn op_05_fault_job_of_the_next_version(engine: Engine) {
    let site = Site::on(engine, 1, 0).await;
    let url = site.url.clone();
    let number = FIRST_ASKING + asking() - 1;
    run(site, &NEXT_JOB, async |_| {
        let id: ResetRequestId = Id::mint();
        let now = if engine == Engine::Sqlite { "strftime('%Y-%m-%d %H:%M:%f', 'now')" } else { "now() AT TIME ZONE 'utc'" };
        execute(
            &url,
            &format!(
                "INSERT INTO reset_requests (id, customer_number, requested_at, request_id, actor)
                     VALUES ('{id}', '{number}', {now}, 'r', 'customer');
                 INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority) VALUES
                     ('next-1', '{{\"kind\":\"issue_reset_link/2\",\"reset_request_id\":\"{id}\"}}', {now}, 0, {now}, 0),
                     ('next-2', '{{\"kind\":\"send_mail/1\",\"mail_id\":\"m\",\"haste\":1}}', {now}, 0, {now}, 0)"
            ),
        )
        .unwrap();
        sleep(hold()).await;
        let kept = column(&url, "jobs", "id");
        assert!(["next-1", "next-2"].iter().all(|id| kept.iter().any(|kept| kept == id)), "{kept:?}");
        // An instance of the next version takes them: what the first one says it does as this version, too.
        execute(
            &url,
            &format!(
                "DELETE FROM jobs WHERE id = 'next-2';
                 UPDATE jobs SET payload = replace(payload, '/2', '/1'), run_at = {now}, lease_until = NULL
                     WHERE id = 'next-1'"
            ),
        )
        .unwrap();
    })
    .await;
}

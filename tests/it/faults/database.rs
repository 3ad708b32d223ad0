//! Faults of a PostgreSQL server and of the line to it.

use std::time::Duration;

use tokio::{task::block_in_place, time::sleep};

use super::{
    catalogue::{CUT, KILLED, NO_CONNECTIONS, PAUSED, READ_ONLY, RESTARTED, SLOW, STOPPED},
    round::{Fault, hold, is_long, run},
    site::Site,
};
use crate::support::{Engine, Way, postgres_tests};

postgres_tests![
    op_02_fault_postgresql_stopped,
    op_02_fault_postgresql_killed,
    op_02_fault_postgresql_restarted,
    op_02_fault_postgresql_paused,
    op_02_fault_postgresql_read_only,
    op_02_fault_postgresql_without_connections,
    op_02_fault_slow_line_to_postgresql,
    op_02_fault_cut_line_to_postgresql,
];

async fn with_server(fault: &Fault, act: impl AsyncFnOnce(&mut Site)) {
    run(Site::with_server().await, fault, act).await;
}

async fn op_02_fault_postgresql_stopped(_: Engine) {
    with_server(&STOPPED, async |site| {
        block_in_place(|| site.server().stop());
        sleep(hold()).await;
        block_in_place(|| site.server().begin());
    })
    .await;
}

async fn op_02_fault_postgresql_killed(_: Engine) {
    with_server(&KILLED, async |site| {
        block_in_place(|| site.server().kill());
        sleep(hold()).await;
        block_in_place(|| site.server().begin());
    })
    .await;
}

async fn op_02_fault_postgresql_restarted(_: Engine) {
    with_server(&RESTARTED, async |site| {
        for _ in 0..2 {
            block_in_place(|| {
                site.server().stop();
                site.server().begin();
            });
            sleep(Duration::from_millis(500)).await;
        }
    })
    .await;
}

/// In a long round the pause is longer than the service waits for a connection that is silent.
async fn op_02_fault_postgresql_paused(_: Engine) {
    with_server(&PAUSED, async |site| {
        site.server().pause();
        sleep(if is_long() { Duration::from_secs(20) } else { hold() }).await;
        site.server().go_on();
    })
    .await;
}

async fn op_02_fault_postgresql_read_only(_: Engine) {
    with_server(&READ_ONLY, async |site| {
        site.server().set("default_transaction_read_only = on\n");
        sleep(hold()).await;
        site.server().set("");
    })
    .await;
}

/// The server refuses every session of the service, as one whose connections others have taken.
async fn op_02_fault_postgresql_without_connections(_: Engine) {
    with_server(&NO_CONNECTIONS, async |site| {
        site.server().execute("ALTER ROLE service CONNECTION LIMIT 0");
        site.server().end_sessions();
        sleep(hold()).await;
        site.server().execute("ALTER ROLE service CONNECTION LIMIT -1");
    })
    .await;
}

async fn op_02_fault_slow_line_to_postgresql(_: Engine) {
    with_server(&SLOW, async |site| {
        site.database_line().set(Way::Slow(Duration::from_millis(60)));
        sleep(hold()).await;
        site.database_line().set(Way::Passes);
    })
    .await;
}

async fn op_02_fault_cut_line_to_postgresql(_: Engine) {
    with_server(&CUT, async |site| {
        site.database_line().set(Way::Cuts(Duration::from_millis(400)));
        sleep(hold()).await;
        site.database_line().set(Way::Passes);
    })
    .await;
}

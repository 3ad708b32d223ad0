//! The clock of a machine that is two minutes ahead of all others, from the start of an instance or while it works.

use tokio::time::sleep;

use super::{
    catalogue::CLOCK,
    round::{hold, run},
    site::Site,
};
use crate::support::{ClockAhead, Engine, engine_tests};

engine_tests![with "cc": op_04_fault_clock_ahead,];

const AHEAD: i64 = 120;

/// Instances follow the clock of their server (PostgreSQL), and a jump of the machine's clock changes nothing at once (SQLite).
async fn op_04_fault_clock_ahead(engine: Engine) {
    let serving = if engine == Engine::Sqlite { 1 } else { 2 };
    let mut site = Site::on(engine, serving, 0).await;
    let clock = ClockAhead::compile(&site.folder());
    site.instances.all[0].more.extend(clock.variables());
    begin_again(&mut site).await;
    run(site, &CLOCK, async |site| {
        clock.set(AHEAD);
        sleep(hold()).await;
        if serving > 1 {
            begin_again(site).await;
            sleep(hold()).await;
        }
    })
    .await;
}

async fn begin_again(site: &mut Site) {
    site.instances.running(0).signal("TERM");
    assert!(site.instances.end_of(0).await.0);
    site.instances.start(0);
}

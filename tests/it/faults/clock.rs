//! The clock of a machine that is two minutes ahead of all others, from the start of an instance or while it works.

use std::{fs, process::Command};

use tokio::time::sleep;

use super::{
    catalogue::CLOCK,
    round::{hold, run},
    site::Site,
};
use crate::support::{Engine, engine_tests};

engine_tests![with "cc": op_04_fault_clock_ahead,];

const AHEAD: i64 = 120;

/// Instances follow the clock of their server (PostgreSQL), and a jump of the machine's clock changes nothing at once (SQLite).
async fn op_04_fault_clock_ahead(engine: Engine) {
    let serving = if engine == Engine::Sqlite { 1 } else { 2 };
    let mut site = Site::on(engine, serving, 0).await;
    let folder = site.folder();
    let (library, file) = (folder.join("clock.so"), folder.join("ahead"));
    let source = folder.join("clock.c");
    fs::write(&source, include_str!("clock.c")).unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(compiled.unwrap().success());
    fs::write(&file, 0_i64.to_ne_bytes()).unwrap();
    let more = &mut site.instances[0].more;
    more.insert("LD_PRELOAD", library.display().to_string());
    more.insert("CLOCK_AHEAD", file.display().to_string());
    begin_again(&mut site).await;
    run(site, &CLOCK, async |site| {
        fs::write(&file, AHEAD.to_ne_bytes()).unwrap();
        sleep(hold()).await;
        if serving > 1 {
            begin_again(site).await;
            sleep(hold()).await;
        }
    })
    .await;
}

async fn begin_again(site: &mut Site) {
    site.running(0).signal("TERM");
    assert!(site.end_of(0).await.0);
    site.start_instance(0).await;
}

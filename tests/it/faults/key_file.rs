//! A file with the secret key that is changed, or cannot be read, when an instance restarts.

use std::fs;

use data_encoding::BASE64;
use stakis_identity::types::random_bytes;
use tokio::time::sleep;

use super::{
    catalogue::KEY_FILE,
    round::{hold, run},
    site::Site,
};
use crate::support::{Engine, engine_tests};

engine_tests![cf_03_fault_key_file,];

/// An instance that has begun goes on with the key that it has read. One that begins refuses to serve with another key.
async fn cf_03_fault_key_file(engine: Engine) {
    let serving = if engine == Engine::Sqlite { 1 } else { 2 };
    run(Site::on(engine, serving, 0).await, &KEY_FILE, async |site| {
        let key = fs::read(&site.key_file).unwrap();
        fs::write(&site.key_file, BASE64.encode(&random_bytes::<32>())).unwrap();
        sleep(hold() / 2).await;
        site.instances.running(0).signal("TERM");
        assert!(site.instances.end_of(0).await.0);
        site.instances.launch(0);
        let (well, log) = site.instances.end_of(0).await;
        assert!(!well && log.contains("STAKIS_SECRET_KEY"), "{log}");
        // Root may read whatever the mode says, and reads no folder.
        fs::remove_file(&site.key_file).unwrap();
        fs::create_dir(&site.key_file).unwrap();
        site.instances.launch(0);
        let (well, log) = site.instances.end_of(0).await;
        assert!(!well && log.contains("STAKIS_SECRET_KEY_FILE"), "{log}");
        fs::remove_dir(&site.key_file).unwrap();
        fs::write(&site.key_file, key).unwrap();
        site.instances.start(0);
    })
    .await;
}

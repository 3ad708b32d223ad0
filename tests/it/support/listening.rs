//! Programs of others that listen on a port, such as a connection pooler or a proxy.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time};

/// A program that listens on the loopback interface. Dropping it ends the process.
pub(crate) struct Listening {
    pub(crate) port: u16,
    child: Child,
    _folder: TempDir,
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Listening {
    /// Starts what `prepare` makes of a free port and a folder of its own, and waits until it listens.
    pub(crate) async fn start(prepare: impl FnOnce(u16, &Path) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Such programs give up the rights of root, and read their files as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = prepare(port, folder.path());
        let child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let listening = Self { port, child, _folder: folder };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return listening;
            }
            time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{command:?} does not listen");
    }
}

//! A PostgreSQL server of the test's own, which it may stop, kill and pause.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection};
use nix::unistd::{Uid, User};
use stakis_identity::config::DatabaseUrl;
use tempfile::TempDir;

use super::execute;

/// The file with the settings by which a fault is made. The server reads it again at a signal.
const FAULT_SETTINGS: &str = "fault.conf";
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct PostgresServer {
    pub(crate) port: u16,
    programs: PathBuf,
    folder: TempDir,
    process: Option<Child>,
}

/// The folder with `initdb` and `postgres`: the newest one of Debian's, or one of the path.
fn programs() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|version| version.unwrap().path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let found =
        folders.into_iter().find(|folder| folder.join("postgres").exists() && folder.join("initdb").exists());
    found.expect("the programs of a PostgreSQL server are installed")
}

/// A program that does not run as root, which the server refuses.
fn as_server(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(user) = user() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// The user of the server, where it is not that of the test.
fn user() -> Option<User> {
    Uid::current().is_root().then(|| User::from_name("postgres").unwrap().expect("there is a user postgres"))
}

impl PostgresServer {
    /// Starts a server with a database `stakis` that belongs to the role `service`, which is no superuser.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(user) = user() {
            chown(folder.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, programs: programs(), folder, process: None };
        let made = as_server(server.programs.join("initdb"))
            .args(["-U", "stakis", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(server.data())
            .status();
        assert!(made.unwrap().success(), "initdb failed");
        let socket = server.folder.path().display();
        // A process that ends takes nothing with it that was written to a file, so nothing waits for the disk.
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{socket}'\nfsync = off\n\
             include_if_exists = '{FAULT_SETTINGS}'\n"
        );
        let file = server.data().join("postgresql.conf");
        fs::write(&file, fs::read_to_string(&file).unwrap() + &settings).unwrap();
        server.begin();
        server.execute("CREATE ROLE service LOGIN");
        server.execute("CREATE DATABASE stakis OWNER service");
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the server, and waits until it takes connections.
    pub(crate) fn begin(&mut self) {
        let log = self.folder.path().join("log");
        let sink = File::options().create(true).append(true).open(&log).unwrap();
        let mut server = as_server(self.programs.join("postgres"));
        let process = server.arg("-D").arg(self.data()).stderr(sink).spawn().unwrap();
        self.process = Some(process);
        let started = Instant::now();
        while PgConnection::establish(&self.url_of("stakis", "postgres")).is_err() {
            assert!(started.elapsed() < PATIENCE, "{}", fs::read_to_string(log).unwrap());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the server in order. Transactions that are under way are rolled back.
    pub(crate) fn stop(&mut self) {
        let mut process = self.process.take().unwrap();
        send_signal("INT", &[process.id()]);
        process.wait().unwrap();
    }

    /// Kills every process of the server, as a crash does.
    pub(crate) fn kill(&mut self) {
        let processes = self.processes();
        send_signal("KILL", &processes);
        self.process.take().unwrap().wait().unwrap();
        // The next server waits for nobody who still holds the memory of this one.
        for process in processes {
            while fs::exists(format!("/proc/{process}/fd/0")).unwrap() {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Stops every process of the server where it stands.
    pub(crate) fn pause(&self) {
        send_signal("STOP", &self.processes());
    }

    pub(crate) fn go_on(&self) {
        send_signal("CONT", &self.processes());
    }

    /// Sets settings that hold for every session from now on, until the next call.
    pub(crate) fn set(&self, settings: &str) {
        fs::write(self.data().join(FAULT_SETTINGS), settings).unwrap();
        send_signal("HUP", &self.processes()[..1]);
    }

    /// Runs statements as a superuser.
    pub(crate) fn execute(&self, statements: &str) {
        execute(&DatabaseUrl::Postgres(self.url_of("stakis", "postgres").into()), statements).unwrap();
    }

    /// Ends every session of the service.
    pub(crate) fn end_sessions(&self) {
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'service'");
    }

    fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}?connect_timeout=5", self.port)
    }

    /// The address of the service's database, over this port of the server or of a relay.
    pub(crate) fn url_text(port: u16) -> String {
        format!("postgres://service@127.0.0.1:{port}/stakis")
    }

    /// The processes of the server, the first one of which has started the others.
    fn processes(&self) -> Vec<u32> {
        let Some(first) = self.process.as_ref().map(Child::id) else { return Vec::new() };
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        [first].into_iter().chain(children.split_whitespace().map(|child| child.parse().unwrap())).collect()
    }
}

/// Sends a signal. A process that has ended since is passed over.
fn send_signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    let sent = Command::new("kill").arg(format!("-{name}")).args(processes).stderr(Stdio::null()).status();
    sent.unwrap();
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.go_on();
            self.kill();
        }
    }
}

//! The real binary as a child process.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use url::Url;

use super::TestDatabase;

const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test: the release build where `tests/proof` names one, else that of the test run.
fn program() -> String {
    let named = std::env::var_os("STAKIS_TEST_PROGRAM").map(|program| program.into_string().unwrap());
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_stakis-identity").to_owned())
}

/// The command with an environment of its own, so that no variable of the test reaches it.
pub(crate) fn command(arguments: &[&str], variables: &BTreeMap<&str, String>) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_clear().envs(variables);
    command
}

/// Runs a command to its end, with some standard input.
pub(crate) fn run_command(arguments: &[&str], variables: &BTreeMap<&str, String>, input: &str) -> Output {
    let mut child = command(arguments, variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The resident memory of a process, in MiB.
pub(crate) fn resident_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// A command that runs until it is told to end. Dropping it kills the process, also when a test fails.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: Arc<Mutex<String>>,
}

impl Running {
    /// Starts the binary with these arguments, which must not hold anything that a shell would interpret.
    pub(crate) fn start(arguments: &str, variables: &BTreeMap<&str, String>) -> Self {
        Self::start_after("", arguments, variables)
    }

    /// Starts the binary as [`Self::start`] does, after the shell has run something.
    fn start_after(preparation: &str, arguments: &str, variables: &BTreeMap<&str, String>) -> Self {
        Self::start_program(&program(), preparation, arguments, variables)
    }

    /// Starts a binary, which may be that of another version.
    pub(crate) fn start_program(
        program: &str,
        preparation: &str,
        arguments: &str,
        variables: &BTreeMap<&str, String>,
    ) -> Self {
        // An ignored signal stays ignored over `exec`. A file that may not grow then causes an error and does not kill
        // the process.
        let script = format!("trap '' XFSZ; {preparation} exec \"$0\" {arguments}");
        let mut child = Command::new("/bin/sh")
            .args(["-c", &script, program])
            .env_clear()
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (sink, stderr) = (log.clone(), child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = sink.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, log }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits for the first line that holds a word.
    pub(crate) fn wait_for_line(&mut self, word: &str) -> String {
        let started = Instant::now();
        loop {
            let text = self.log();
            if let Some(line) = text.lines().find(|line| line.contains(word)) {
                return line.to_owned();
            }
            assert!(started.elapsed() < PATIENCE && self.is_alive(), "did not start:\n{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address in that line, which is coloured, plain or JSON.
    pub(crate) fn wait_for_address(&mut self, word: &str) -> String {
        let line = self.wait_for_line(word);
        let start = line.find("127.0.0.1:").unwrap();
        line[start..].chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([format!("-{name}"), id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A running `serve`, in development unless the variables say otherwise.
pub(crate) struct Serving {
    pub(crate) process: Running,
    pub(crate) url: Url,
    _data: TempDir,
}

impl Serving {
    pub(crate) fn start(database: &TestDatabase, more: &BTreeMap<&str, String>) -> Self {
        Self::start_after("", database, more)
    }

    /// Starts as [`Self::start`] does, after the shell has run something, such as a limit that it sets.
    pub(crate) fn start_after(preparation: &str, database: &TestDatabase, more: &BTreeMap<&str, String>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut variables = BTreeMap::from([
            ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
            ("STAKIS_OPS_LISTEN", "127.0.0.1:0".to_owned()),
            ("STAKIS_DATA_DIR", data.path().display().to_string()),
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
        ]);
        variables.extend(more.iter().map(|(name, value)| (*name, value.clone())));
        let mut process = Running::start_after(preparation, "serve", &variables);
        let url = format!("http://{}", process.wait_for_address("serving")).parse().unwrap();
        Self { process, url, _data: data }
    }

    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }
}

//! The processes of the service that share a database: the real program, started, killed and started again.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use tokio::{task::block_in_place, time::sleep};
use url::Url;

use super::{Running, Variables};

const PATIENCE: Duration = Duration::from_mins(1);

/// One instance: `serve` on a port that stays the same, or `worker`.
pub(crate) struct Instance {
    pub(crate) running: Option<Running>,
    /// Without a port it is a worker.
    pub(crate) port: Option<u16>,
    /// What its environment has besides that of all.
    pub(crate) more: Variables,
}

/// All instances, and the environment that they have in common.
pub(crate) struct Instances {
    pub(crate) all: Vec<Instance>,
    pub(crate) variables: Variables,
}

impl Instances {
    /// Instances that are not started yet, those that serve first.
    pub(crate) fn new(variables: Variables, serving: usize, workers: usize) -> Self {
        let free_port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let instance =
            |index| Instance { running: None, port: (index < serving).then(free_port), more: Variables::new() };
        Self { all: (0..serving + workers).map(instance).collect(), variables }
    }

    /// Starts an instance that does not run, and does not wait for it.
    pub(crate) fn launch(&mut self, index: usize) {
        let instance = &mut self.all[index];
        let mut variables = self.variables.clone();
        variables.extend(instance.more.clone());
        let arguments = match instance.port {
            Some(port) => {
                variables.insert("STAKIS_LISTEN", format!("127.0.0.1:{port}"));
                "serve"
            }
            None => "worker",
        };
        instance.running = Some(Running::start(arguments, &variables));
    }

    /// Starts an instance, and waits until it has begun.
    pub(crate) fn start(&mut self, index: usize) {
        self.launch(index);
        let instance = &mut self.all[index];
        let began = if instance.port.is_some() { "serving" } else { "working" };
        let running = instance.running.as_mut().unwrap();
        block_in_place(|| running.wait_for_line(began));
    }

    /// Kills an instance. What it was doing is left as it is.
    pub(crate) fn kill(&mut self, index: usize) {
        self.all[index].running.take();
    }

    pub(crate) fn running(&mut self, index: usize) -> &mut Running {
        self.all[index].running.as_mut().unwrap()
    }

    /// Waits until an instance has ended, and returns whether it ended well, with its log.
    pub(crate) async fn end_of(&mut self, index: usize) -> (bool, String) {
        let mut running = self.all[index].running.take().unwrap();
        let started = Instant::now();
        while running.is_alive() {
            assert!(started.elapsed() < PATIENCE, "it does not end:\n{}", running.log());
            sleep(Duration::from_millis(20)).await;
        }
        (running.child.wait().unwrap().success(), running.log())
    }

    /// The addresses of the instances that serve.
    pub(crate) fn urls(&self) -> Vec<Url> {
        let ports = self.all.iter().filter_map(|instance| instance.port);
        ports.map(|port| format!("http://127.0.0.1:{port}").parse().unwrap()).collect()
    }

    /// The last lines of every log, for a failure.
    pub(crate) fn logs(&self) -> String {
        let logs = self.all.iter().filter_map(|instance| Some(instance.running.as_ref()?.log()));
        let last = |log: String| {
            let lines: Vec<String> = log.lines().rev().take(20).map(str::to_owned).collect();
            lines.into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        logs.map(last).collect::<Vec<_>>().join("\n--\n")
    }
}

//! TypeScript and JavaScript, compiled and run.

use std::{path::Path, process::Command};

use serde_json::Value;

/// Where the TypeScript compiler lies, if one is named; then Node is there as well, and beside the compiler the other
/// packages that `tests/run` installs.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn typescript_compiler() -> Option<String> {
    std::env::var("STAKIS_TEST_TYPESCRIPT").ok().filter(|path| !path.is_empty())
}

/// Runs a program in a folder under Node, to its end, and fails with all that it said unless it ends well.
pub(crate) async fn node(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("node");
    command.current_dir(folder).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().expect("Node is installed")).await.unwrap();
    let said = [&*output.stdout, &*output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    output.stdout
}

/// Runs a module as if it stood in a folder; it gets `input` and answers with JSON.
pub(crate) async fn run_module(folder: &Path, script: &str, input: Value) -> Value {
    let script = format!("const input = JSON.parse(process.argv[1]);{script}");
    let output = node(folder, &["--input-type=module", "--eval", &script, "--", &input.to_string()]).await;
    serde_json::from_slice(&output).unwrap()
}

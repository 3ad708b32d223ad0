//! Programs in other languages, compiled and run.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// Where the TypeScript compiler lies, if one is named; then Node is there as well, and beside the compiler the other
/// packages that `tests/run` installs.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn typescript_compiler() -> Option<String> {
    std::env::var("STAKIS_TEST_TYPESCRIPT").ok().filter(|path| !path.is_empty())
}

/// Where a program lies that `tests/run` installs from PyPI, if it is there.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn python_program(name: &str) -> Option<String> {
    let path = Path::new(&std::env::var("STAKIS_TEST_PYTHON").ok()?).join(name);
    path.is_file().then(|| path.to_str().unwrap().to_owned())
}

/// Whether a program is on the path, or is one of those.
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    python_program(name).is_some() || std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Runs a program under Node in a folder, to its end, and fails with all that it said unless it ends well.
pub(crate) async fn node(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("node");
    command.current_dir(folder).args(arguments);
    run_program(command, "").await
}

/// As [`node`], any program, with some standard input.
pub(crate) async fn run_program(mut command: Command, input: &str) -> Vec<u8> {
    let input = input.to_owned();
    let run = move || {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
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

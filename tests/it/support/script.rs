//! Programs in other languages, compiled and run.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// The path of the TypeScript compiler, if the setting names one. Node is then installed as well, and the other
/// packages that `tests/run` installs are beside the compiler.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn typescript_compiler() -> Option<String> {
    std::env::var("STAKIS_TEST_TYPESCRIPT").ok().filter(|path| !path.is_empty())
}

/// The folder of the packages from npm, which is there where [`typescript_compiler`] is.
pub(crate) fn npm_modules() -> PathBuf {
    Path::new(&typescript_compiler().unwrap()).ancestors().nth(3).unwrap().to_owned()
}

/// The path of a program that `tests/run` installs from PyPI, if it is there.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn python_program(name: &str) -> Option<String> {
    let path = Path::new(&std::env::var("STAKIS_TEST_PYTHON").ok()?).join(name);
    path.is_file().then(|| path.to_str().unwrap().to_owned())
}

/// Whether a program is on the path or among those from PyPI. A whole path may name another file.
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    python_program(name).is_some() || std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Runs a program under Node in a folder to its end, and fails with its output unless it succeeds.
pub(crate) async fn node(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("node");
    command.current_dir(folder).args(arguments);
    run_program(command, "").await
}

/// Runs any program with some standard input, and otherwise as [`node`] does.
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

/// Runs a module as if it stood in a folder. It gets `input` and answers with JSON.
pub(crate) async fn run_module(folder: &Path, script: &str, input: Value) -> Value {
    let script = format!("const input = JSON.parse(process.argv[1]);{script}");
    let output = node(folder, &["--input-type=module", "--eval", &script, "--", &input.to_string()]).await;
    serde_json::from_slice(&output).unwrap()
}

//! Clients of the API in five languages walk through the guides against the running service: a reset with the mail of
//! the test's mail API, sign-in, refresh, account, a change of the password, sign-out; and as a machine client a token
//! and a diagnosis, and it closes an account in the version that it has read.
//!
//! Well-known generators make the clients from the document of the running service, by the commands, the settings and
//! the code of the guide "Generate a client"; the C# of that guide needs no generator. `tests/clients` has a program for
//! each language, and all of them must see the same. Each also reads an enumeration with a value of a later version.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    Customer, Engine, TestApp,
    guides::{code, compile, guides, repository, sources},
    node, npm_modules,
    partner::Partner,
    program_tests, python_program, run_program, script_tests,
};

script_tests![typescript_walks_through_the_guides,];

program_tests![
    "openapi-python-client": python_walks_through_the_guides,
    "php" & "/usr/share/php/GuzzleHttp/autoload.php" & "openapi-generator-cli": php_walks_through_the_guides,
    "javac" & "/usr/share/java/httpmime.jar" & "/usr/share/java/jakarta-annotation-api.jar" & "openapi-generator-cli":
        java_walks_through_the_guides,
    "mcs" & "/usr/lib/mono/gac/System.Net.Http/4.0.0.0__b03f5f7f11d50a3a/System.Net.Http.dll": csharp_walks_through_the_guides,
];

const GUIDE: &str = "generate-a-client";

/// The jars of Debian that a generated client in Java needs, besides those that the generator itself carries.
const JARS: [&str; 5] = ["httpmime", "httpclient", "httpcore", "commons-logging", "jakarta-annotation-api"];

/// A service to walk through, with a folder for the client.
struct Ground {
    app: TestApp,
    partner: Partner,
    folder: TempDir,
}

impl Ground {
    async fn prepare(folder: TempDir) -> Self {
        let app = TestApp::start(Engine::Sqlite).await;
        app.make(&Customer::ANA).await;
        let partner = Partner::make(&app, "support:read support:act accounts:read accounts:write").await;
        Self { app, partner, folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The words of the guide's command that begins with a program, for the document of this service.
    fn command_of_guide(&self, program: &str, settings: &str) -> Vec<String> {
        let (_, guide) = guides().into_iter().find(|(name, _)| name == GUIDE).unwrap();
        let is_meant = |line: &&str| line.starts_with(&format!("{program} ")) && line.contains(settings);
        let line =
            guide.lines().find(is_meant).unwrap_or_else(|| panic!("the guide has no command {program} {settings}"));
        let url = self.app.url.as_str().trim_end_matches('/');
        line.replace("https://identity.example.com", url).split(' ').map(str::to_owned).collect()
    }

    /// Runs the guide's command with a generator from PyPI, beside copies of the settings.
    async fn generate(&self, program: &str, settings: &str) {
        copy(&repository().join("openapi/clients"), self.path());
        let words = self.command_of_guide(program, settings);
        let program = python_program(program).unwrap();
        let mut command = self.command(&program, &words[1..]);
        // The generator for Python formats what it writes with another program beside it.
        let programs = Path::new(&program).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs.to_owned()].into_iter().chain(std::env::split_paths(&path)));
        command.env("PATH", path.unwrap());
        run_program(command, "").await;
    }

    /// A program in the folder, which calls the service without a proxy.
    fn command(&self, program: &str, arguments: &[String]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .args(arguments)
            .envs([("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")]);
        command
    }

    /// Writes the guide's code and the program that walks.
    fn write(&self, language: &str, head: &str, guide_file: &str, walk: &str) {
        fs::write(self.path().join(guide_file), format!("{head}{}", code(GUIDE, language))).unwrap();
        fs::copy(repository().join("tests/clients").join(walk), self.path().join(walk)).unwrap();
    }

    /// Runs a program twice: first it asks for a mail, then it walks on with the token from it.
    async fn walk(&self, program: &str, arguments: &[&str], more: &[(&str, OsString)]) {
        let asked = self.step(program, arguments, more, "").await;
        assert_eq!(
            asked,
            json!({ "wrong": "422 validation-failed #/customer_number invalid_format", "wait": 300 })
        );
        self.app.deliver_all().await;
        let token = self.app.mail_api.mails().await.last().unwrap().token();
        let seen = self.step(program, arguments, more, &token).await;
        let expected = json!({
            "link": "valid",
            "too_short": 6,
            "message": "Geslo je bilo zamenjano.",
            "wrong_password": "401 invalid-credentials",
            "is_refreshed": true,
            "account": format!("{} ok", Customer::ANA.number),
            "changed": "Geslo je bilo zamenjano.",
            "after_sign_out": "401 invalid-token",
            "wrong_secret": "401 invalid_client",
            "finding": "link_used",
            "has_timeline": true,
            "other_version": "412 precondition-failed",
            "closed": "closed",
            "reopened": "active",
        });
        assert_eq!(seen, expected);
        self.app.deliver_all().await;
    }

    async fn step(&self, program: &str, arguments: &[&str], more: &[(&str, OsString)], token: &str) -> Value {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut command = self.command(program, &arguments);
        command.envs(more.iter().cloned()).envs([
            ("SERVICE", self.app.url.as_str().trim_end_matches('/')),
            ("NUMBER", Customer::ANA.number),
            ("PASSWORD", "Zimske-gume-27"),
            ("NEXT_PASSWORD", "Letne-pnevmatike-28"),
            ("TOKEN", token),
            ("CLIENT_ID", self.partner.id.as_str()),
            ("CLIENT_SECRET", &self.partner.secret),
        ]);
        let output = run_program(command, "").await;
        serde_json::from_slice(&output)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output)))
    }
}

/// Copies all files below a folder.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All files below a folder with an extension.
fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut waiting = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files
}

/// The types are checked as strictly as those of the client in this repository.
async fn typescript_walks_through_the_guides() {
    let ground = Ground::prepare(sources()).await;
    let words = ground.command_of_guide("npx", "openapi-typescript");
    let generator = npm_modules().join("openapi-typescript/bin/cli.js");
    let arguments: Vec<&str> =
        [generator.to_str().unwrap()].into_iter().chain(words[2..].iter().map(String::as_str)).collect();
    node(ground.path(), &arguments).await;
    fs::copy(repository().join("tests/clients/walk.ts"), ground.path().join("walk.ts")).unwrap();
    compile(ground.path(), &[]).await;
    ground.walk("node", &["walk.js"], &[]).await;
}

async fn python_walks_through_the_guides() {
    let ground = Ground::prepare(TempDir::new().unwrap()).await;
    ground.generate("openapi-python-client", "python.yaml").await;
    ground.write("python", "", "guide.py", "walk.py");
    let client = ground.path().join("stakis-identity-client").into_os_string();
    let python = python_program("python3").unwrap();
    ground.walk(&python, &["-W", "error", "walk.py"], &[("PYTHONPATH", client)]).await;
}

async fn php_walks_through_the_guides() {
    let ground = Ground::prepare(TempDir::new().unwrap()).await;
    ground.generate("openapi-generator-cli", "php.yaml").await;
    ground.write("php", "<?php\n", "guide.php", "walk.php");
    ground.walk("php", &["walk.php"], &[]).await;
}

/// Debian has no Jackson with its module for times, so that of the generator itself serves the client.
async fn java_walks_through_the_guides() {
    let ground = Ground::prepare(TempDir::new().unwrap()).await;
    ground.generate("openapi-generator-cli", "java.yaml").await;
    ground.write("java", "", "Identity.java", "Walk.java");
    let python = python_program("python3").unwrap();
    let site = "import openapi_generator_cli as cli, pathlib; print(pathlib.Path(cli.__file__).parent, end='')";
    let site = run_program(ground.command(&python, &["-c".to_owned(), site.to_owned()]), "").await;
    let generator = Path::new(&String::from_utf8(site).unwrap()).join("openapi-generator.jar");
    let jars = JARS.map(|name| PathBuf::from(format!("/usr/share/java/{name}.jar")));
    let path = std::env::join_paths([PathBuf::from("classes"), generator].into_iter().chain(jars)).unwrap();
    let mut compiler = ground.command("javac", &[]);
    compiler.args(["-nowarn", "-proc:none", "-d", "classes", "Identity.java", "Walk.java"]);
    compiler.env("CLASSPATH", &path).args(files_below(&ground.path().join("client/src/main"), "java"));
    run_program(compiler, "").await;
    ground.walk("java", &["Walk"], &[("CLASSPATH", path)]).await;
}

async fn csharp_walks_through_the_guides() {
    let ground = Ground::prepare(TempDir::new().unwrap()).await;
    ground.write("csharp", "", "Identity.cs", "Walk.cs");
    let mut compiler = ground.command("mcs", &[]);
    compiler.args(["-warnaserror", "-r:System.Net.Http.dll", "-r:System.Runtime.Serialization.dll"]);
    compiler.args(["-out:walk.exe", "Identity.cs", "Walk.cs"]);
    run_program(compiler, "").await;
    ground.walk("mono", &["walk.exe"], &[]).await;
}

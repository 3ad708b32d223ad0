//! The receivers of the guide "Receive webhooks", started as it says: each listens, and keeps events in an inbox that the test
//! reads.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use data_encoding::BASE64;
use stakis_identity::types::random_bytes;
use tempfile::TempDir;

use super::{
    guides::{code, compiled},
    python_program, run_program,
};

/// The languages of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    TypeScript,
    Python,
    CSharp,
    Java,
    Php,
}

/// What a receiver verifies with.
pub(crate) enum Keys<'a> {
    /// `v1`, by any of these secrets.
    Secrets(&'a [&'a str]),
    /// `v1a`, by the public keys that are published at the address for the endpoint.
    Published { address: &'a str, endpoint_id: &'a str },
}

impl Keys<'_> {
    /// The words by which the programs below are told of the keys.
    fn words(&self) -> Vec<&str> {
        match self {
            Self::Secrets(secrets) => [&["secrets"], *secrets].concat(),
            Self::Published { address, endpoint_id } => vec!["published", address, endpoint_id],
        }
    }
}

/// A receiver that runs until it is dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    language: Language,
    process: Child,
    folder: TempDir,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Receiver {
    /// An address for a receiver. One of the loopback network that no other test uses makes the port sure to be free.
    pub(crate) fn free_address() -> SocketAddr {
        let [one, two, three] = random_bytes::<3>();
        SocketAddr::from(([127, 1 + one % 250, two, 1 + three % 250], 8080))
    }

    /// Compiles the guide's code, starts it, and waits until it listens at the address.
    pub(crate) async fn start(language: Language, address: SocketAddr, keys: &Keys<'_>) -> Self {
        let folder = language.prepare().await;
        let mut command = language.command(address, &keys.words());
        command.current_dir(folder.path()).env("no_proxy", "*").env("NO_PROXY", "*");
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program is there");
        let mut receiver = Self { url: format!("http://{address}/"), language, process, folder };
        receiver.wait(address).await;
        receiver
    }

    async fn wait(&mut self, address: SocketAddr) {
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            assert_eq!(self.process.try_wait().unwrap(), None, "the receiver has ended");
            assert!(begun.elapsed() < Duration::from_mins(1), "the receiver does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The ids and the bodies that the receiver has kept, in their order.
    pub(crate) async fn inbox(&self) -> Vec<(String, String)> {
        let inbox = self.folder.path().join("inbox");
        let lines = if self.language == Language::Python {
            let mut command = Command::new("python3");
            command.arg("-").arg(inbox);
            String::from_utf8(run_program(command, PYTHON_INBOX).await).unwrap()
        } else {
            fs::read_to_string(inbox).unwrap_or_default()
        };
        let read = |line: &str| {
            let (id, body) = line.split_once('\t').unwrap();
            (id.to_owned(), String::from_utf8(BASE64.decode(body.as_bytes()).unwrap()).unwrap())
        };
        lines.lines().map(read).collect()
    }
}

impl Language {
    /// The guide's code, compiled, with a program that starts it.
    async fn prepare(self) -> TempDir {
        match self {
            Self::TypeScript => {
                let folder = compiled().await;
                fs::write(folder.path().join("webhook-server.js"), code("receive-webhooks", "js")).unwrap();
                fs::write(folder.path().join("main.js"), TYPESCRIPT_MAIN).unwrap();
                folder
            }
            Self::Python => folder(&[("receive_webhooks.py", "python"), ("main.py", PYTHON_MAIN)]),
            Self::CSharp => {
                let folder = folder(&[("Webhooks.cs", "csharp"), ("Program.cs", CSHARP_MAIN)]);
                compile(&folder, "mcs", &["-out:webhooks.exe", "Webhooks.cs", "Program.cs"]).await;
                folder
            }
            Self::Java => {
                let folder = folder(&[("Webhooks.java", "java"), ("Program.java", JAVA_MAIN)]);
                compile(&folder, "javac", &["-Xlint:all", "-Werror", "Webhooks.java", "Program.java"]).await;
                folder
            }
            Self::Php => folder(&[("Webhooks.php", "php"), ("main.php", PHP_MAIN)]),
        }
    }

    /// The command that listens at the address. It runs in the folder of the code.
    fn command(self, address: SocketAddr, keys: &[&str]) -> Command {
        let python = python_program("python").unwrap_or_else(|| "python3".to_owned());
        let [program, main] = match self {
            Self::TypeScript => ["node", "main.js"],
            Self::Python => [&*python, "main.py"],
            Self::CSharp => ["mono", "webhooks.exe"],
            Self::Java => ["java", "Program"],
            Self::Php => {
                let mut command = Command::new("php");
                command.args(["-S", &address.to_string(), "main.php"]).env("SECRETS", keys[1..].join(" "));
                // It reports every request.
                command.stderr(Stdio::null());
                return command;
            }
        };
        let mut command = Command::new(program);
        command.arg(main).arg(address.ip().to_string()).arg(address.port().to_string()).args(keys);
        command
    }
}

/// A folder with the guide's block of a language in the first file, and a program in the second.
fn folder([(guide, language), (name, program)]: &[(&str, &str); 2]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    fs::write(at(guide), code("receive-webhooks", language)).unwrap();
    fs::write(at(name), program).unwrap();
    folder
}

async fn compile(folder: &TempDir, compiler: &str, arguments: &[&str]) {
    let mut command = Command::new(compiler);
    command.current_dir(folder.path()).args(arguments);
    run_program(command, "").await;
}

const TYPESCRIPT_MAIN: &str = r#"
import { appendFileSync } from "node:fs";
import { publicKeys, secretKeys } from "./receive-webhooks.js";
import { webhookServer } from "./webhook-server.js";

const [host, port, kind, ...words] = process.argv.slice(2);
const keys = kind === "secrets" ? secretKeys(words) : publicKeys(...words);
const kept = new Set();
const inbox = {
    async put(id, event) {
        if (kept.has(id)) return;
        kept.add(id);
        appendFileSync("inbox", `${id}\t${Buffer.from(event).toString("base64")}\n`);
    },
};
webhookServer(keys, inbox).listen(Number(port), host);
"#;

const PYTHON_MAIN: &str = r#"
import sys
from receive_webhooks import Inbox, PublicKeys, Secret, webhook_server

host, port, kind, *words = sys.argv[1:]
keys = [Secret(secret) for secret in words] if kind == "secrets" else PublicKeys(*words)
webhook_server((host, int(port)), keys, Inbox("inbox")).serve_forever()
"#;

const PYTHON_INBOX: &str = r#"
import base64, sqlite3, sys
for event_id, event in sqlite3.connect(sys.argv[1]).execute("SELECT id, event FROM inbox ORDER BY rowid"):
    print(event_id, base64.b64encode(event.encode()).decode(), sep="\t")
"#;

const CSHARP_MAIN: &str = r#"
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

public sealed class FileInbox : IInbox
{
    private readonly HashSet<string> kept = new HashSet<string>();

    public void Put(string id, string json)
    {
        lock (kept)
        {
            if (!kept.Add(id)) return;
            File.AppendAllText("inbox", id + "\t" + Convert.ToBase64String(Encoding.UTF8.GetBytes(json)) + "\n");
        }
    }
}

public static class Program
{
    public static void Main(string[] words)
    {
        Webhooks.ServeAsync($"http://{words[0]}:{words[1]}/", words.Skip(3).ToList(), new FileInbox()).Wait();
    }
}
"#;

const JAVA_MAIN: &str = r#"
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Executors;

public final class Program {
    private static final HashSet<String> KEPT = new HashSet<>();

    private static synchronized void put(String id, String json) throws IOException {
        if (!KEPT.add(id)) return;
        var body = Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        var options = new StandardOpenOption[] {StandardOpenOption.CREATE, StandardOpenOption.APPEND};
        Files.writeString(Path.of("inbox"), id + "\t" + body + "\n", options);
    }

    public static void main(String[] words) throws IOException {
        var secrets = List.of(words).subList(3, words.length);
        var server = HttpServer.create(new InetSocketAddress(words[0], Integer.parseInt(words[1])), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", new Webhooks(secrets, Program::put));
        server.start();
    }
}
"#;

const PHP_MAIN: &str = r#"<?php
require 'Webhooks.php';

final class FileInbox implements Inbox
{
    public function put(string $id, string $json): void
    {
        $kept = is_file('inbox') ? file('inbox') : [];
        if (preg_grep('/^' . preg_quote($id, '/') . "\t/", $kept) === []) {
            file_put_contents('inbox', "$id\t" . base64_encode($json) . "\n", FILE_APPEND);
        }
    }
}

$webhooks = new Webhooks(explode(' ', getenv('SECRETS')), new FileInbox());
http_response_code($webhooks->receive($_SERVER, file_get_contents('php://input')));
"#;

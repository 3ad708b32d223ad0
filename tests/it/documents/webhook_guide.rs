//! The code of the guide "Receive webhooks" accepts requests that are signed as the guide says, and no others.
//!
//! The code runs as it stands in the guide, over the same requests, in every language whose tools are installed:
//! TypeScript where `STAKIS_TEST_TYPESCRIPT` names a compiler, C# under Mono, Java with a JDK, PHP. The check of
//! Standard Webhooks that this service applies to Resend's events confirms that the requests are signed correctly. Of
//! the guide "Verify our tokens" TypeScript runs in another file, and this file checks the syntax of PHP. The C# and
//! Java of that guide need libraries from registries that the tests do not use.

use std::{fs, process::Command, sync::Arc};

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;
use stakis_identity::{config::MailProviderKind, types::UtcTime};
use tempfile::TempDir;

use crate::support::{
    Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config,
    guides::{code, compiled},
    plain_tests, program_tests, run_module, run_program, script_tests, send,
};

plain_tests![wh_05_our_own_check_says_the_same_of_these_requests,];

script_tests![
    wh_05_the_guides_typescript_takes_what_we_sign_and_nothing_else,
    wh_02_the_guides_typescript_writes_a_repetition_down_once,
];

program_tests![
    "mcs": wh_05_the_guides_csharp_takes_what_we_sign_and_nothing_else,
    "javac": wh_05_the_guides_java_takes_what_we_sign_and_nothing_else,
    "php": wh_05_the_guides_php_takes_what_we_sign_and_nothing_else,
    "php": the_guides_php_can_be_read,
];

/// The secret of the reference vectors of Standard Webhooks, and an earlier one that was replaced.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const EARLIER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// A secret whose signatures are refused.
const OTHER: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl2LaLaSw9";
/// The signature covers every byte, so the body has a line end and a character beyond ASCII.
const BODY: &str = "{\"type\":\"test\", \"timestamp\":\"2026-11-22T13:00:00Z\",\"note\":\"ž\"}\r\n";

/// The parts of a request, and whether it must be accepted.
struct Received {
    id: String,
    timestamp: String,
    signatures: String,
    body: String,
    good: bool,
}

#[expect(clippy::disallowed_methods, reason = "the guide's code asks the machine's clock")]
fn now() -> UtcTime {
    chrono::Utc::now().naive_utc()
}

fn sign(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = BASE64.decode(secret.trim_start_matches("whsec_").as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signature = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(signature.as_ref()))
}

/// Valid requests, and requests that somebody without the secret could send.
fn requests() -> Vec<Received> {
    let now = now().and_utc().timestamp();
    let moment = now.to_string();
    let good = sign(SECRET, "msg_1", &moment, BODY);
    let received = |good: bool, id: &str, timestamp: &str, signatures: &str, body: &str| Received {
        id: id.to_owned(),
        timestamp: timestamp.to_owned(),
        signatures: signatures.to_owned(),
        body: body.to_owned(),
        good,
    };
    let mut requests = vec![
        received(true, "msg_1", &moment, &good, BODY),
        received(true, "msg_1", &moment, &format!("{} {good}", sign(EARLIER, "msg_1", &moment, BODY)), BODY),
        received(true, "msg_1", &moment, &format!("v1,AAAA v1a,x v2,{} {good}", &good[3..]), BODY),
        received(false, "msg_1", &moment, &sign(OTHER, "msg_1", &moment, BODY), BODY),
        received(false, "msg_2", &moment, &good, BODY),
        received(false, "msg_1", &(now - 1).to_string(), &good, BODY),
        received(false, "msg_1", &moment, &good, BODY.trim_end()),
        received(false, "msg_1", &moment, &good, &BODY.replace(": \"", ":\"").replace(", ", ",")),
        received(false, "msg_1", &moment, &good, &BODY.replace("test", "tset")),
    ];
    for signatures in
        ["", "v1,", "v1,%", "v1", "v1,AAAA", &good[3..], &format!("v2,{}", &good[3..]), &good.to_lowercase()]
    {
        requests.push(received(false, "msg_1", &moment, signatures, BODY));
    }
    // Up to 300 seconds are allowed. Some of them pass while the programs start.
    for (age, is_good) in [(200, true), (-200, true), (400, false), (-400, false), (86_400, false)] {
        let moment = (now - age).to_string();
        requests.push(received(is_good, "msg_1", &moment, &sign(SECRET, "msg_1", &moment, BODY), BODY));
    }
    for moment in [format!("{now}.0"), format!("{now}x"), "x".to_owned(), "9".repeat(30)] {
        requests.push(received(false, "msg_1", &moment, &sign(SECRET, "msg_1", &moment, BODY), BODY));
    }
    requests
}

/// Writes one request a line, for programs without a reader of JSON. The secrets are passed as arguments.
fn lines(requests: &[Received]) -> String {
    let line = |one: &Received| {
        [&one.id, &one.timestamp, &one.signatures, &BASE64.encode(one.body.as_bytes())]
            .map(String::as_str)
            .join("\t")
    };
    requests.iter().map(|one| line(one) + "\n").collect()
}

#[track_caller]
fn assert_verdicts(requests: &[Received], verdicts: &[bool]) {
    assert_eq!(requests.len(), verdicts.len());
    for (one, verdict) in requests.iter().zip(verdicts) {
        let Received { id, timestamp, signatures, body, good } = one;
        assert_eq!(good, verdict, "{id} {timestamp} {signatures} {body}");
    }
}

/// Runs a program that reads those lines and writes `True` or `False` for each.
async fn assert_program(mut command: Command) {
    let requests = requests();
    command.args([EARLIER, SECRET]);
    let output = String::from_utf8(run_program(command, &lines(&requests)).await).unwrap();
    let verdicts: Vec<bool> = output.split_whitespace().map(|word| word.eq_ignore_ascii_case("true")).collect();
    assert_verdicts(&requests, &verdicts);
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn command_in(folder: &TempDir, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder.path()).args(arguments);
    command
}

fn wh_05_our_own_check_says_the_same_of_these_requests() {
    crate::support::run(Box::pin(async {
        let database = TestDatabase::migrated(Engine::Sqlite);
        let mut config = base_config(&database);
        config.mail.provider = MailProviderKind::Resend;
        config.mail.webhook_secret = Some(SecretString::from(SECRET));
        let clock = Arc::new(ManualClock::at(now()));
        let app = TestApp::start_on(database, config, clock, MailApi::start().await).await;
        let requests = requests();
        let mut verdicts = Vec::new();
        for one in &requests {
            let request =
                app.request(Method::POST, "/v1/mail-events/resend").header("content-type", "application/json");
            let request = request.header("webhook-id", &one.id).header("webhook-timestamp", &one.timestamp);
            let request = request.header("webhook-signature", &one.signatures).body(one.body.clone());
            let status = send(request).await.status;
            assert!([204, 401].contains(&status), "{status}");
            verdicts.push(status == 204);
        }
        assert_verdicts(&requests, &verdicts);
    }));
}

async fn wh_05_the_guides_typescript_takes_what_we_sign_and_nothing_else() {
    let folder = compiled().await;
    let requests = requests();
    let lines = lines(&requests);
    let verdicts = run_module(
        folder.path(),
        r#"
        const { isAuthentic } = await import("./receive-webhooks.js");
        const verdicts = [];
        for (const line of input.lines.trimEnd().split("\n")) {
            const [id, timestamp, signature, body] = line.split("\t");
            const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
            const bytes = new Uint8Array(Buffer.from(body, "base64")).buffer;
            verdicts.push(await isAuthentic(new Headers(headers), bytes, input.secrets));
        }
        console.log(JSON.stringify(verdicts));
        "#,
        json!({ "lines": lines, "secrets": [EARLIER, SECRET] }),
    )
    .await;
    let verdicts: Vec<bool> = serde_json::from_value(verdicts).unwrap();
    assert_verdicts(&requests, &verdicts);
}

async fn wh_02_the_guides_typescript_writes_a_repetition_down_once() {
    let folder = compiled().await;
    let moment = now().and_utc().timestamp().to_string();
    let signed = |id: &str| json!([id, moment, sign(SECRET, id, &moment, BODY)]);
    let seen = run_module(
        folder.path(),
        r#"
        const { receive } = await import("./receive-webhooks.js");
        const kept = new Map();
        const inbox = { async put(id, event) { if (!kept.has(id)) kept.set(id, event); } };
        const statuses = [];
        for (const [id, timestamp, signature] of input.requests) {
            const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
            const request = new Request("https://partner.example.com/", { method: "POST", headers, body: input.body });
            statuses.push((await receive(request, [input.secret], inbox)).status);
        }
        console.log(JSON.stringify({ statuses, kept: [...kept] }));
        "#,
        json!({
            "requests": [signed("msg_1"), signed("msg_1"), signed("msg_2"), ["msg_3", moment, "v1,AAAA"]],
            "body": BODY,
            "secret": SECRET,
        }),
    )
    .await;
    assert_eq!(seen, json!({ "statuses": [204, 204, 204, 401], "kept": [["msg_1", BODY], ["msg_2", BODY]] }));
}

async fn wh_05_the_guides_csharp_takes_what_we_sign_and_nothing_else() {
    const MAIN: &str = r"
        using System;
        public static class Program
        {
            public static void Main(string[] secrets)
            {
                for (string line; (line = Console.ReadLine()) != null; )
                {
                    var one = line.Split('\t');
                    var body = Convert.FromBase64String(one[3]);
                    Console.WriteLine(Webhooks.IsAuthentic(one[0], one[1], one[2], body, secrets));
                }
            }
        }
    ";
    let folder = folder(&[("Webhooks.cs", &code("receive-webhooks", "csharp")), ("Program.cs", MAIN)]);
    run_program(command_in(&folder, "mcs", &["-out:webhooks.exe", "Webhooks.cs", "Program.cs"]), "").await;
    assert_program(command_in(&folder, "mono", &["webhooks.exe"])).await;
}

async fn wh_05_the_guides_java_takes_what_we_sign_and_nothing_else() {
    const MAIN: &str = r#"
        import java.util.Base64;
        import java.util.List;
        import java.util.Scanner;
        public final class Program {
            public static void main(String[] secrets) throws Exception {
                var webhooks = new Webhooks(List.of(secrets));
                var lines = new Scanner(System.in);
                while (lines.hasNextLine()) {
                    var one = lines.nextLine().split("\t", -1);
                    System.out.println(webhooks.isAuthentic(one[0], one[1], one[2], Base64.getDecoder().decode(one[3])));
                }
            }
        }
    "#;
    let folder = folder(&[("Webhooks.java", &code("receive-webhooks", "java")), ("Program.java", MAIN)]);
    run_program(command_in(&folder, "javac", &["-Xlint:all", "-Werror", "Webhooks.java", "Program.java"]), "")
        .await;
    assert_program(command_in(&folder, "java", &["Program"])).await;
}

async fn wh_05_the_guides_php_takes_what_we_sign_and_nothing_else() {
    const MAIN: &str = r#"<?php
        require 'Webhooks.php';
        $webhooks = new Webhooks(array_slice($argv, 1));
        while (($line = fgets(STDIN)) !== false) {
            [$id, $timestamp, $signatures, $body] = explode("\t", rtrim($line, "\n"));
            echo $webhooks->isAuthentic($id, $timestamp, $signatures, base64_decode($body)) ? "true\n" : "false\n";
        }
    "#;
    let folder = folder(&[("Webhooks.php", &code("receive-webhooks", "php")), ("main.php", MAIN)]);
    assert_program(command_in(&folder, "php", &["main.php"])).await;
}

async fn the_guides_php_can_be_read() {
    let folder = folder(&[("tokens.php", &code("verify-our-tokens", "php"))]);
    run_program(command_in(&folder, "php", &["-l", "tokens.php"]), "").await;
}

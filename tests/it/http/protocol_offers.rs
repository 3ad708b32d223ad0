//! Offers to change the protocol are ignored, and their connection goes on (RFC 9110 §7.8).

use std::{fs, process::Command, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Listening, TestApp, database_tests, engine_tests, run_program};

database_tests![ap_16_an_offer_to_change_the_protocol_is_ignored,];

engine_tests![with "curl": ap_16_curl_keeps_its_connection_after_an_offer_of_http_2,];
engine_tests![with "nginx": ap_16_a_proxy_for_websockets_keeps_its_connections,];

const OFFERS: [&str; 7] = [
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n",
    "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "connection:keep-alive,UPGRADE\r\nupgrade:foo/2, websocket\r\n",
    "Upgrade: websocket\r\n",
    "Connection: upgrade\r\n",
    "Connection: keep-alive\r\nConnection: upgrade\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nConnection: Upgrade\r\n",
];

/// Reads one answer. Returns its head.
async fn read_answer(connection: &mut TcpStream, is_head: bool) -> String {
    let mut read = Vec::new();
    let end = loop {
        let mut byte = [0];
        let reading = timeout(Duration::from_secs(10), connection.read(&mut byte)).await;
        assert_eq!(reading.expect("an answer in time").unwrap(), 1, "{}", String::from_utf8_lossy(&read));
        read.push(byte[0]);
        if read.ends_with(b"\r\n\r\n") {
            break String::from_utf8(read).unwrap().to_ascii_lowercase();
        }
    };
    let length =
        end.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |text| text.parse().unwrap());
    if !is_head {
        connection.read_exact(&mut vec![0; length]).await.unwrap();
    }
    end
}

async fn ap_16_an_offer_to_change_the_protocol_is_ignored(app: &TestApp) {
    let body = r#"{"customer_number":"004217"}"#;
    for offer in OFFERS {
        let mut connection = TcpStream::connect(("127.0.0.1", app.url.port().unwrap())).await.unwrap();
        let requests = [
            ("GET", "/livez", 204, ""),
            ("HEAD", "/v1/password-policy", 200, ""),
            ("POST", "/v1/challenges", 201, body),
            ("POST", "/v1/challenges", 400, "{"),
            ("PUT", "/v1/challenges", 405, ""),
            ("DELETE", "/nowhere", 404, ""),
            ("OPTIONS", "/v1/sessions", 405, ""),
        ];
        for parts in [1, 1000] {
            for (method, path, status, body) in requests {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: x\r\n{offer}Content-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                for part in request.as_bytes().chunks(parts) {
                    connection.write_all(part).await.unwrap();
                }
                let head = read_answer(&mut connection, method == "HEAD").await;
                assert!(head.starts_with(&format!("http/1.1 {status} ")), "{method} {path} {offer}: {head}");
                assert!(!head.contains("upgrade") && !head.contains("\r\nconnection:"), "{method} {path}: {head}");
            }
        }
    }
}

async fn ap_16_curl_keeps_its_connection_after_an_offer_of_http_2(engine: crate::support::Engine) {
    let app = TestApp::start(engine).await;
    let url = app.url.join("/v1/password-policy").unwrap();
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--http2", "--write-out", "%{http_code} %{num_connects}\n"]);
    for _ in 0..3 {
        command.args(["--output", "/dev/null"]).arg(url.as_str());
    }
    let said = String::from_utf8(run_program(command, "").await).unwrap();
    assert_eq!(said, "200 1\n200 0\n200 0\n");
}

/// The settings are those that guides of nginx give for `WebSocket`, set for every location.
async fn ap_16_a_proxy_for_websockets_keeps_its_connections(engine: crate::support::Engine) {
    let app = TestApp::start(engine).await;
    let proxy = Listening::start(|port, folder| {
        let file = folder.join("nginx.conf");
        let settings = format!(
            "daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
             fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
             upstream service {{ server 127.0.0.1:{}; keepalive 8; }}\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://service; proxy_http_version 1.1;\n\
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\"; }} }} }}\n",
            app.url.port().unwrap(),
            folder = folder.display(),
        );
        fs::write(&file, settings).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&file).args(["-e", "/dev/null"]);
        command
    })
    .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://127.0.0.1:{}/v1/challenges", proxy.port);
    for index in 0..200 {
        let mut request = client.post(&url).json(&serde_json::json!({ "customer_number": "004217" }));
        if index % 2 == 1 {
            request = request.header("Upgrade", "h2c");
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201, "call {index}");
    }
}

//! Libraries of others against the running service: each finds it by its metadata, and gets, verifies, introspects and revokes
//! a token by every way in which a client authenticates itself.

use std::{collections::BTreeMap, path::Path, process::Command};

use data_encoding::BASE64;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use stakis_identity::types::random_bytes;
use tempfile::TempDir;

use crate::support::{
    Body, Customer, Engine, Need, Running, TestDatabase, engine_tests,
    partner::{FORM, GRANT},
    python_program, run_command, run_module, run_program, test, text, typescript_compiler,
};

engine_tests![with "schemathesis":
    jw_13_jw_14_jw_15_authlib_walks_through,
    jw_14_jw_15_requests_oauthlib_walks_through,
];

test!(
    jw_13_jw_14_jw_15_openid_client_walks_through,
    [Need::TypeScript],
    Body::OnDatabases(&Engine::ALL, |engine| Box::pin(jw_13_jw_14_jw_15_openid_client_walks_through(engine)))
);

test!(
    jw_13_jw_14_jw_15_oauth4webapi_walks_through,
    [Need::TypeScript],
    Body::OnDatabases(&Engine::ALL, |engine| Box::pin(jw_13_jw_14_jw_15_oauth4webapi_walks_through(engine)))
);

const ALGORITHMS: [&str; 3] = ["ES256", "RS256", "EdDSA"];
const WAYS: [&str; 5] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt ES256",
    "private_key_jwt RS256",
    "private_key_jwt EdDSA",
];

/// The program itself, under a public address that it listens at.
struct Service {
    issuer: String,
    variables: BTreeMap<&'static str, String>,
    http: Client,
    _process: Running,
    _database: TestDatabase,
    _data: TempDir,
}

impl Service {
    fn start(engine: Engine) -> Self {
        let database = TestDatabase::migrated(engine);
        let data = tempfile::tempdir().unwrap();
        // The issuer is settled before the service listens. An address of the loopback network that no other test uses
        // makes the port sure to be free.
        let [one, two, three] = random_bytes::<3>();
        let address = format!("127.{}.{}.{}:8080", 1 + one % 250, two, 1 + three % 250);
        let issuer = format!("http://{address}");
        let variables = BTreeMap::from([
            ("STAKIS_LISTEN", address),
            ("STAKIS_OPS_LISTEN", "127.0.0.1:0".to_owned()),
            ("STAKIS_PUBLIC_URL", issuer.clone()),
            ("STAKIS_DATA_DIR", data.path().display().to_string()),
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            ("STAKIS_SECRET_KEY", BASE64.encode(&random_bytes::<32>())),
        ]);
        let mut process = Running::start("serve", &variables);
        process.wait_for_line("serving");
        let http = Client::builder().no_proxy().build().unwrap();
        Self { issuer, variables, http, _process: process, _database: database, _data: data }
    }

    fn run(&self, arguments: &[&str], input: &str) -> String {
        let output = run_command(arguments, &self.variables, input);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn make_client(&self, more: &[&str], input: &str) -> Value {
        let create = ["client", "create", "--name", "Partner d.o.o.", "--scope", "support:read", "--json"];
        serde_json::from_str(&self.run(&[&create[..], more].concat(), input)).unwrap()
    }

    /// What a script needs: a client with a secret and these keys, the token of another client, and that of a customer.
    async fn prepare(&self, keys: &Value) -> Value {
        let client = self.make_client(&["--jwks", "-"], &keys["public"].to_string());
        assert_eq!(client["methods"], json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]));
        let other = self.make_client(&[], "");
        let asked =
            self.http.post(format!("{}/oauth2/token", self.issuer)).header("content-type", FORM).body(GRANT);
        let foreign =
            answer(asked.basic_auth(text(&other, "client_id"), Some(text(&other, "client_secret"))), 200).await;
        let Customer { number, email, password } = Customer::ANA;
        let create =
            ["account", "create", "--customer-number", number, "--email", email, "--password-stdin", "--json"];
        self.run(&create, password);
        let sign_in = json!({ "customer_number": number, "password": password });
        let session = answer(self.http.post(format!("{}/v1/sessions", self.issuer)).json(&sign_in), 201).await;
        json!({
            "issuer": self.issuer,
            "id": client["client_id"],
            "secret": client["client_secret"],
            "keys": keys["private"],
            "foreign": foreign["access_token"],
            "customer": session["access_token"],
        })
    }
}

async fn answer(request: RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), status);
    answer.json().await.unwrap()
}

/// Runs a script beside the packages from npm.
pub(super) async fn node(script: &str, input: Value) -> Value {
    let compiler = typescript_compiler().unwrap();
    let folder = Path::new(&compiler).ancestors().nth(4).unwrap();
    run_module(folder, script, input).await
}

/// Runs a script with the packages from PyPI.
pub(super) async fn python(script: &str, input: Value) -> Value {
    let mut command = Command::new(python_program("python").unwrap());
    command.arg("-").arg(input.to_string());
    serde_json::from_slice(&run_program(command, script).await).unwrap()
}

async fn jw_13_jw_14_jw_15_openid_client_walks_through(engine: Engine) {
    let service = Service::start(engine);
    let keys = node(include_str!("../../interoperation/keys.mjs"), json!({ "algorithms": ALGORITHMS })).await;
    let given = service.prepare(&keys).await;
    assert_eq!(node(include_str!("../../interoperation/openid_client.mjs"), given).await, json!(WAYS));
}

async fn jw_13_jw_14_jw_15_oauth4webapi_walks_through(engine: Engine) {
    let service = Service::start(engine);
    let keys = node(include_str!("../../interoperation/keys.mjs"), json!({ "algorithms": ALGORITHMS })).await;
    let given = service.prepare(&keys).await;
    assert_eq!(node(include_str!("../../interoperation/oauth4webapi.mjs"), given).await, json!(WAYS));
}

async fn jw_13_jw_14_jw_15_authlib_walks_through(engine: Engine) {
    let service = Service::start(engine);
    let keys = python(include_str!("../../interoperation/keys.py"), json!({ "algorithms": ALGORITHMS })).await;
    let given = service.prepare(&keys).await;
    assert_eq!(python(include_str!("../../interoperation/authlib_client.py"), given).await, json!(WAYS));
}

async fn jw_14_jw_15_requests_oauthlib_walks_through(engine: Engine) {
    let service = Service::start(engine);
    let keys = python(include_str!("../../interoperation/keys.py"), json!({ "algorithms": ALGORITHMS })).await;
    let given = service.prepare(&keys).await;
    assert_eq!(python(include_str!("../../interoperation/requests_oauthlib_client.py"), given).await, json!(WAYS));
}

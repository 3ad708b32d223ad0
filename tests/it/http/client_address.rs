//! The address of the client: the peer, unless a trusted proxy names another one.

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::config::{self, Config, ProxyHeader};

use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, plain_tests, send, text};

database_tests![rl_07_without_a_trusted_proxy_no_header_changes_the_source,];

engine_tests![
    rl_07_a_trusted_proxy_names_the_client,
    rl_07_a_proxy_may_name_the_client_by_the_header_of_its_rfc,
    rl_07_a_proxy_that_is_not_in_the_list_names_nobody,
    rl_07_what_a_client_adds_in_front_of_the_proxy_changes_nothing,
];

plain_tests![rl_07_trusted_proxies_are_networks_and_not_everybody,];

/// Signs in with these headers, and returns the source in the list of sessions and in the audit trail.
async fn source(app: &TestApp, headers: &[(&str, &str)]) -> String {
    let body = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let request = app.request(Method::POST, "/v1/sessions").json(&body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let session = send(request).await;
    session.assert_status(201);
    let session = session.json();
    let list = app.call(Method::GET, "/v1/sessions", text(&session, "access_token")).await.json();
    let is_current = |session: &&Value| session["current"] == true;
    let listed = list["sessions"].as_array().unwrap().iter().find(is_current).unwrap()["source"].clone();
    let listed = listed.as_str().unwrap().to_owned();
    let trail = app.audit();
    let signed_in = trail.iter().rfind(|line| line.event == "authn_login_success").unwrap();
    assert_eq!(signed_in.source, listed);
    app.deliver_all().await;
    listed
}

async fn rl_07_without_a_trusted_proxy_no_header_changes_the_source(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for header in ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"] {
        for address in ["198.51.100.1", "203.0.113.7", "2001:db8::1"] {
            let value = if header == "forwarded" { format!("for=\"{address}\"") } else { address.to_owned() };
            assert_eq!(source(app, &[(header, &value)]).await, "127.0.0.0/24", "{header}: {value}");
        }
    }
    let dump = app.dump().text();
    assert!(!dump.contains("198.51.100") && !dump.contains("203.0.113") && !dump.contains("2001:db8"));
}

async fn behind(engine: Engine, proxies: &[&str]) -> TestApp {
    behind_writing(engine, proxies, ProxyHeader::XForwardedFor).await
}

async fn behind_writing(engine: Engine, proxies: &[&str], header: ProxyHeader) -> TestApp {
    let proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
    let change = |config: &mut Config| {
        config.trusted_proxies = proxies;
        config.trusted_proxy_header = header;
    };
    let app = TestApp::start_with(engine, change).await;
    app.make(&Customer::ANA).await;
    app
}

async fn rl_07_a_trusted_proxy_names_the_client(engine: Engine) {
    let app = behind(engine, &["127.0.0.0/8", "10.0.0.0/8"]).await;
    for (headers, expected) in [
        (&[("x-forwarded-for", "198.51.100.1")][..], "198.51.100.0/24"),
        (&[("x-forwarded-for", "203.0.113.7, 198.51.100.1:4711, 10.0.0.2")], "198.51.100.0/24"),
        (&[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.0/24"),
        (&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "10.0.0.2")], "198.51.100.0/24"),
        (&[("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=203.0.113.7")], "198.51.100.0/24"),
        (&[("forwarded", "for=203.0.113.7")], "127.0.0.0/24"),
        (&[], "127.0.0.0/24"),
    ] {
        assert_eq!(source(&app, headers).await, expected, "{headers:?}");
    }
}

async fn rl_07_a_proxy_may_name_the_client_by_the_header_of_its_rfc(engine: Engine) {
    let app = behind_writing(engine, &["127.0.0.0/8", "10.0.0.0/8"], ProxyHeader::Forwarded).await;
    for (headers, expected) in [
        (&[("forwarded", "for=203.0.113.7, for=\"[2001:db8:7::1]:4711\"")][..], "2001:db8:7::/48"),
        (&[("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=198.51.100.1")], "198.51.100.0/24"),
        (&[("x-forwarded-for", "203.0.113.7")], "127.0.0.0/24"),
    ] {
        assert_eq!(source(&app, headers).await, expected, "{headers:?}");
    }
}

async fn rl_07_a_proxy_that_is_not_in_the_list_names_nobody(engine: Engine) {
    let app = behind(engine, &["10.0.0.0/8", "127.0.0.2/32"]).await;
    assert_eq!(source(&app, &[("x-forwarded-for", "198.51.100.1")]).await, "127.0.0.0/24");
}

async fn rl_07_what_a_client_adds_in_front_of_the_proxy_changes_nothing(engine: Engine) {
    let app = behind(engine, &["127.0.0.1/32"]).await;
    for number in 0..5 {
        let forged = format!("203.0.113.{number}");
        let chain = format!("{forged}, unknown, 198.51.100.1");
        let headers = [
            ("x-forwarded-for", &*chain),
            ("x-real-ip", &forged),
            ("cf-connecting-ip", &forged),
            ("true-client-ip", &forged),
        ];
        assert_eq!(source(&app, &headers).await, "198.51.100.0/24");
        // A header that the proxy does not write itself cannot name another client.
        let forwarded = format!("for={forged}");
        let headers = [("x-forwarded-for", "198.51.100.1"), ("forwarded", &*forwarded)];
        assert_eq!(source(&app, &headers).await, "198.51.100.0/24");
    }
}

fn rl_07_trusted_proxies_are_networks_and_not_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        let data_dir = folder.path().display().to_string();
        let variables = [("STAKIS_DATA_DIR", data_dir), ("STAKIS_TRUSTED_PROXIES", text.to_owned())];
        let config = config::read(variables.map(|(name, value)| (name.to_owned(), value)));
        config.map(|config| config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let networks = ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::1/128", "10.1.0.0/16", "10.2.3.4/32"];
    assert_eq!(
        read("10.0.0.0/8, 192.0.2.7,2001:db8::/32 ,::1,::ffff:10.1.0.0/112,::ffff:10.2.3.4,").unwrap(),
        networks
    );
    assert_eq!(read("").unwrap(), [""; 0]);
    for wrong in
        ["everyone", "10.0.0.0/33", "10.0.0", "10.0.0.0/8;::1", "proxy.example", "0.0.0.0/0", "::/0", "fe80::1%1"]
    {
        let problems = read(wrong).unwrap_err().0;
        assert!(
            matches!(&*problems, [one] if one.starts_with("STAKIS_TRUSTED_PROXIES must be addresses or networks")),
            "{wrong}: {problems:?}"
        );
    }
}

//! The audit trail: who did what, from where, as part of which request.

use std::{fs, path::Path, time::Duration};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{config::DatabaseUrl, identity::passwords, jobs, types::CustomerNumber};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time};

use crate::support::{Customer, DirectConnection, TestApp, administrator, database_tests, plain_tests, send, text};

const NEW: &str = "Zimske-gume-27";

database_tests![
    lo_01_everything_about_sign_ins_and_sessions_is_in_the_trail,
    lo_01_what_ends_without_a_sign_out_is_in_the_trail,
    lo_01_whoever_hangs_up_is_in_the_trail,
    lo_02_an_entry_names_actor_network_and_request,
    lo_04_what_is_no_customer_number_is_nowhere,
    lo_05_what_a_caller_says_of_itself_stays_on_one_line,
];
plain_tests![lo_06_the_trail_is_read_to_show_it_and_no_rule_asks_it];

async fn lo_01_everything_about_sign_ins_and_sessions_is_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    let other = app.session(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let wrong = json!({ "current_password": "x", "new_password": NEW, "new_password_confirmation": NEW });
    app.change(text(&session, "access_token"), wrong).await;
    let right = json!({ "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW });
    let session = app.change(text(&session, "access_token"), right).await.json();
    let next = app.refresh(text(&session, "refresh_token")).await.json();
    app.refresh(text(&session, "refresh_token")).await;
    app.advance(TimeDelta::seconds(31));
    app.refresh(text(&session, "refresh_token")).await;
    let signed_out = app.sign_in(Customer::ANA.number, NEW).await.json();
    app.call(Method::DELETE, "/v1/sessions/current", text(&signed_out, "access_token")).await;
    app.sign_in(Customer::ANA.number, NEW).await;
    app.advance(TimeDelta::days(180));
    app.sign_in(Customer::ANA.number, NEW).await;
    app.close(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, NEW).await;
    app.deliver_all().await;
    let trail: Vec<String> = app
        .audit()
        .into_iter()
        .map(|line| {
            let session = match line.session_id.as_str() {
                "" => "",
                id if id == text(&other, "session_id") => " other",
                id if id == text(&next, "session_id") => " first",
                id if id == text(&signed_out, "session_id") => " signed out",
                _ => " last",
            };
            format!("{} ({}){session}", line.event, line.detail)
        })
        .filter(|line| !line.contains("mail") && !line.contains("signing_key"))
        .collect();
    insta::assert_snapshot!(trail.join("\n"), @"
    user_created ()
    authn_login_fail (credentials)
    authn_login_success () other
    authn_login_success () first
    authn_password_change_fail () first
    authn_token_revoked (change) other
    authn_password_change (change) first
    authn_token_reissued (to the same network) first
    authn_token_reuse (refresh token reused) first
    authn_login_success () signed out
    authn_token_revoked (by the customer) signed out
    authn_login_success () last
    authn_login_fail (password expired)
    authn_token_revoked (closed) last
    user_closed (no reason given)
    authn_login_fail (closed)
    ");
    // Every entry of a customer names the network and the request. That of a mail names the request that it follows from.
    for line in app.audit() {
        assert_eq!(line.actor == "customer", line.source == "127.0.0.0/24", "{line:?}");
        if !line.event.contains("mail") {
            assert_eq!(line.actor == "customer", !line.request_id.is_empty(), "{line:?}");
        }
    }
    let of_mails = app.audit().into_iter().filter(|line| line.event.starts_with("mail_"));
    assert!(of_mails.map(|line| line.request_id).any(|id| !id.is_empty()), "{:?}", app.audit());
    jobs::keep_house(&app.app).await;
}

async fn lo_01_what_ends_without_a_sign_out_is_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    let idle = app.sign_in(Customer::ANA.number, NEW).await.json();
    app.advance(TimeDelta::days(31));
    app.refresh(text(&idle, "refresh_token")).await.assert_problem(401, "invalid-token");
    jobs::keep_house(&app.app).await;
    app.sign_in(Customer::ANA.number, NEW).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    passwords::expire(&app.app, &administrator(), number, None).await.unwrap();
    app.sign_in(Customer::ANA.number, NEW).await.assert_problem(403, "password-expired");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let token = mails.last().unwrap().token();
    app.complete(&token, Customer::ANA.number, "Tretje-geslo-2").await.assert_status(200);
    app.advance(TimeDelta::days(179));
    let last = app.sign_in(Customer::ANA.number, "Tretje-geslo-2").await.json();
    app.advance(TimeDelta::days(1));
    app.refresh(text(&last, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    let trail: Vec<String> = app
        .audit()
        .into_iter()
        .filter(|line| ["authn_", "session_"].iter().any(|prefix| line.event.starts_with(prefix)))
        .map(|line| format!("{} ({}) {}", line.event, line.detail, line.actor))
        .collect();
    insta::assert_snapshot!(trail.join("\n"), @"
    authn_login_success () customer
    authn_token_revoked (reset) customer
    authn_password_change (reset) customer
    authn_login_success () customer
    session_expired (too old) service
    authn_login_success () customer
    authn_token_revoked (password expired) command line
    authn_password_expired (no reason given) command line
    authn_login_fail (administrative) customer
    authn_password_change (reset) customer
    authn_login_success () customer
    authn_token_revoked (password expired) service
    ");
}

async fn lo_01_whoever_hangs_up_is_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for (password, event) in [("Ugibanje-26", "authn_login_fail"), (Customer::ANA.password, "authn_login_success")]
    {
        let body = json!({ "customer_number": Customer::ANA.number, "password": password }).to_string();
        let head = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length";
        let caller = TcpStream::connect((app.url.host_str().unwrap(), app.url.port().unwrap())).await.unwrap();
        while_nobody_writes(app, async {
            let mut caller = caller;
            caller.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
            time::sleep(Duration::from_millis(200)).await;
            // Without linger time the connection is reset instead of closed.
            caller.set_zero_linger().unwrap();
            drop(caller);
            time::sleep(Duration::from_millis(200)).await;
        })
        .await;
        let noted = async {
            while app.events(event) == 0 {
                time::sleep(Duration::from_millis(20)).await;
            }
        };
        time::timeout(Duration::from_secs(20), noted).await.expect(event);
    }
    assert_eq!(app.column("sign_in_failures", "failures"), ["1"], "the right password was no failure");
}

/// Runs `meanwhile` while the database cannot record sign-in attempts.
async fn while_nobody_writes(app: &TestApp, meanwhile: impl Future<Output = ()>) {
    let begin = match &app.database.url {
        DatabaseUrl::Sqlite(_) => "BEGIN IMMEDIATE",
        DatabaseUrl::Postgres(_) => "BEGIN; LOCK TABLE sign_in_failures IN EXCLUSIVE MODE",
    };
    let mut other = DirectConnection::open(&app.database.url);
    other.execute(begin).unwrap();
    meanwhile.await;
    other.execute("COMMIT").unwrap();
}

async fn lo_02_an_entry_names_actor_network_and_request(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": "x" });
    send(app.request(Method::POST, "/v1/sessions").header("x-request-id", "abc-123").json(&form)).await;
    let trail = app.audit();
    let last = trail.last().unwrap();
    let columns = [&last.event, &last.actor, &last.customer_number, &last.source, &last.request_id];
    assert_eq!(columns, ["authn_login_fail", "customer", "004217", "127.0.0.0/24", "abc-123"]);
}

async fn lo_04_what_is_no_customer_number_is_nowhere(app: &TestApp) {
    // People type passwords into the field for the number.
    for typed in ["Poletne-gume-26", "4217", "00421 7", "٠٠٤٢١٧"] {
        app.sign_in(typed, "x").await.assert_problem(422, "validation-failed");
        app.ask(typed).await.assert_problem(422, "validation-failed");
        assert!(!app.dump().text().contains(typed));
    }
}

/// A tab is the one control character that a header may hold. A value beyond plain ASCII is left out altogether.
async fn lo_05_what_a_caller_says_of_itself_stays_on_one_line(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let separator = "Firefox\u{2028}Windows";
    for sent in ["Firefox/1\tWindows", separator] {
        let request = app.request(Method::POST, "/v1/sessions").header("user-agent", sent).json(&form);
        send(request).await.assert_status(201);
    }
    let mut kept = app.column("sessions", "user_agent");
    kept.sort();
    assert_eq!(kept, ["", "Firefox/1Windows"]);
    app.deliver_all().await;
}

/// The files below a folder of the crate that hold a text.
fn files_with(needle: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut waiting, mut found) = (vec![root.clone()], Vec::new());
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(needle)) {
            found.push(path.strip_prefix(&root).unwrap().display().to_string());
        }
    }
    found.sort();
    found
}

/// A rule that reads the trail would change with every row that somebody can append.
fn lo_06_the_trail_is_read_to_show_it_and_no_rule_asks_it() {
    assert_eq!(
        files_with("audit_events::table"),
        [
            "store/audit_check.rs",
            "store/audit_cut.rs",
            "store/audit_events.rs",
            "store/audit_seals.rs",
            "store/audit_trail.rs",
            "store/imports.rs",
            "store/sign_ins.rs",
            "store/trail.rs",
        ],
        "the table"
    );
    assert_eq!(files_with("audit_events::list_of_number"), ["identity/support/facts.rs"], "the query");
    assert_eq!(files_with("audit_events::list_of_account"), ["identity/activity/list.rs"], "the owner's query");
    assert_eq!(files_with("audit_trail::list("), ["identity/audit/list.rs"], "the auditors' query");
    assert_eq!(files_with("audit_trail::list_all_of"), ["identity/accounts/export.rs"], "the export's query");
    // What the diagnosis has read of the trail makes its timeline, and no finding.
    assert_eq!(files_with("facts.happened"), ["identity/support/timeline.rs"], "its rows");
}

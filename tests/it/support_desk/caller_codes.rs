//! Who is calling? Support asks, the customer reads six digits out, and support checks them (OW-11).

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Customer, TestApp,
    calling::{
        ASK, ask, call, check, code_in, code_on_page, found, not_verified, press, question, verified, wrong,
    },
    database_tests,
    desk::Person,
    execute,
    machine::Machine,
    send, text,
};

database_tests![
    ow_11_the_customer_reads_the_code_on_the_page_and_support_checks_it,
    ow_11_the_mail_carries_the_code_to_the_address_on_file,
    ow_11_an_unknown_number_gets_the_same_answer_and_the_same_rows,
    ow_11_a_question_belongs_to_its_client,
    ow_11_five_tries_at_once_or_after_each_other_and_no_sixth,
    ow_11_a_code_lives_for_ten_minutes,
    ow_11_a_new_question_ends_the_one_before,
    ow_11_a_code_of_the_page_that_nobody_has_seen_is_a_guess,
    ow_11_the_owner_reads_of_it_and_who_asked,
    ow_11_wrong_questions_and_codes_are_named_and_count_as_no_try,
    ow_11_no_code_is_at_rest,
];

async fn ow_11_the_customer_reads_the_code_on_the_page_and_support_checks_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    let before = app.mail_api.mails().await.len();
    press(app, &token).await.assert_problem(404, "not-found");
    let maja = Person::make(app, "support:act").await;
    let granted =
        crate::support::partner::ask_as(app, maja.id.as_str(), &maja.secret, "grant_type=client_credentials").await;
    let bearer = text(&granted.json(), "access_token").to_owned();
    let post = |path: String, body: Value| {
        let request = app.request(Method::POST, &path).bearer_auth(&bearer).json(&body);
        send(request)
    };
    let asked =
        post(ASK.to_owned(), json!({ "customer_number": Customer::ANA.number, "deliver_to": "page" })).await;
    asked.assert_status(201);
    let asked = asked.json();
    assert_eq!(asked.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "expires_at"]);
    assert_eq!(asked["expires_at"], "2026-11-22T13:10:00.000Z");
    let shown = press(app, &token).await.json();
    assert_eq!((text(&shown, "asked_by"), text(&shown, "asked_at")), (Person::NAME, "2026-11-22T13:00:00.000Z"));
    assert_eq!(shown["expires_at"], asked["expires_at"]);
    let code = text(&shown, "code");
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(press(app, &token).await.json(), shown, "the page may be loaded again");
    let path = format!("{ASK}/{}/check", text(&asked, "id"));
    assert_eq!(post(path.clone(), json!({ "code": wrong(code) })).await.json(), not_verified());
    assert_eq!(post(path.clone(), json!({ "code": code })).await.json(), verified("page"));
    // A right code is used up, and leaves the page.
    assert_eq!(post(path, json!({ "code": code })).await.json(), not_verified());
    press(app, &token).await.assert_problem(404, "not-found");
    assert_eq!((app.deliver_all().await, app.mail_api.mails().await.len()), (0, before), "no mail goes out");
    let trail: Vec<String> = app
        .audit()
        .into_iter()
        .filter(|line| line.event.starts_with("caller_code"))
        .map(|line| {
            assert_eq!(line.customer_number, Customer::ANA.number);
            format!("{} {} {}", line.event, line.detail, line.actor.replace(maja.id.as_str(), "maja"))
        })
        .collect();
    assert_eq!(
        trail,
        [
            "caller_code_asked page client maja",
            "caller_code_shown  customer",
            "caller_code_refused page client maja",
            "caller_code_verified page client maja",
            "caller_code_refused not live client maja",
        ]
    );
}

async fn ow_11_the_mail_carries_the_code_to_the_address_on_file(app: &TestApp) {
    let (token, desk) = call(app).await;
    let before = app.mail_api.mails().await.len();
    let id = question(&desk, "mail").await;
    press(app, &token).await.assert_problem(404, "not-found");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), before + 1);
    let mail = &mails[before];
    assert_eq!((mail.to(), mail.subject()), (Customer::ANA.email, "STAkis: koda za pogovor s podporo"));
    assert!(
        mail.text().contains("Sprašuje: Partner d.o.o.") && !mail.text().contains("#token="),
        "{}",
        mail.text()
    );
    assert!(!mail.text().contains(Customer::ANA.number));
    assert_eq!(found(&desk, &id, &code_in(mail.text())).await, verified("mail"));
}

/// Also an owner who cannot be reached, and an address that cools off, look like nobody.
async fn ow_11_an_unknown_number_gets_the_same_answer_and_the_same_rows(app: &TestApp) {
    let (_, desk) = call(app).await;
    for way in ["page", "mail"] {
        let counts = |app: &TestApp| app.dump().counts();
        let zero = counts(app);
        let mut known = ask(&desk, Customer::ANA.number, way).await;
        let after_known = counts(app);
        let mut unknown = ask(&desk, "999999", way).await;
        let after_unknown = counts(app);
        let ids = [&known, &unknown].map(|answer| text(&answer.json(), "id").to_owned());
        assert_ne!(ids[0], ids[1]);
        for (answer, id) in [&mut known, &mut unknown].into_iter().zip(&ids) {
            answer.text = answer.text.replace(id, "id");
        }
        assert_eq!(known.comparable(), unknown.comparable());
        for (table, count) in &after_unknown {
            assert_eq!(
                count - after_known[table],
                after_known[table] - zero.get(table).copied().unwrap_or(0),
                "{table}"
            );
        }
        // Every code that could be tried is wrong for a decoy.
        assert_eq!(found(&desk, &ids[1], "000000").await, not_verified());
        app.deliver_all().await;
    }
    let mails = app.mail_rows();
    assert_eq!(mails.iter().filter(|mail| mail.kind == "caller_code" && mail.status == "decoy").count(), 1);
    assert_eq!(mails.iter().filter(|mail| mail.kind == "caller_code" && mail.status == "handed_over").count(), 1);
}

async fn ow_11_a_question_belongs_to_its_client(app: &TestApp) {
    let (token, desk) = call(app).await;
    let other = Machine::with(app, "support:act").await;
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    let foreign = check(&other, &id, &code).await;
    foreign.assert_problem(404, "not-found");
    for id in ["x", "aaaaaaaaaaaaaaaaaaaaaaaaaa", &desk.partner.id.to_string()] {
        assert_eq!(check(&desk, id, &code).await.comparable(), foreign.comparable(), "{id}");
    }
    // The other client has used up no try.
    for _ in 0..9 {
        check(&other, &id, "000000").await.assert_problem(404, "not-found");
    }
    assert_eq!(found(&desk, &id, &code).await, verified("page"));
}

async fn ow_11_five_tries_at_once_or_after_each_other_and_no_sixth(app: &TestApp) {
    let (token, desk) = call(app).await;
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    for _ in 0..4 {
        assert_eq!(found(&desk, &id, &wrong(&code)).await, not_verified());
    }
    assert_eq!(found(&desk, &id, &code).await, verified("page"), "the fifth try counts");

    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    let guess = wrong(&code);
    let answers = join_all((0..20).map(|_| found(&desk, &id, &guess))).await;
    assert!(answers.iter().all(|answer| *answer == not_verified()));
    assert_eq!(app.column("caller_codes", "tries").iter().filter(|tries| *tries == "5").count(), 2);
    assert_eq!(found(&desk, &id, &code).await, not_verified(), "the right code comes too late");
    press(app, &token).await.assert_problem(404, "not-found");

    // Of right codes at once, one is verified.
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    let answers = join_all((0..5).map(|_| found(&desk, &id, &code))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == verified("page")).count(), 1);
}

async fn ow_11_a_code_lives_for_ten_minutes(app: &TestApp) {
    let (_, mut desk) = call(app).await;
    let id = question(&desk, "page").await;
    app.advance(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    desk.renew().await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let code = code_on_page(app, &token).await;
    app.advance(TimeDelta::seconds(1));
    press(app, &token).await.assert_problem(404, "not-found");
    assert_eq!(found(&desk, &id, &code).await, not_verified());
    // A mail that no mail API has taken by then is given up.
    let id = question(&desk, "mail").await;
    app.advance(TimeDelta::minutes(10));
    app.deliver_all().await;
    let row = app.mail_rows().into_iter().find(|mail| mail.kind == "caller_code").unwrap();
    assert_eq!(row.status, "abandoned");
    desk.renew().await;
    assert_eq!(found(&desk, &id, "000000").await, not_verified());
}

async fn ow_11_a_new_question_ends_the_one_before(app: &TestApp) {
    let (token, desk) = call(app).await;
    let other = Machine::with(app, "support:act").await;
    let first = question(&desk, "mail").await;
    let second = question(&other, "page").await;
    // The mail of the first has become pointless.
    app.deliver_all().await;
    assert!(app.mail_rows().iter().any(|mail| mail.kind == "caller_code" && mail.status == "dropped"));
    let code = code_on_page(app, &token).await;
    assert_eq!(found(&desk, &first, &code).await, not_verified());
    assert_eq!(found(&other, &second, &code).await, verified("page"));
}

async fn ow_11_a_code_of_the_page_that_nobody_has_seen_is_a_guess(app: &TestApp) {
    let (token, desk) = call(app).await;
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    execute(&app.database.url, "UPDATE caller_codes SET shown_at = NULL").unwrap();
    assert_eq!(found(&desk, &id, &code).await, not_verified());
    assert_eq!(code_on_page(app, &token).await, code);
    assert_eq!(found(&desk, &id, &code).await, verified("page"));
}

async fn ow_11_the_owner_reads_of_it_and_who_asked(app: &TestApp) {
    let (token, desk) = call(app).await;
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    found(&desk, &id, &wrong(&code)).await;
    found(&desk, &id, &code).await;
    let activity = app.call(Method::GET, "/v1/account/activity", &token).await.json();
    let told: Vec<_> = activity["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| text(event, "event").starts_with("caller_code"))
        .map(|event| (text(event, "event"), text(event, "message"), event["source"].is_null()))
        .collect();
    assert_eq!(told.len(), 3, "{activity}");
    for (event, message, has_no_source) in told {
        let (expected, is_of_support) = match event {
            "caller_code_asked" => ("Podpora je vprašala, kdo kliče (Partner d.o.o.)", true),
            "caller_code_verified" => ("Podpora je prejela pravo kodo (Partner d.o.o.)", true),
            _ => ("Prikazana je bila koda za pogovor s podporo", false),
        };
        assert!(message.starts_with(expected), "{message}");
        assert_eq!(has_no_source, is_of_support, "the network of support is not told: {message}");
    }
}

async fn ow_11_wrong_questions_and_codes_are_named_and_count_as_no_try(app: &TestApp) {
    let (token, desk) = call(app).await;
    for (body, errors) in [
        (json!({}), vec!["#/customer_number required", "#/deliver_to required"]),
        (
            json!({ "customer_number": "4217", "deliver_to": "fax" }),
            vec!["#/customer_number invalid_format", "#/deliver_to invalid_format"],
        ),
        (
            json!({ "customer_number": Customer::ANA.number, "deliver_to": "Page" }),
            vec!["#/deliver_to invalid_format"],
        ),
    ] {
        let refused = desk.post(ASK, body).await;
        refused.assert_problem(422, "validation-failed");
        assert_eq!(refused.field_errors(), errors);
    }
    for body in [json!({ "customer_number": 4217, "deliver_to": "page" }), json!({ "email": "x" }), json!([])] {
        desk.post(ASK, body).await.assert_problem(400, "malformed-request");
    }
    let id = question(&desk, "page").await;
    let code = code_on_page(app, &token).await;
    for text in ["", "12345", "1234567", "12 345", "١٢٣٤٥٦", "123456 "] {
        let refused = check(&desk, &id, text).await;
        assert_eq!(refused.field_errors(), ["#/code invalid_format"], "{text:?}");
    }
    let path = format!("{ASK}/{id}/check");
    assert_eq!(desk.post(&path, json!({})).await.field_errors(), ["#/code required"]);
    desk.post(&path, json!({ "code": 123_456 })).await.assert_problem(400, "malformed-request");
    assert_eq!(app.column("caller_codes", "tries"), ["0"]);
    assert_eq!(found(&desk, &id, &code).await, verified("page"));
    let fields =
        app.request(Method::POST, "/v1/account/caller-code").bearer_auth(&token).json(&json!({ "code": "1" }));
    send(fields).await.assert_problem(400, "malformed-request");
}

async fn ow_11_no_code_is_at_rest(app: &TestApp) {
    let (token, desk) = call(app).await;
    let id = question(&desk, "page").await;
    let on_page = code_on_page(app, &token).await;
    let waiting = app.dump().text();
    let second = question(&desk, "mail").await;
    let queued = app.dump().text();
    app.deliver_all().await;
    let in_mail = code_in(app.mail_api.mails().await.pop().unwrap().text());
    let dump = app.dump().text();
    assert!(dump.contains(&id) && dump.contains(&second), "the dump is complete: it holds the ids");
    let (first, last) = in_mail.split_at(3);
    for text in [&waiting, &queued, &dump] {
        assert!(!text.contains(&format!("'{on_page}'")) && !text.contains(&format!("'{in_mail}'")));
        assert!(!text.contains(&format!("{first} {last}")));
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let codes = words.filter(|word| [on_page.as_str(), in_mail.as_str()].contains(word)).count();
        assert_eq!(codes, 0);
    }
    assert_eq!(found(&desk, &second, &in_mail).await, verified("mail"));
}

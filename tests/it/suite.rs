//! The rules of the suite itself: what fails a test, what a failure shows, and how tests are named.

use std::{
    collections::BTreeSet,
    fs,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use crate::support::{Customer, Engine, Test, TestApp, plain_tests, run};

plain_tests![
    a_job_that_is_left_fails_its_test,
    a_job_may_be_left_where_the_test_says_so,
    a_left_job_hides_no_failure_of_the_test,
    a_failed_status_shows_headers_and_body,
    names_are_unique_and_have_at_most_70_characters,
];

/// The message with which a test fails, or `None` where it passes.
fn failure(body: impl Future<Output = ()> + 'static) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| run(Box::pin(body)))).err()?;
    let said = panic.downcast_ref::<String>().cloned();
    said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}

/// An app with the job of one request in its queue.
async fn app_with_a_job() -> TestApp {
    let app = TestApp::start(Engine::Sqlite).await;
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app
}

fn a_job_that_is_left_fails_its_test() {
    let said = failure(async {
        let app = app_with_a_job().await;
        drop(app);
        // A second app without jobs does not excuse the first.
        TestApp::start(Engine::Sqlite).await;
    });
    let said = said.expect("it fails");
    assert!(said.starts_with("jobs are left") && said.contains("reset_request_id"), "{said}");
    let delivered = failure(async {
        let app = app_with_a_job().await;
        app.deliver_all().await;
    });
    assert_eq!(delivered, None);
}

fn a_job_may_be_left_where_the_test_says_so() {
    assert_eq!(failure(async { app_with_a_job().await.may_leave_jobs() }), None);
}

fn a_left_job_hides_no_failure_of_the_test() {
    let said = failure(async {
        let _app = app_with_a_job().await;
        panic!("what the test found");
    });
    assert_eq!(said.as_deref(), Some("what the test found"));
}

fn a_failed_status_shows_headers_and_body() {
    let said = failure(async {
        let app = TestApp::start(Engine::Sqlite).await;
        app.ask("no number").await.assert_status_with(202, "a note");
    });
    let said = said.expect("it fails");
    for part in
        ["a note", "status: 422", "content-type: application/problem+json", "\"code\":\"validation-failed\""]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

/// A name states the rule, and the comment above the test adds what else one has to know. Unit tests in `src` are named
/// alike.
fn names_are_unique_and_have_at_most_70_characters() {
    let mut names = BTreeSet::new();
    for test in inventory::iter::<Test> {
        assert!(names.insert(test.name), "{} is listed twice", test.name);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        collect_long_names(&root.join(folder), &mut long);
    }
    assert!(long.is_empty(), "more than 70 characters: {long:#?}");
}

fn collect_long_names(folder: &Path, long: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_long_names(&path, long);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let names = source.lines().filter_map(|line| line.split_once("fn ")?.1.split(['(', '<']).next());
            long.extend(names.filter(|name| name.len() > 70 && !name.contains(' ')).map(str::to_owned));
        }
    }
}

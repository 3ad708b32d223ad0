//! The tests as their files list them, and the servers and programs that a test needs besides Rust.
//!
//! A test without what it needs is reported as ignored, so that the closing line counts it.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin};

use libtest_mimic::{Failed, Trial};

use super::{Engine, chromium, has_program, leftovers, length, typescript_compiler};

pub(crate) type Course = Pin<Box<dyn Future<Output = ()>>>;

/// One test as its file lists it. A test on databases becomes one trial for each database.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) body: Body,
}

inventory::collect!(Test);

/// The function that a test runs.
pub(crate) enum Body {
    Plain(fn()),
    Async(fn() -> Course),
    OnDatabases(&'static [Engine], fn(Engine) -> Course),
}

/// A server or a program that a test cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    Postgres,
    /// The certificate of the server, for encrypted connections.
    Certificate,
    /// The program of the release before, which `tests/proof upgrade` builds.
    PreviousRelease,
    /// A length above that of `tests/run`, which `tests/proof` sets.
    LongRound,
    TypeScript,
    Chromium,
    /// A program on the path, or in the folder that `STAKIS_TEST_PYTHON` names.
    Program(&'static str),
}

impl Need {
    fn is_there(self) -> bool {
        match self {
            Self::Postgres => Engine::Postgres.is_there(),
            Self::Certificate => std::env::var_os("STAKIS_TEST_DATABASE_CA").is_some(),
            Self::PreviousRelease => std::env::var_os("STAKIS_TEST_PREVIOUS").is_some(),
            Self::LongRound => length() > 1,
            Self::TypeScript => typescript_compiler().is_some(),
            Self::Chromium => chromium().is_some(),
            Self::Program(name) => has_program(name),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres => write!(formatter, "a PostgreSQL server that STAKIS_TEST_DATABASE_URL names"),
            Self::Certificate => {
                write!(formatter, "the certificate of that server, which STAKIS_TEST_DATABASE_CA names")
            }
            Self::PreviousRelease => {
                write!(formatter, "the program of the release before, which STAKIS_TEST_PREVIOUS names")
            }
            Self::LongRound => write!(formatter, "a STAKIS_TEST_LENGTH above 1"),
            Self::TypeScript => write!(formatter, "a TypeScript compiler that STAKIS_TEST_TYPESCRIPT names"),
            Self::Chromium => write!(
                formatter,
                "Chromium and TypeScript, which STAKIS_TEST_CHROMIUM and STAKIS_TEST_TYPESCRIPT name"
            ),
            Self::Program(name) => {
                write!(formatter, "{name} on the path or in the folder that STAKIS_TEST_PYTHON names")
            }
        }
    }
}

/// Runs a test to its end, and fails if an app that it started has jobs left.
pub(crate) fn run(test: Course) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(leftovers::checked(test));
}

/// All trials, and how many of them lack each need.
pub(crate) fn trials() -> (Vec<Trial>, BTreeMap<Need, usize>) {
    let mut presence = BTreeMap::new();
    let mut left_out = BTreeMap::new();
    let mut trials = Vec::new();
    for test in inventory::iter::<Test> {
        for (suffix, engine) in courses(&test.body) {
            let needs =
                test.needs.iter().copied().chain((engine == Some(Engine::Postgres)).then_some(Need::Postgres));
            let missing = needs.into_iter().find(|need| !*presence.entry(*need).or_insert_with(|| need.is_there()));
            if matches!(missing, Some(Need::PreviousRelease | Need::LongRound)) {
                // It is a part of `tests/proof` alone.
                continue;
            }
            if let Some(need) = missing {
                *left_out.entry(need).or_default() += 1;
            }
            let trial = Trial::test(format!("{}{suffix}", test.name), move || {
                if let Some(need) = missing {
                    return Err(Failed::from(format!("this test needs {need}")));
                }
                start(&test.body, engine);
                Ok(())
            });
            trials.push(trial.with_ignored_flag(missing.is_some()));
        }
    }
    (trials, left_out)
}

/// The suffix that each trial adds to the test's name, and the trial's database.
fn courses(body: &Body) -> Vec<(String, Option<Engine>)> {
    match body {
        Body::Plain(_) | Body::Async(_) => vec![(String::new(), None)],
        Body::OnDatabases(engines, _) => {
            engines.iter().map(|engine| (format!("::{}", engine.as_str()), Some(*engine))).collect()
        }
    }
}

fn start(body: &Body, engine: Option<Engine>) {
    match body {
        Body::Plain(test) => test(),
        Body::Async(test) => run(test()),
        Body::OnDatabases(_, test) => run(test(engine.unwrap())),
    }
}

/// Makes tests of functions over a running service: each gets an app of its own.
macro_rules! database_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            crate::support::test!($name, [], crate::support::Body::OnDatabases(
                &crate::support::Engine::ALL,
                |engine| Box::pin(async move {
                    let app = crate::support::TestApp::start(engine).await;
                    $name(&app).await;
                }),
            ));
        )+
    };
}

/// Makes tests of functions that start what they need by themselves, on some databases.
macro_rules! tests_on {
    ($engines:expr, $needs:tt, $($name:ident),+) => {
        $(
            crate::support::test!(
                $name,
                $needs,
                crate::support::Body::OnDatabases($engines, |engine| Box::pin($name(engine)))
            );
        )+
    };
}

/// Makes tests of functions that start what they need by themselves.
macro_rules! engine_tests {
    // This form makes tests of the release before beside this one.
    [with_previous_release: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&crate::support::Engine::ALL, [crate::support::Need::PreviousRelease], $($name),+);
    };
    // This form makes tests that `tests/proof` runs alone.
    [in_long_rounds: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&crate::support::Engine::ALL, [crate::support::Need::LongRound], $($name),+);
    };
    // This form makes tests that also need a program of `STAKIS_TEST_PYTHON`.
    [with $program:literal: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&crate::support::Engine::ALL, [crate::support::Need::Program($program)], $($name),+);
    };
    [$($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&crate::support::Engine::ALL, [], $($name),+);
    };
}

/// Makes tests of functions that start what they need by themselves, on PostgreSQL alone.
macro_rules! postgres_tests {
    // This form makes tests that `tests/proof` runs alone.
    [in_long_rounds: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&[crate::support::Engine::Postgres], [crate::support::Need::LongRound], $($name),+);
    };
    // This form makes tests of encrypted connections.
    [encrypted: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&[crate::support::Engine::Postgres], [crate::support::Need::Certificate], $($name),+);
    };
    // This form makes tests that also need a program on the path.
    [with $program:literal: $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(
            &[crate::support::Engine::Postgres],
            [crate::support::Need::Program($program)],
            $($name),+
        );
    };
    [$($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&[crate::support::Engine::Postgres], [], $($name),+);
    };
}

/// Makes tests of functions without a database.
macro_rules! plain_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            crate::support::test!($name, [], crate::support::Body::Plain($name));
        )+
    };
}

/// Makes tests of functions that need Node and a TypeScript compiler.
macro_rules! script_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            crate::support::test!(
                $name,
                [crate::support::Need::TypeScript],
                crate::support::Body::Async(|| Box::pin($name()))
            );
        )+
    };
}

/// Makes tests of functions that each need programs, on the path or among those of `STAKIS_TEST_PYTHON`, or other files
/// by their whole paths.
macro_rules! program_tests {
    [$($($program:literal)&+: $name:ident),+ $(,)?] => {
        $(
            crate::support::test!(
                $name,
                [$(crate::support::Need::Program($program)),+],
                crate::support::Body::Async(|| Box::pin($name()))
            );
        )+
    };
}

/// Makes tests of functions that need Chromium. They run on each database, or on SQLite alone where the database has no
/// part in them.
macro_rules! browser_tests {
    [on_each_database: true, $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&crate::support::Engine::ALL, [crate::support::Need::Chromium], $($name),+);
    };
    [on_each_database: false, $($name:ident),+ $(,)?] => {
        crate::support::tests_on!(&[crate::support::Engine::Sqlite], [crate::support::Need::Chromium], $($name),+);
    };
}

/// Lists one test under the path of its function.
macro_rules! test {
    ($name:ident, [$($need:expr),*], $body:expr $(,)?) => {
        inventory::submit! {
            crate::support::Test {
                name: concat!(module_path!(), "::", stringify!($name)),
                needs: &[$($need),*],
                body: $body,
            }
        }
    };
}

pub(crate) use {
    browser_tests, database_tests, engine_tests, plain_tests, postgres_tests, program_tests, script_tests, test,
    tests_on,
};

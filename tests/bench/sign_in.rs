//! Sign-ins per second compared with bare argon2, and other calls under that load.

use std::{
    cell::{Cell, RefCell},
    thread,
    time::{Duration, Instant},
};

use futures_util::future::{join_all, join3};
use serde_json::json;

use super::{
    filling::{Customer, RESET_TOKEN},
    median,
    process::{cpu_time, cpu_time_of_family, cpu_time_of_threads, peak_resident_mib},
    quantile,
    reset::source,
    service::{DEFAULT_COST, Engine, PASSWORD, Service},
    verdict,
};

/// The rounds are short and numerous, so that other load on the machine affects both sides alike.
const BARE: Duration = Duration::from_secs(1);
const LOADED: Duration = Duration::from_millis(1500);
/// The time until every core hashes. A sign-in counts only if it ends after this time and before the end of the round.
const WARM_UP: Duration = Duration::from_millis(200);
/// The number of connections, which keeps every core hashing.
const CONNECTIONS: usize = 16;
const CUSTOMERS: u32 = 1000;
/// The interval at which another caller verifies a reset link during the load.
const LOOK_EVERY: Duration = Duration::from_millis(50);

const LEAST_RATIO: f64 = 0.95;
const MOST_HASH_TIMES: f64 = 10.0;
const MOST_MIB_BESIDE_HASHES: f64 = 40.0;

/// Measures once without limits, since that work is compared with the hash alone, and once with all limits, as in
/// production. Each customer has its own source. Counting an attempt takes one more transaction.
pub(super) async fn run(engine: &Engine) -> bool {
    let without = measure(engine, 100, "STAKIS_LIMITS=off", &[("STAKIS_LIMITS", "off")], Some(LEAST_RATIO)).await;
    let with = [("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"), ("STAKIS_OPS_LISTEN", "off")];
    let with = measure(engine, 30, "with all limits", &with, None).await;
    without && with
}

async fn measure(
    engine: &Engine,
    rounds: usize,
    limits: &str,
    settings: &[(&str, &str)],
    least_ratio: Option<f64>,
) -> bool {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let password_hash = DEFAULT_COST.hash().await;
    let customers = (1..=CUSTOMERS)
        .map(|number| Customer {
            number: format!("{number:06}"),
            password_hash: Some(password_hash.clone()),
            closed: false,
            lasting_cost: None,
        })
        .collect();
    let service = Service::start(engine, customers, 0, settings).await;
    println!("\n{} ({threads} cores, argon2id m=19456 t=2 p=1, {rounds} rounds, {limits})", engine.name());
    println!(
        "  taken out as the database's: {}",
        match engine {
            Engine::Sqlite => "the threads on which the service works with SQLite",
            Engine::Postgres(_) => "the server's processes",
        }
    );
    let (mut plain, mut adjusted, mut looks, mut hash_milliseconds) = (vec![], vec![], vec![], vec![]);
    for round in 1..=rounds {
        let bare = DEFAULT_COST.bare_hashes_per_second(threads, BARE);
        let load = load(&service, threads).await;
        hash_milliseconds.push(threads as f64 * 1000.0 / bare);
        plain.push(load.sign_ins_per_second / bare);
        adjusted.push(load.sign_ins_per_second / bare / load.share_of_service);
        println!(
            "  round {round}: bare {bare:.1} hashes/s, service {:.1} sign-ins/s; CPU s: service {:.2}, database {:.2}, load generator {:.2}",
            load.sign_ins_per_second, load.service, load.database, load.generator
        );
        looks.extend(load.look_milliseconds);
    }
    let hash_milliseconds = median(&mut hash_milliseconds);
    let [low, adjusted, high] = [0.25, 0.5, 0.75].map(|share| quantile(&mut adjusted, share));
    let p99 = quantile(&mut looks, 0.99) / hash_milliseconds;
    let memory = peak_resident_mib(service.pid);
    let most_memory = MOST_MIB_BESIDE_HASHES + threads as f64 * f64::from(DEFAULT_COST.memory_kib) / 1024.0;
    let kept = [least_ratio.is_none_or(|least| adjusted >= least), p99 < MOST_HASH_TIMES, memory < most_memory];
    println!("  sign-ins ÷ bare hashes, plain wall clock: {:.3}", median(&mut plain));
    println!(
        "  the same without the CPU seconds of database and load generator: {adjusted:.3}, half of the rounds between {low:.2} and {high:.2} ({})",
        least_ratio.map_or("no bound".to_owned(), |least| format!("at least {least}: {}", verdict(kept[0])))
    );
    println!(
        "  99th percentile of verify meanwhile: {p99:.1} hash times of {hash_milliseconds:.1} ms (under {MOST_HASH_TIMES}: {})",
        verdict(kept[1])
    );
    println!("  most resident memory: {memory:.1} MiB (under {most_memory:.1}: {})", verdict(kept[2]));
    kept.iter().all(|kept| *kept)
}

struct Load {
    sign_ins_per_second: f64,
    /// The part of the machine's time that the database and the load generator left to the service.
    share_of_service: f64,
    service: f64,
    database: f64,
    generator: f64,
    look_milliseconds: Vec<f64>,
}

async fn load(service: &Service, threads: usize) -> Load {
    let (count, next, over) = (Cell::new(0_u32), Cell::new(0_u32), Cell::new(false));
    let sign_ins = join_all((0..CONNECTIONS).map(|_| async {
        while !over.get() {
            next.set(next.get() % CUSTOMERS + 1);
            let body = json!({ "customer_number": format!("{:06}", next.get()), "password": PASSWORD });
            assert_eq!(service.post_from(&source(next.get()), "/v1/sessions", &body).await, 201);
            count.set(count.get() + 1);
        }
    }));
    let look_milliseconds = RefCell::new(Vec::new());
    let looking = async {
        while !over.get() {
            tokio::time::sleep(LOOK_EVERY).await;
            let look = Instant::now();
            assert_eq!(service.post("/v1/password-resets/verify", &json!({ "token": RESET_TOKEN })).await, 200);
            look_milliseconds.borrow_mut().push(look.elapsed().as_secs_f64() * 1000.0);
        }
    };
    let measuring = async {
        tokio::time::sleep(WARM_UP).await;
        let (started, first, before) = (Instant::now(), count.get(), cpu_seconds(service));
        tokio::time::sleep(LOADED).await;
        let (elapsed, last, after) = (started.elapsed().as_secs_f64(), count.get(), cpu_seconds(service));
        over.set(true);
        let [service, database, generator] = [0, 1, 2].map(|index| after[index] - before[index]);
        let machine = elapsed * threads as f64;
        Load {
            sign_ins_per_second: f64::from(last - first) / elapsed,
            share_of_service: (machine - database - generator) / machine,
            service,
            database,
            generator,
            look_milliseconds: Vec::new(),
        }
    };
    let (_, (), load) = join3(sign_ins, looking, measuring).await;
    Load { look_milliseconds: look_milliseconds.into_inner(), ..load }
}

/// The processor time of the service, the database and the load generator up to now.
pub(super) fn cpu_seconds(service: &Service) -> [f64; 3] {
    // SQLite runs inside the service, on threads with a name of their own. With PostgreSQL those threads run the client
    // side, which counts for the service.
    let database = match service.postmaster {
        Some(postmaster) => cpu_time_of_family(postmaster),
        None => cpu_time_of_threads(service.pid, "database"),
    };
    [cpu_time(service.pid), database, cpu_time(std::process::id())].map(|time| time.as_secs_f64())
}

//! Whether the time of a refused sign-in tells why it was refused (LG-02, PW-13).

use std::time::Instant;

use stakis_identity::types::random_below;

use super::{
    median,
    service::{Cost, Customer, DEFAULT_COST, Engine, PASSWORD, Service},
    verdict,
};

/// Sign-ins of each group; the groups take turns in random order.
const SIGN_INS: usize = 1000;
/// A classifier that sees one response time may do no better than this; 0.5 is guessing.
const MOST_AUC: f64 = 0.55;
/// Beside the default: what a table holds after the settings were raised, or lowered.
const OTHER_COST: Cost = Cost { memory_kib: 32_768, iterations: 2 };

const GROUPS: [&str; 4] = ["known, wrong password", "unknown", "closed", "without password"];

pub(super) async fn run(engine: &Engine, is_asked_for: impl Fn(&str) -> bool) -> bool {
    let mut kept = true;
    for (name, costs) in [("uniform", [DEFAULT_COST; 2]), ("mixed", [DEFAULT_COST, OTHER_COST])] {
        if !is_asked_for(name) {
            continue;
        }
        println!("\n{}, {name} argon2 parameters, {SIGN_INS} sign-ins each", engine.name());
        let hashes = [costs[0].hash().await, costs[1].hash().await];
        let mut times = measure(engine, &hashes).await;
        for (group, times) in GROUPS.iter().zip(&mut times) {
            println!("  {group:<22} median {:.3} ms", median(times));
        }
        let mut worst: f64 = 0.5;
        for (first, one) in times.iter().enumerate() {
            for (second, other) in times.iter().enumerate().skip(first + 1) {
                let auc = area_under_curve(one, other);
                let either_way = auc.max(1.0 - auc);
                worst = worst.max(either_way);
                println!("  max(AUC, 1 - AUC) {either_way:.3}  {} / {}", GROUPS[first], GROUPS[second]);
            }
        }
        println!("  worst pair: {worst:.3} (at most {MOST_AUC}: {})", verdict(worst <= MOST_AUC));
        kept &= worst <= MOST_AUC;
    }
    kept
}

/// The number of the n-th sign-in of a group: each is asked for once.
fn number(group: usize, index: usize) -> String {
    format!("{:06}", group * 100_000 + index + 1)
}

/// Response times in milliseconds, a list a group.
async fn measure(engine: &Engine, hashes: &[String; 2]) -> [Vec<f64>; 4] {
    let customers = (0..SIGN_INS)
        .flat_map(|index| [0, 2, 3].map(|group| (group, index)))
        .map(|(group, index)| Customer {
            number: number(group, index),
            // Three to two, in each group alike.
            password_hash: (group != 3).then(|| hashes[usize::from(index % 5 >= 3)].clone()),
            closed: group == 2,
        })
        .collect();
    let service = Service::start(engine, customers, 0, &[]).await;
    // The first ones fill caches and connections.
    for index in 0..50 {
        service.sign_in(&format!("{:06}", 900_000 + index), PASSWORD).await;
    }
    let mut times = [const { Vec::new() }; 4];
    for index in 0..SIGN_INS {
        let mut turn = [0, 1, 2, 3];
        for place in (1..turn.len()).rev() {
            turn.swap(place, usize::try_from(random_below(place as u64 + 1)).unwrap());
        }
        for group in turn {
            let number = number(group, index);
            let started = Instant::now();
            let status = service.sign_in(&number, "Napacno-geslo-1").await;
            times[group].push(started.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(status, 401);
        }
    }
    times
}

/// The probability that a time of `one` is longer than one of `other` (Mann–Whitney); a tie counts half.
fn area_under_curve(one: &[f64], other: &[f64]) -> f64 {
    let mut sum = 0.0;
    for a in one {
        for b in other {
            sum += if a > b { 1.0 } else { f64::from(u8::from((a - b).abs() < f64::EPSILON)) / 2.0 };
        }
    }
    sum / (one.len() * other.len()) as f64
}

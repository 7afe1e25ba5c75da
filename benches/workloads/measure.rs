//! How long something takes: CPU time of one thread, which neighbours on the machine disturb least.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use promqlite::{Engine, EngineOptions, Features};

/// What is measured takes at least about so long.
const MIN_MEASURED: Duration = Duration::from_micros(50);
/// What is measured is repeated for so long, but no less often than that.
const REPEATED: Duration = Duration::from_millis(150);
const MIN_REPEATS: usize = 3;

/// An engine that runs each query on one thread, with the parts of the language that the queries need.
pub fn engine() -> Engine {
    engine_with(1)
}

/// The same on so many threads.
pub fn engine_with(threads: usize) -> Engine {
    let mut options = EngineOptions::default();
    options.features = Features::ALL;
    options.features.delayed_name_removal = false;
    options.features.use_start_timestamps = false;
    options.threads = threads;
    options.max_samples = u64::MAX;
    Engine::new(options)
}

/// The CPU time of one `run` in ns that a tenth of several runs stayed below, after one to warm up.
pub fn cpu_ns(mut run: impl FnMut()) -> f64 {
    run();
    let began = Instant::now();
    run();
    // Looking at the clock takes as long as a small query, so those are run several times between two looks.
    let runs = (MIN_MEASURED.as_nanos() / began.elapsed().as_nanos().max(1)).max(1);
    let mut measured = Vec::new();
    let began = Instant::now();
    while began.elapsed() < REPEATED || measured.len() < MIN_REPEATS {
        let began = ThreadTime::now();
        (0..runs).for_each(|_| run());
        measured.push(began.elapsed());
    }
    // Not the least: the clock of a thread may stand still for a while.
    measured.sort_unstable();
    measured[measured.len() / 10].as_nanos() as f64 / runs as f64
}

/// The geometric mean of some ratios; there is none of nothing.
pub fn geometric_mean(ratios: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0);
    for ratio in ratios {
        sum += ratio.ln();
        count += 1;
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// A pseudo-random number from a number: the same in every run.
pub fn scramble(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

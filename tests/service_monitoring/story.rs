//! What happened on that morning: which targets were there, how much was going on, how bad it was.
//!
//! Time is in steps of 30 s from 09:00. Everything is computed with whole numbers and the four basic operations on
//! floats, so it comes out the same on every machine.

use std::ops::Range;

/// Three hours, both ends included.
pub(crate) const STEPS: usize = 361;
/// Steps between two changes of pace: two and a half minutes.
pub(crate) const SEGMENT: usize = 5;

/// A target that is scraped.
pub(crate) struct Target {
    pub(crate) job: &'static str,
    pub(crate) instance: &'static str,
    /// When it answers. Counters begin at zero in each stretch but the first.
    pub(crate) lives: Vec<Range<usize>>,
}

impl Target {
    fn always(job: &'static str, instance: &'static str) -> Target {
        Target { job, instance, lives: one(0..STEPS) }
    }

    /// The labels that tell the target.
    pub(crate) fn labels(&self) -> String {
        format!("job=\"{}\",instance=\"{}\"", self.job, self.instance)
    }
}

/// A target that is there once.
fn one(life: Range<usize>) -> Vec<Range<usize>> {
    std::iter::once(life).collect()
}

/// All targets.
pub(crate) struct Targets {
    pub(crate) prometheus: Target,
    pub(crate) gateway: Target,
    pub(crate) users: [Target; 2],
    pub(crate) orders: Target,
    pub(crate) documents: [Target; 2],
    pub(crate) tasks: Target,
    pub(crate) billing: Target,
    pub(crate) search: Target,
}

/// 09:40 and 09:42: the users service is deployed, one instance after the other, each gone for one scrape.
pub(crate) const DEPLOYS: [usize; 2] = [80, 84];
/// 11:10: the second instance of the document API is killed for want of memory.
pub(crate) const KILLED: usize = 260;
/// 11:14: it is back.
pub(crate) const BACK: usize = 268;
/// 11:00: a backup ends; the one before it ended at 03:00.
pub(crate) const BACKUP: usize = 240;
/// 11:52: search does not answer any more.
pub(crate) const SEARCH_GONE: usize = 344;
/// 09:30 to 10:50: a batch job runs in a pod of its own.
pub(crate) const BATCH: Range<usize> = 60..220;

impl Targets {
    pub(crate) fn new() -> Targets {
        let user =
            |instance, deploy| Target { job: "users", instance, lives: vec![0..deploy, deploy + 1..STEPS] };
        Targets {
            prometheus: Target::always("prometheus", "prometheus:9090"),
            gateway: Target::always("gateway", "gateway-1:8080"),
            users: [user("users-1:8080", DEPLOYS[0]), user("users-2:8080", DEPLOYS[1])],
            orders: Target::always("orders", "orders-1:8080"),
            documents: [
                Target::always("document-api", "doc-1:8000"),
                Target { job: "document-api", instance: "doc-2:8000", lives: vec![0..KILLED, BACK..STEPS] },
            ],
            tasks: Target::always("task-api", "task-1:5000"),
            billing: Target::always("billing", "billing-1:9000"),
            search: Target { job: "search", instance: "search-1:7700", lives: one(0..SEARCH_GONE) },
        }
    }

    pub(crate) fn all(&self) -> Vec<&Target> {
        let [user, other_user] = &self.users;
        let [document, other_document] = &self.documents;
        vec![
            &self.prometheus,
            &self.gateway,
            user,
            other_user,
            &self.orders,
            document,
            other_document,
            &self.tasks,
            &self.billing,
            &self.search,
        ]
    }
}

/// A number that goes straight from one of these points to the next.
fn along(points: &[(usize, i64)], step: usize) -> i64 {
    let next = points.iter().position(|(at, _)| *at > step).unwrap_or(points.len());
    match (next.checked_sub(1).map(|before| points[before]), points.get(next)) {
        (Some((from, start)), Some((to, end))) => {
            start + (end - start) * (step - from) as i64 / (to - from) as i64
        }
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0,
    }
}

/// Traffic in thousandths: people come to work, and go to lunch.
pub(crate) fn traffic(step: usize) -> i64 {
    along(&[(0, 620), (120, 940), (200, 1000), (290, 960), (360, 780)], step)
}

/// How bad the trouble with the database is, in thousandths: from 10:10 to 10:35 bad, over by 10:45.
pub(crate) fn trouble(step: usize) -> i64 {
    along(&[(140, 0), (150, 1000), (190, 1000), (210, 0)], step)
}

/// Documents that wait: they pile up during the trouble, and are worked off until 11:00.
pub(crate) fn queue(step: usize) -> i64 {
    along(&[(0, 6), (140, 9), (190, 410), (240, 12), (360, 7)], step)
}

/// Resident memory of the second instance of the document API in MiB: it leaks, is killed, and leaks again.
pub(crate) fn leak(step: usize) -> i64 {
    if step <= KILLED {
        along(&[(0, 190), (150, 240), (KILLED, 770)], step)
    } else {
        along(&[(BACK, 170), (360, 540)], step)
    }
}

/// A number from -1000 to 1000 that looks random, for each series and segment.
pub(crate) fn noise(series: &str, segment: usize) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in series.bytes().chain((segment as u64).to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((hash ^ (hash >> 31)) % 2001) as i64 - 1000
}

/// `number`, give or take so many thousandths of it.
pub(crate) fn about(number: i64, thousandths: i64, series: &str, segment: usize) -> i64 {
    number + number * thousandths * noise(series, segment) / 1_000_000
}

/// Which share of durations is at most `bound`, if half of them are at most `median`: a log-logistic distribution,
/// whose 95th percentile is 2.7 times the median and whose 99th is 4.6 times.
pub(crate) fn share_below(bound: f64, median: f64) -> f64 {
    let ratio = median / bound;
    1.0 / (1.0 + ratio * ratio * ratio)
}

/// The mean of that distribution, relative to the median.
pub(crate) const MEAN: f64 = 1.209;

//! The thread that reads a page again and again.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use promqlite::MemoryStore;
use promqlite::ingest::IngestedSamples;
use promqlite::model::Timestamp;
use ureq::Agent;
use ureq::http::header;

use super::page::{Page, parse};
use super::target::Target;
use crate::error::ShellError;
use crate::evaluate::Interrupt;
use crate::moment::Millis;
use crate::source::SourceError;

/// A page that is being scraped until this is dropped.
#[derive(Debug)]
pub struct Scraper {
    target: Target,
    interval: Millis,
    shared: Arc<Shared>,
}

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// How often the page was read, or should have been.
    pub scrapes: u64,
    /// When it was the last time, in ms.
    pub last: Timestamp,
    /// How many samples came the last time.
    pub samples: usize,
    /// Why none came, if it could not be read.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    stopped: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    status: Status,
}

/// What a page may have, so that nothing but metrics fills the memory.
const MOST_BYTES: u64 = 256 << 20;

/// A page that takes longer has failed, as with Prometheus.
const TIMEOUT: Duration = Duration::from_secs(10);

const ACCEPTED: &str =
    "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

impl Scraper {
    /// Reads the page for the first time, and if that works, from then on once in each interval.
    ///
    /// # Errors
    ///
    /// The page cannot be read now, or nobody wants to wait for it any longer, so that nothing is started.
    pub fn start(
        target: Target,
        interval: Millis,
        store: Arc<MemoryStore>,
        clock: fn() -> Timestamp,
        interrupt: &Interrupt,
    ) -> Result<Scraper, ShellError> {
        let shared = Arc::new(Shared::default());
        let mut reading = Reading {
            agent: agent(interval),
            page: Page::new(target.clone()),
            store,
            clock,
            shared: Arc::clone(&shared),
        };
        let unreachable = |reason| SourceError::Unreachable { name: target.url().to_owned(), reason };
        let begin = Instant::now();
        let time = clock();
        let text = fetch_or_give_up(reading.agent.clone(), target.url().to_owned(), interrupt)?;
        let read = text.and_then(|text| parse(&text, time));
        reading.take(Ok(read.map_err(unreachable)?), time, begin.elapsed());
        thread::Builder::new()
            .name("scrape".to_owned())
            .spawn(move || reading.go_on(interval, begin))
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Scraper { target, interval, shared })
    }

    /// What is scraped.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How often.
    pub fn interval(&self) -> Millis {
        self.interval
    }

    /// How it goes.
    pub fn status(&self) -> Status {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).status.clone()
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.shared.stopped.notify_all();
    }
}

struct Reading {
    agent: Agent,
    page: Page,
    store: Arc<MemoryStore>,
    clock: fn() -> Timestamp,
    shared: Arc<Shared>,
}

impl Reading {
    fn go_on(mut self, Millis(interval): Millis, begin: Instant) {
        let interval = Duration::from_millis(interval.unsigned_abs());
        let mut next = begin + interval;
        while self.wait_until(next) {
            let (begin, time) = (Instant::now(), (self.clock)());
            let text = fetch(&self.agent, self.page.target().url());
            self.take(text.and_then(|text| parse(&text, time)), time, begin.elapsed());
            // What was missed is not made up for.
            while next <= Instant::now() {
                next += interval;
            }
        }
    }

    /// Whether that time comes before the scraper is stopped.
    fn wait_until(&self, time: Instant) -> bool {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = time.saturating_duration_since(Instant::now());
            if state.stopped || left.is_zero() {
                return !state.stopped;
            }
            state = self.shared.stopped.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Adds what was read, unless nobody wants it any more.
    fn take(&mut self, read: Result<IngestedSamples, String>, time: Timestamp, took: Duration) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return;
        }
        let taken = self.page.take(read, time, took, &self.store);
        let (samples, error) = match taken {
            Ok(samples) => (samples, None),
            Err(error) => (0, Some(error)),
        };
        state.status = Status { scrapes: state.status.scrapes + 1, last: time, samples, error };
    }
}

fn agent(Millis(interval): Millis) -> Agent {
    // A reading is over before the next one begins, but a page that is read very often has a moment all the same.
    let timeout = Duration::from_millis(interval.unsigned_abs()).clamp(Duration::from_secs(1), TIMEOUT);
    // As Prometheus: what stands between a browser and the world is not asked for a page next door.
    Agent::config_builder().timeout_global(Some(timeout)).proxy(None).build().new_agent()
}

/// The page, as it is now, unless an interrupt comes first.
fn fetch_or_give_up(
    agent: Agent,
    url: String,
    interrupt: &Interrupt,
) -> Result<Result<Vec<u8>, String>, ShellError> {
    /// So often it is looked whether Ctrl-C was pressed.
    const GLANCE: Duration = Duration::from_millis(20);
    let heard = interrupt.heard();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(fetch(&agent, &url)));
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(read) => return Ok(read),
            Err(RecvTimeoutError::Timeout) if interrupt.heard() == heard => {}
            Err(_) => return Err(ShellError::Interrupted),
        }
    }
}

/// The page, as it is now.
fn fetch(agent: &Agent, url: &str) -> Result<Vec<u8>, String> {
    let told = |error: ureq::Error| match error {
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    let mut response = agent.get(url).header(header::ACCEPT, ACCEPTED).call().map_err(told)?;
    response.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(told)
}

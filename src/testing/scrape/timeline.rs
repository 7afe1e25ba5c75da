//! The simulated clock, and the store that its scrapes fill.

use super::outcome::{Scrape, ScrapeError};
use super::target::{Target, TargetState, read};
use crate::engine::{Engine, QueryResult};
use crate::error::{Error, ErrorKind};
use crate::ingest::Format;
use crate::model::Timestamp;
use crate::store::MemoryStore;
use crate::testing::{TestTime, TestTimeError};

/// A simulated clock and Prometheus' side of a scrape: a test gives it what its program would answer under `/metrics`,
/// and asks what PromQL makes of it.
///
/// ```
/// use promqlite::assert_promql;
/// use promqlite::testing::Timeline;
///
/// let mut timeline = Timeline::every("15s");
/// for requests in [0, 30, 60, 90, 120] {
///     timeline.scrape(format!("requests_total{{code=\"200\"}} {requests}\n"));
/// }
/// assert_promql!(timeline, "rate(requests_total[1m])", approx { r#"{code="200"}"# => 2.0 });
/// ```
///
/// A text is what `prometheus`, `prometheus-client`, `metrics-exporter-prometheus` and their like render: Prometheus'
/// exposition format, or OpenMetrics if it ends with `# EOF`. Everything happens as on a Prometheus server:
///
/// - A series that vanishes from the text ends: it gets a stale marker, and is gone from the next query on.
/// - A sample with a timestamp of its own keeps it, and does not end when it vanishes.
/// - [`target`](Timeline::target) gives the series the labels `job` and `instance` (labels of the text that are called so
///   become `exported_job` and `exported_instance`), and leaves `up`, which is 0 after a scrape that
///   [fails](Target::fail).
///
/// The clock starts at the Unix epoch, as in scripts, unless [`starting_at`](Timeline::starting_at) says otherwise. The
/// first scrape is right at the start, each other one an interval after the one before. Queries are asked at the time of
/// the newest scrape unless they say when.
#[derive(Debug)]
pub struct Timeline {
    store: MemoryStore,
    engine: Engine,
    format: Option<Format>,
    interval: i64,
    start: Timestamp,
    /// The time of the round under way, in which each target may be scraped once.
    round: Timestamp,
    /// Whether any target was scraped in it.
    round_began: bool,
    newest: Option<Timestamp>,
    targets: Vec<TargetState>,
}

/// The place of the target without a name.
const NAMELESS: usize = 0;

impl Timeline {
    /// A timeline whose scrapes are so far apart: `"15s"`, or a [`Duration`](std::time::Duration).
    ///
    /// # Panics
    ///
    /// The interval is not a duration of at least a millisecond.
    #[track_caller]
    pub fn every(interval: impl Into<TestTime>) -> Timeline {
        let time = interval.into();
        let interval = or_panic(time.distance());
        assert!(interval > 0, "{time} is no time between two scrapes");
        Timeline {
            store: MemoryStore::new(),
            engine: Engine::default(),
            format: None,
            interval,
            start: 0,
            round: 0,
            round_began: false,
            newest: None,
            targets: vec![TargetState::default()],
        }
    }

    /// The same timeline with its start at another point in time: ms since the Unix epoch, or a date such as
    /// `"2026-03-03T12:00:00Z"`. To be said before the first scrape.
    ///
    /// # Panics
    ///
    /// The date cannot be read.
    ///
    /// ```
    /// use promqlite::assert_promql;
    /// use promqlite::testing::Timeline;
    ///
    /// let mut timeline = Timeline::every("1m").starting_at("2026-03-03T12:00:00Z");
    /// timeline.scrape("backup_last_success_timestamp_seconds 1772452800\n");
    /// assert_promql!(timeline, "time() - backup_last_success_timestamp_seconds > bool 3600", 1.0);
    /// ```
    #[track_caller]
    pub fn starting_at(mut self, start: impl Into<TestTime>) -> Timeline {
        self.start = or_panic(start.into().point(0));
        self.round = self.start;
        self
    }

    /// The same timeline with queries answered by this engine instead of one with the default options.
    pub fn with_engine(mut self, engine: Engine) -> Timeline {
        self.engine = engine;
        self
    }

    /// The same timeline with all texts in this format, so that OpenMetrics without its `# EOF` is an error.
    pub fn with_format(mut self, format: Format) -> Timeline {
        self.format = Some(format);
        self
    }

    /// Scrapes: takes the text as what the program shows at this point in time, an interval after the scrape before.
    ///
    /// # Panics
    ///
    /// The text cannot be read; the message tells line and reason.
    #[track_caller]
    pub fn scrape(&mut self, text: impl AsRef<[u8]>) -> Scrape {
        or_panic(self.try_scrape(text))
    }

    /// [`scrape`](Timeline::scrape), with an error instead of the panic.
    ///
    /// ```
    /// use promqlite::testing::Timeline;
    ///
    /// let error = Timeline::every("15s").try_scrape("up 1\nrequests{code=200} 3\n").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the scrape at 0s cannot be read: line 2, column 15: expected a label value in double quotes\n\
    ///      \x20 requests{code=200} 3\n\
    ///      \x20               ^",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// The text cannot be read. Then there was no scrape.
    pub fn try_scrape(&mut self, text: impl AsRef<[u8]>) -> Result<Scrape, ScrapeError> {
        self.scrape_target(NAMELESS, None, Some(text.as_ref()))
    }

    /// Scrapes at this time, which lies after the scrape before; the next scrape is an interval after this one.
    ///
    /// # Panics
    ///
    /// The text cannot be read, or the time is too early.
    #[track_caller]
    pub fn scrape_at(&mut self, time: impl Into<TestTime>, text: impl AsRef<[u8]>) -> Scrape {
        or_panic(self.scrape_target(NAMELESS, Some(time.into()), Some(text.as_ref())))
    }

    /// A scrape that fails: all series of the target without a name end. A target with a name also has its
    /// [`up`](Target::fail).
    ///
    /// # Panics
    ///
    /// There is no later time.
    #[track_caller]
    pub fn fail(&mut self) -> Scrape {
        or_panic(self.scrape_target(NAMELESS, None, None))
    }

    /// The target with these labels, one of several that are scraped at the same times.
    ///
    /// Every target may be scraped once at each point in time; the first to be scraped once more takes the clock to the
    /// next. One that was left out meanwhile joins the others again.
    ///
    /// ```
    /// use promqlite::assert_promql;
    /// use promqlite::testing::Timeline;
    ///
    /// let mut timeline = Timeline::every("15s");
    /// for _ in 0..4 {
    ///     timeline.target("shop", "a:80").scrape("queue_length 3\n");
    ///     timeline.target("shop", "b:80").fail();
    /// }
    /// assert_eq!(timeline.now(), 45_000);
    /// assert_promql!(timeline, "up", {
    ///     r#"up{job="shop", instance="a:80"}"# => 1.0,
    ///     r#"up{job="shop", instance="b:80"}"# => 0.0,
    /// });
    /// ```
    pub fn target(&mut self, job: &str, instance: &str) -> Target<'_> {
        let named = self.targets.iter().skip(1).position(|target| target.is(job, instance));
        let index = named.map_or(self.targets.len(), |place| place + 1);
        if index == self.targets.len() {
            self.targets.push(TargetState::new(job, instance));
        }
        Target { timeline: self, index }
    }

    /// Leaves out so many scrapes of all targets, as if Prometheus had not run.
    pub fn skip(&mut self, scrapes: u32) {
        self.advance(self.interval.saturating_mul(i64::from(scrapes)));
    }

    /// Lets time pass: the next scrape comes so much later than it would.
    ///
    /// # Panics
    ///
    /// The time is no duration.
    #[track_caller]
    pub fn advance(&mut self, by: impl Into<TestTime>) {
        let by = or_panic(by.into().distance());
        let next = if self.round_began { self.round.saturating_add(self.interval) } else { self.round };
        self.round = next.saturating_add(by);
        self.round_began = false;
    }

    /// The time of the newest scrape, in ms since the Unix epoch; the start if there is none.
    pub fn now(&self) -> Timestamp {
        self.newest.unwrap_or(self.start)
    }

    /// The time at which the clock started, in ms since the Unix epoch.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// What answers the queries.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Everything that was scraped.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// Everything that was scraped, to go on with without the clock.
    pub fn into_store(self) -> MemoryStore {
        self.store
    }

    /// Answers a query at the time of the newest scrape.
    ///
    /// # Errors
    ///
    /// As [`Prepared::instant`](crate::Prepared::instant), and a query that makes no sense.
    pub fn instant(&self, query: &str) -> Result<QueryResult, Error> {
        self.engine.prepare(query)?.instant(&self.store, self.now())
    }

    /// Answers a query at this time.
    ///
    /// # Errors
    ///
    /// As [`instant`](Timeline::instant), and a time that is none.
    pub fn instant_at(&self, query: &str, time: impl Into<TestTime>) -> Result<QueryResult, Error> {
        let time = time.into().point(self.start).map_err(bad_time)?;
        self.engine.prepare(query)?.instant(&self.store, time)
    }

    /// Answers a query at `start`, `start + step`, and so on up to `end`.
    ///
    /// ```
    /// use promqlite::Value;
    /// use promqlite::testing::Timeline;
    ///
    /// let mut timeline = Timeline::every("15s");
    /// for length in [3, 5, 4] {
    ///     timeline.scrape(format!("queue_length {length}\n"));
    /// }
    /// let answer = timeline.range("max_over_time(queue_length[1m])", "0s", "30s", "15s")?;
    /// let Value::Matrix(series) = answer.value else { unreachable!("a range query gives a matrix") };
    /// assert_eq!(series[0].floats.iter().collect::<Vec<_>>(), [(0, 3.0), (15_000, 5.0), (30_000, 5.0)]);
    /// # Ok::<(), promqlite::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Prepared::range`](crate::Prepared::range), a query that makes no sense, and a time that is none.
    pub fn range(
        &self,
        query: &str,
        start: impl Into<TestTime>,
        end: impl Into<TestTime>,
        step: impl Into<TestTime>,
    ) -> Result<QueryResult, Error> {
        let start = start.into().point(self.start).map_err(bad_time)?;
        let end = end.into().point(self.start).map_err(bad_time)?;
        let step = step.into().distance().map_err(bad_time)?;
        self.engine.prepare(query)?.range(&self.store, start, end, step)
    }

    /// Scrapes a target, at its next time unless another is given; without a text, the scrape fails.
    pub(super) fn scrape_target(
        &mut self,
        index: usize,
        time: Option<TestTime>,
        text: Option<&[u8]>,
    ) -> Result<Scrape, ScrapeError> {
        let last = self.targets[index].last;
        let time = match time {
            Some(time) => time.point(self.start)?,
            None => self.next(last).ok_or(ScrapeError::EndOfTime)?,
        };
        if let Some(before) = last.filter(|before| time <= *before) {
            return Err(ScrapeError::NotAfter { time, before });
        }
        let samples = match text {
            Some(text) => match read(text, self.format, time) {
                Ok(samples) => Some(samples),
                Err(error) => return Err(ScrapeError::text(time, error, text)),
            },
            None => None,
        };
        self.reach(time);
        Ok(self.targets[index].scrape(&self.store, time, samples))
    }

    pub(super) fn remove_target(&mut self, index: usize) -> Result<Scrape, ScrapeError> {
        let time = self.next(self.targets[index].last).ok_or(ScrapeError::EndOfTime)?;
        self.reach(time);
        Ok(self.targets[index].remove(&self.store, time))
    }

    /// When a target that was last scraped at `last` is scraped next.
    fn next(&self, last: Option<Timestamp>) -> Option<Timestamp> {
        match last {
            Some(last) => Some(last.checked_add(self.interval)?.max(self.round)),
            None => Some(self.round),
        }
    }

    fn reach(&mut self, time: Timestamp) {
        self.round = self.round.max(time);
        self.round_began = true;
        self.newest = self.newest.max(Some(time));
    }
}

fn bad_time(error: TestTimeError) -> Error {
    Error::new(ErrorKind::BadData, error.to_string(), None)
}

/// The value, or a panic with the error, as if the caller had panicked.
#[track_caller]
pub(super) fn or_panic<T>(result: Result<T, impl std::fmt::Display>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

//! What becomes of one reading of a page.

use std::collections::HashSet;
use std::time::Duration;

use promqlite::ingest::{self, IngestedSamples};
use promqlite::model::{STALE_NAN, Timestamp};
use promqlite::store::memory::Appender;
use promqlite::{Labels, MemoryStore};

use super::target::Target;

/// A page, and which series it had when it was read last.
#[derive(Debug)]
pub struct Page {
    target: Target,
    /// Those without a time of their own: they end when they are gone.
    series: HashSet<Labels>,
}

impl Page {
    /// One that was never read.
    pub fn new(target: Target) -> Self {
        Page { target, series: HashSet::new() }
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Appends what was read at `time`, in ms, and tells how many samples that were. What was there at the last reading
    /// and is not any more gets a stale marker; if the page could not be read, or makes no sense, all of it.
    ///
    /// A sample that says its own time is taken at its word, and one that was seen already counts once.
    pub fn take(
        &mut self,
        read: Result<IngestedSamples, String>,
        time: Timestamp,
        took: Duration,
        store: &MemoryStore,
    ) -> Result<usize, String> {
        let mut appender = store.appender();
        let (mut seen, mut count) = (HashSet::new(), 0);
        for series in read.iter().flat_map(|samples| &samples.series) {
            let labels = self.target.label(&series.labels);
            for (timestamp, value) in series.floats.timestamps.iter().zip(&series.floats.values) {
                add(&mut appender, &labels, *timestamp, *value);
                if *timestamp == time {
                    seen.insert(labels.clone());
                }
                count += 1;
            }
        }
        for gone in self.series.difference(&seen) {
            add(&mut appender, gone, time, STALE_NAN);
        }
        self.series = seen;
        let own = [
            ("up", if read.is_ok() { 1.0 } else { 0.0 }),
            ("scrape_duration_seconds", took.as_secs_f64()),
            ("scrape_samples_scraped", count as f64),
        ];
        for (name, value) in own {
            add(&mut appender, &self.target.own_series(name), time, value);
        }
        appender.commit().map_err(|error| error.to_string())?;
        for (name, metadata) in read?.metadata {
            store.set_metadata(&name, metadata);
        }
        Ok(count)
    }
}

/// The samples of a page; those without a time of their own get `time`.
pub fn parse(text: &[u8], time: Timestamp) -> Result<IngestedSamples, String> {
    ingest::parse(text, None, time).map_err(|error| format!("line {error}"))
}

/// A sample that does not fit behind those that are there is left out, as Prometheus does it.
fn add(appender: &mut Appender, labels: &Labels, time: Timestamp, value: f64) {
    let _ = appender.append(labels, time, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use promqlite::render::{self, Answer};
    use promqlite::{Engine, SeriesStore};

    fn page() -> Page {
        Page::new(Target::new("a:1", "j").expect("a target"))
    }

    fn read(page: &mut Page, text: &str, time: Timestamp, store: &MemoryStore) -> Result<usize, String> {
        page.take(parse(text.as_bytes(), time), time, Duration::from_millis(5), store)
    }

    fn answer(store: &MemoryStore, query: &str, time: Timestamp) -> String {
        let result =
            Engine::default().prepare(query).expect("a query").instant(store, time).expect("an answer");
        render::PROMQL.text(&Answer::of(&result.value))
    }

    #[test]
    fn what_is_gone_ends() {
        let (store, mut page) = (MemoryStore::new(), page());
        assert_eq!(read(&mut page, "# TYPE a counter\na 1\nb 2\n", 1000, &store), Ok(2));
        assert_eq!(read(&mut page, "a 3\n", 2000, &store), Ok(1));
        let labels = r#"{instance="a:1", job="j"}"#;
        assert_eq!(
            answer(&store, "{__name__=~\"a|b\"}", 1000),
            format!("a{labels} => 1 @[1]\nb{labels} => 2 @[1]\n")
        );
        assert_eq!(answer(&store, "{__name__=~\"a|b\"}", 2000), format!("a{labels} => 3 @[2]\n"));
        assert_eq!(answer(&store, "up + scrape_samples_scraped", 2000), format!("{labels} => 2 @[2]\n"));
        assert_eq!(
            answer(&store, "scrape_duration_seconds", 2000),
            format!("scrape_duration_seconds{labels} => 0.005 @[2]\n")
        );
        assert_eq!(store.metadata("a").map(|told| told.metric_type.clone()).as_deref(), Some("counter"));
    }

    #[test]
    fn a_page_that_cannot_be_read_ends_all() {
        let (store, mut page) = (MemoryStore::new(), page());
        for (time, failed) in [(1000, Err("gone".to_owned())), (2000, parse(b"a{ 1\n", 2500))] {
            assert_eq!(read(&mut page, "a 1\n", time, &store), Ok(1));
            assert!(page.take(failed, time + 500, Duration::ZERO, &store).is_err());
            assert_eq!(
                answer(&store, "{__name__=~\"a|up\"}", time + 500),
                format!("up{{instance=\"a:1\", job=\"j\"}} => 0 @[{}]\n", (time + 500) as f64 / 1000.0)
            );
        }
        assert_eq!(read(&mut page, "a 4\n", 4000, &store), Ok(1));
        assert_eq!(answer(&store, "sum(a) + sum(up)", 4000), "{} => 5 @[4]\n");
    }

    #[test]
    fn samples_with_a_time_of_their_own_stay() {
        let (store, mut page) = (MemoryStore::new(), page());
        for time in [5000, 6000] {
            assert_eq!(read(&mut page, "a 1 3000\n", time, &store), Ok(1));
        }
        assert_eq!(read(&mut page, "b 1\n", 7000, &store), Ok(1));
        assert_eq!(answer(&store, "sum(a)", 7000), "{} => 1 @[7]\n");
        assert_eq!(answer(&store, "sum(count_over_time(a[1m]))", 7000), "{} => 1 @[7]\n");
    }
}

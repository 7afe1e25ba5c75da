//! A store with threads of its own behind it: series are spread over shards, each of which takes its time to answer.
//!
//! The engine asks one thing at a time and waits for the answer, so a store that waits for disks or for the network
//! does its waiting in parallel by itself: `select` asks all shards at once, collects what they send, and hands it over
//! sorted. What a shard cannot do becomes an error of the query that names the shard.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use promqlite::model::{Matcher, TimeRange};
use promqlite::store::{SelectRequest, Series, SeriesData, SeriesIter, SeriesStore, StoreError};
use promqlite::testing::store_suite;
use promqlite::{Engine, ErrorKind, Labels, MemoryStore};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take jobs from one queue, and end when the pool is dropped.
struct Pool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    fn new(threads: usize) -> Pool {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let work = |queue: Arc<Mutex<Receiver<Job>>>| {
            while let Some(job) = queue.lock().ok().and_then(|queue| queue.recv().ok()) {
                job();
            }
        };
        let spawn = |_| {
            std::thread::spawn({
                let queue = queue.clone();
                move || work(queue)
            })
        };
        Pool { jobs: Some(jobs), threads: (0..threads).map(spawn).collect() }
    }

    fn run(&self, job: impl FnOnce() + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Box::new(job));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A part of the data, somewhere far away.
struct Shard {
    name: &'static str,
    data: MemoryStore,
    latency: Duration,
    broken: bool,
}

impl Shard {
    /// The matching series with their samples in the range.
    fn fetch(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<SeriesData>, StoreError> {
        std::thread::sleep(self.latency);
        if self.broken {
            let source = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
            return Err(StoreError::new(format!("shard {}", self.name)).with_source(source));
        }
        let mut fetched = Vec::new();
        for series in self.data.select(&SelectRequest::new(matchers, range))? {
            let series = series?;
            // `SeriesData` is a sink that collects what it is sent.
            let mut data = SeriesData::new(series.labels().clone());
            series.read(range, &mut data)?;
            fetched.push(data);
        }
        Ok(fetched)
    }
}

struct ShardedStore {
    shards: Vec<Arc<Shard>>,
    pool: Pool,
}

impl SeriesStore for ShardedStore {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let (answers, answered) = channel();
        for shard in &self.shards {
            let (shard, answers) = (shard.clone(), answers.clone());
            let (matchers, range) = (request.matchers.to_vec(), request.range);
            self.pool.run(move || {
                let _ = answers.send(shard.fetch(&matchers, range));
            });
        }
        drop(answers);
        let mut series = Vec::new();
        for answer in answered {
            series.extend(answer?);
        }
        // A series lies on one shard only, so that sorting is all there is to do.
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(Box::new(series.into_iter().map(|series| Ok(Box::new(series) as Box<dyn Series>))))
    }
}

fn sharded(series: &[SeriesData], latency: Duration, broken: bool) -> ShardedStore {
    let names = ["north", "east", "south", "west"];
    let shards = names.iter().enumerate().map(|(at, name)| {
        let own = series.iter().enumerate().filter(|(i, _)| i % names.len() == at).map(|(_, s)| s.clone());
        let data = MemoryStore::from_series(own).expect("samples in order");
        Arc::new(Shard { name, data, latency, broken: broken && at == 2 })
    });
    ShardedStore { shards: shards.collect(), pool: Pool::new(names.len()) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let series: Vec<SeriesData> = (0..8)
        .map(|host| {
            let mut series = SeriesData::new(Labels::metric("up").with("host", &host.to_string()));
            series.push(0, 1.0);
            series
        })
        .collect();

    // Four shards of 100 ms each answer in little more than 100 ms.
    let store = sharded(&series, Duration::from_millis(100), false);
    let begin = Instant::now();
    let vector = Engine::default().instant(&store, "count(up == 1)", 0)?.value.into_vector()?;
    assert_eq!(vector.only().ok_or("a count")?.value, 8.0);
    assert!(begin.elapsed() < Duration::from_millis(350), "{:?}", begin.elapsed());

    // A shard that fails fails the query: half an answer would be a wrong one.
    let store = sharded(&series, Duration::ZERO, true);
    let error = Engine::default().instant(&store, "count(up)", 0).expect_err("the south is broken");
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(error.message(), "expanding series: shard south");
    assert!(format!("{error:?}").contains("caused by: connection refused"), "{error:?}");

    store_suite(&|series| Box::new(sharded(series, Duration::ZERO, false)));
    Ok(())
}

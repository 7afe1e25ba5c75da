//! What stores do beside computing: samples decoded from a block and written into one, look-ups of series, opening.
//!
//! `cargo bench --bench store [-- TEXT] [--full]`: the parts `samples`, `look-ups` and `open` that have TEXT in their
//! name. Figures are CPU times on one thread that a tenth of several runs stayed below. There are 50,000 series to look
//! up; with `--full`, 500,000.
//!
//! To write is to append series to a store, a log included, and to make a block of them. To look up is to select and to
//! go over what was selected, without a look at any sample.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::hint::black_box;
use std::sync::Arc;

use cpu_time::ThreadTime;
use promqlite::model::histogram::{BucketSpan, Buckets};
use promqlite::model::{Histogram, TimeRange};
use promqlite::store::disk::DataDirectory;
use promqlite::store::{
    FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, SeriesData, SeriesStore,
};
use promqlite::syntax::Expr;
use promqlite::{Engine, Labels, MemoryStore};
use workloads::blocks::{closed_block, open};
use workloads::measure::{cpu_ns, engine, scramble};
use workloads::{day, lookups, range_query};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ALL_TIMES: TimeRange = TimeRange { start: i64::MIN, end: i64::MAX };

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let count = if args.iter().any(|arg| arg == "--full") { 500_000 } else { 50_000 };
    let filter = args.iter().find(|arg| !arg.starts_with("--")).map_or("", String::as_str);
    if "samples".contains(filter) {
        samples();
    }
    if "look-ups".contains(filter) || "open".contains(filter) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let block = closed_block(dir.path(), lookups::series(count));
        let ms = cpu_ns(|| drop(black_box(open(dir.path())))) / 1e6;
        println!("\nopening a block of {count} series: {ms:.1} ms");
        if "look-ups".contains(filter) {
            let memory = MemoryStore::from_series(lookups::series(count)).expect("one sample each");
            look_ups(&memory, &block, count);
        }
    }
}

/// Counts samples.
#[derive(Default)]
struct Count(usize);

impl SampleSink for Count {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.0 += black_box(batch.values).len();
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.0 += black_box(batch.values).len();
        Flow::Continue
    }
}

fn read_all(store: &dyn SeriesStore) -> usize {
    let mut count = Count::default();
    for series in store.select(&SelectRequest::new(&[], ALL_TIMES)).expect("the block is whole") {
        series.and_then(|series| series.read(ALL_TIMES, &mut count)).expect("the block is whole");
    }
    count.0
}

fn samples() {
    println!("{:>10} {:>14} {:>14} {:>14}", "samples", "read, ns", "write, ns", "bytes");
    let of_day = |variant| day::series(variant, 100, 24).collect::<Vec<_>>();
    let mut with_starts = of_day(day::Variant::Plain);
    with_starts.iter_mut().for_each(|s| s.floats.start_timestamps = vec![1; s.floats.timestamps.len()]);
    let kinds = [
        ("integers, with jitter", of_day(day::Variant::Plain)),
        ("the same with start timestamps", with_starts),
        ("integers, without jitter", of_day(day::Variant::Aligned)),
        ("two decimals", of_day(day::Variant::Float)),
        ("those of range_queries", range_query::series().into_iter().take(50).collect()),
        ("histograms of integers", histograms(1.0)),
        ("histograms of floats", histograms(0.3)),
    ];
    for (name, series) in kinds {
        let count: usize = series.iter().map(|s| s.floats.len() + s.histograms.len()).sum();
        let dir = tempfile::tempdir().expect("a temporary directory");
        let began = ThreadTime::now();
        let block: DataDirectory = closed_block(dir.path(), series);
        let write = began.elapsed().as_nanos() as f64 / count as f64;
        assert_eq!(read_all(&block), count);
        let read = cpu_ns(|| {
            black_box(read_all(&block));
        }) / count as f64;
        let ulid = block.blocks().next().expect("there is one").ulid;
        let bytes = block.block_size_bytes(ulid).expect("it is there") as f64 / count as f64;
        println!("{count:>10} {read:>14.2} {write:>14.1} {bytes:>14.2}  {name}");
    }
}

/// Native histograms with twenty buckets whose counts are multiples of `unit`.
fn histograms(unit: f64) -> Vec<SeriesData> {
    let series = |i: u64| {
        let labels = Labels::from_pairs([("__name__", "h".to_owned()), ("i", i.to_string())]);
        let mut series = SeriesData::new(labels);
        let mut counts = vec![0.0; 20];
        for scrape in 0..1000 {
            for (bucket, count) in counts.iter_mut().enumerate() {
                *count += (scramble(i << 40 | scrape << 8 | bucket as u64) % 5) as f64 * unit;
            }
            let positive = Buckets {
                spans: vec![BucketSpan { offset: -3, length: counts.len() as u32 }],
                counts: counts.clone(),
            };
            let histogram = Histogram {
                schema: 3,
                count: counts.iter().sum(),
                sum: scrape as f64 * unit * 17.3,
                positive,
                ..Histogram::default()
            };
            series.push(scrape as i64 * day::INTERVAL, Arc::new(histogram));
        }
        series
    };
    (0..50).map(series).collect()
}

fn look_ups(memory: &MemoryStore, block: &DataDirectory, count: u64) {
    println!("\n{count} series\n{:>10} {:>14} {:>14}", "found", "memory, us", "block, us");
    let engine: Engine = engine();
    for text in lookups::MATCHERS {
        // Without a name some of them would be refused, as they select whatever there is.
        let query = engine.prepare(&format!("m{{{text}}}")).expect(text);
        let Expr::Vector(selector) = query.expr() else { panic!("{text} is a selector") };
        let matchers: Vec<_> = selector.matchers.iter().filter(|m| m.name != "__name__").cloned().collect();
        let select = |store: &dyn SeriesStore| {
            store.select(&SelectRequest::new(&matchers, ALL_TIMES)).expect("the store is whole").count()
        };
        let found = select(memory);
        assert_eq!(select(block), found, "{text}");
        let us = [memory as &dyn SeriesStore, block].map(|store| {
            cpu_ns(|| {
                black_box(select(store));
            }) / 1e3
        });
        println!("{found:>10} {:>14.1} {:>14.1}  {text}", us[0], us[1]);
    }
    println!("\nlabel values\n{:>10} {:>14} {:>14}", "found", "memory, us", "block, us");
    for (name, text) in [("i", ""), ("n", ""), ("i", r#"n="1""#), ("n", r#"i=~"1.+""#), ("i", r#"j!="foo""#)]
    {
        let query = engine.prepare(&format!("m{{{text}}}")).expect(text);
        let Expr::Vector(selector) = query.expr() else { panic!("{text} is a selector") };
        let matchers: Vec<_> = selector.matchers.iter().filter(|m| m.name != "__name__").cloned().collect();
        let values = |store: &dyn SeriesStore| {
            store.label_values(name, &matchers, ALL_TIMES).expect("the store is whole").len()
        };
        let found = values(memory);
        assert_eq!(values(block), found, "{text}");
        let us = [memory as &dyn SeriesStore, block].map(|store| {
            cpu_ns(|| {
                black_box(values(store));
            }) / 1e3
        });
        println!("{found:>10} {:>14.1} {:>14.1}  {name} of {{{text}}}", us[0], us[1]);
    }
}

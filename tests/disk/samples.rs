//! Reading a store from end to end.

use std::hash::{DefaultHasher, Hash, Hasher};

use promqlite::model::{Labels, Matcher, TimeRange};
use promqlite::store::{
    FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, SeriesStore, StoreError,
};

/// How many samples a series has, and a hash of all that they say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    pub(crate) floats: usize,
    pub(crate) histograms: usize,
    pub(crate) hash: u64,
}

/// All series with samples in `range`, each with a summary of them.
///
/// # Panics
///
/// The store breaks a promise: series are not sorted, times do not rise, columns differ in length.
pub(crate) fn read(
    store: &dyn SeriesStore,
    matchers: &[Matcher],
    range: TimeRange,
) -> Result<Vec<(Labels, Summary)>, StoreError> {
    let mut all: Vec<(Labels, Summary)> = Vec::new();
    for series in store.select(&SelectRequest::new(matchers, range))? {
        let series = series?;
        let labels = series.labels().clone();
        assert!(all.last().is_none_or(|(before, _)| *before < labels), "{labels} is not sorted");
        let mut sink = Sink { range, summary: Summary::default(), last: None, hasher: DefaultHasher::new() };
        series.read(range, &mut sink)?;
        sink.summary.hash = sink.hasher.finish();
        all.push((labels, sink.summary));
    }
    Ok(all)
}

struct Sink {
    range: TimeRange,
    summary: Summary,
    last: Option<i64>,
    hasher: DefaultHasher,
}

impl Sink {
    fn times(&mut self, times: &[i64], values: usize, starts: &[i64]) {
        assert_eq!(times.len(), values);
        assert!(starts.is_empty() || starts.len() == times.len());
        for &t in times {
            assert!(self.range.contains(t), "{t} is not in {:?}", self.range);
            assert!(self.last.is_none_or(|last| last < t), "{t} comes after {:?}", self.last);
            self.last = Some(t);
        }
    }
}

impl SampleSink for Sink {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.times(batch.timestamps, batch.values.len(), batch.start_timestamps);
        self.summary.floats += batch.values.len();
        for (i, value) in batch.values.iter().enumerate() {
            let start = batch.start_timestamps.get(i).copied().unwrap_or(0);
            (batch.timestamps[i], start, value.to_bits()).hash(&mut self.hasher);
        }
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.times(batch.timestamps, batch.values.len(), batch.start_timestamps);
        self.summary.histograms += batch.values.len();
        for (i, value) in batch.values.iter().enumerate() {
            let start = batch.start_timestamps.get(i).copied().unwrap_or(0);
            (batch.timestamps[i], start, format!("{value:?}")).hash(&mut self.hasher);
        }
        Flow::Continue
    }
}

//! The suite has to find fault with stores that have faults.

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::store_suite;
use crate::model::{Labels, Matcher, TimeRange};
use crate::store::{
    FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, Series, SeriesData, SeriesIter, SeriesStore,
    StoreError, TimestampsId,
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Unsorted,
    IgnoresMatchers,
    LosesASeries,
    LosesTheLastSample,
    IgnoresTheEndOfTheRange,
    ForgetsTheSign,
    MakesUpStarts,
    NamesAllTimesAlike,
    DoesNotStop,
    FailsToRead,
    InventsALabel,
    Miscounts,
}

struct FaultyStore {
    series: Vec<SeriesData>,
    fault: Fault,
}

impl SeriesStore for FaultyStore {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let matches = |labels: &Labels| request.matchers.iter().all(|m| m.matches(labels.value(&m.name)));
        let mut selected: Vec<&SeriesData> =
            self.series.iter().filter(|series| series.time_range().is_some()).collect();
        if self.fault != Fault::IgnoresMatchers {
            selected.retain(|series| matches(&series.labels));
        }
        if self.fault == Fault::LosesASeries && selected.len() > 3 {
            selected.remove(2);
        }
        if self.fault != Fault::Unsorted {
            selected.sort_by(|a, b| a.labels.cmp(&b.labels));
        }
        Ok(Box::new(
            selected.into_iter().map(|series| {
                Ok(Box::new(FaultySeries { series, fault: self.fault }) as Box<dyn Series + '_>)
            }),
        ))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        let mut names = std::collections::BTreeSet::new();
        for series in self.select(&SelectRequest::new(matchers, range))? {
            names.extend(series?.labels().iter().map(|(name, _)| name.to_owned()));
        }
        if self.fault == Fault::InventsALabel {
            names.insert("invented".to_owned());
        }
        Ok(names.into_iter().collect())
    }

    fn series_count(&self) -> Option<usize> {
        (self.fault == Fault::Miscounts).then_some(1_000)
    }
}

struct FaultySeries<'s> {
    series: &'s SeriesData,
    fault: Fault,
}

impl Series for FaultySeries<'_> {
    fn labels(&self) -> &Labels {
        &self.series.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        let mut range = range;
        if self.fault == Fault::FailsToRead && range.start == 0 {
            return Err(StoreError::new("disk on fire"));
        }
        if self.fault == Fault::IgnoresTheEndOfTheRange {
            range.end = i64::MAX;
        }
        self.series.read(range, &mut FaultySink { sink, fault: self.fault })
    }
}

struct FaultySink<'s> {
    sink: &'s mut dyn SampleSink,
    fault: Fault,
}

impl SampleSink for FaultySink<'_> {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        let mut values = batch.values.to_vec();
        let mut faulty = batch;
        let zeros = vec![7; batch.values.len()];
        match self.fault {
            Fault::ForgetsTheSign => {
                values.iter_mut().for_each(|value| *value += 0.0);
                faulty.values = &values;
            }
            Fault::LosesTheLastSample => {
                let left = values.len() - 1;
                faulty.values = &batch.values[..left];
                faulty.timestamps = &batch.timestamps[..left];
                faulty.start_timestamps = batch.start_timestamps.get(..left).unwrap_or(&[]);
            }
            Fault::MakesUpStarts => faulty.start_timestamps = &zeros,
            Fault::NamesAllTimesAlike => faulty.timestamps_id = Some(TimestampsId(NonZeroU64::MIN)),
            _ => {}
        }
        let flow = self.sink.floats(faulty);
        if self.fault == Fault::DoesNotStop { Flow::Continue } else { flow }
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        let flow = self.sink.histograms(batch);
        if self.fault == Fault::DoesNotStop { Flow::Continue } else { flow }
    }
}

#[test]
fn every_fault_is_found() {
    let table = [
        (Fault::Unsorted, "series sorted by labels, so"),
        (Fault::IgnoresMatchers, "nothing that does not match"),
        (Fault::LosesASeries, "but it is missing"),
        (Fault::LosesTheLastSample, "no sample any more"),
        (Fault::IgnoresTheEndOfTheRange, "one more: "),
        (Fault::ForgetsTheSign, "(the stale marker) at 30000\n  got:       NaN of bits 0x7ff8"),
        (Fault::MakesUpStarts, "since 7"),
        (Fault::NamesAllTimesAlike, "names two columns"),
        (Fault::DoesNotStop, "goes on after it was stopped"),
        (Fault::FailsToRead, "disk on fire"),
        (Fault::InventsALabel, "the names of labels, but none that no series has: {\"invented\"}"),
        (Fault::Miscounts, "number of series"),
    ];
    for (fault, message) in table {
        let suite = || store_suite(&|series| Box::new(FaultyStore { series: series.to_vec(), fault }));
        let panic = catch_unwind(AssertUnwindSafe(suite)).expect_err(&format!("{fault:?} was not found"));
        let text = panic.downcast_ref::<String>().map_or("", String::as_str);
        assert!(text.contains(message), "{fault:?}: {}", &text[..text.len().min(500)]);
    }
}

//! What a store has to answer, found by looking through all series.

use std::collections::BTreeSet;
use std::fmt;

use super::reading::{ReadSample, ReadSeries};
use crate::model::value::SampleValue;
use crate::model::{Labels, Matcher, TimeRange, Timestamp};
use crate::store::{SelectRequest, Series, SeriesData, SeriesStore};

/// The series that a store holds.
pub(super) struct Expected<'a> {
    what: &'a str,
    series: &'a [SeriesData],
}

/// One request; prints what it is for messages.
pub(super) struct Case<'a> {
    expected: &'a Expected<'a>,
    request: &'a SelectRequest<'a>,
    /// The series with samples that match.
    matching: Vec<&'a SeriesData>,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matchers: Vec<String> = self.request.matchers.iter().map(Matcher::to_string).collect();
        let TimeRange { start, end } = self.request.range;
        write!(f, "{}: {{{}}} from {start} to {end}", self.expected.what, matchers.join(", "))
    }
}

impl<'a> Expected<'a> {
    pub(super) fn new(what: &'a str, series: &'a [SeriesData]) -> Self {
        Expected { what, series }
    }

    pub(super) fn case(&'a self, request: &'a SelectRequest<'a>) -> Case<'a> {
        let holds = |labels: &Labels| request.matchers.iter().all(|m| m.matches(labels.value(&m.name)));
        let with_samples = self.series.iter().filter(|series| series.time_range().is_some());
        let matching = with_samples.filter(|series| holds(&series.labels)).collect();
        Case { expected: self, request, matching }
    }

    /// What a store says of itself, if it says anything.
    pub(super) fn check_whole(&self, store: &dyn SeriesStore) {
        let what = self.what;
        if let Some(range) = store.time_range() {
            let known = self.series.iter().filter_map(SeriesData::time_range).reduce(TimeRange::union);
            assert_eq!(Some(range), known, "{what}: time range");
        }
        if let Some(count) = store.series_count() {
            let known = self.series.iter().filter(|series| series.time_range().is_some()).count();
            assert_eq!(count, known, "{what}: number of series");
        }
    }
}

impl Case<'_> {
    pub(super) fn select<'s>(&self, store: &'s dyn SeriesStore) -> Vec<Box<dyn Series + 's>> {
        let selected = match store.select(self.request) {
            Ok(selected) => selected,
            Err(error) => panic!("{self}: select fails: {error}"),
        };
        let series = selected.map(|series| match series {
            Ok(series) => series,
            Err(error) => panic!("{self}: a series fails: {error}"),
        });
        series.collect()
    }

    /// The series of a selection: sorted, all that have samples in the range, and none that does not match.
    pub(super) fn check_series(&self, selected: &[Labels]) {
        for pair in selected.windows(2) {
            assert!(pair[0] < pair[1], "{self}: {} comes before {}", pair[0], pair[1]);
        }
        let selected: BTreeSet<&Labels> = selected.iter().collect();
        for series in &self.matching {
            let present = selected.contains(&series.labels);
            assert!(
                present || !has_samples(series, self.request.range),
                "{self}: {} is missing",
                series.labels
            );
        }
        let matching: BTreeSet<&Labels> = self.matching.iter().map(|series| &series.labels).collect();
        for labels in selected {
            assert!(matching.contains(labels), "{self}: {labels} should not be there");
        }
    }

    /// Label names and values: those of series with samples in the range, and none that no matching series has.
    pub(super) fn check_labels(&self, store: &dyn SeriesStore) {
        let SelectRequest { matchers, range, .. } = *self.request;
        let check = |what: &str, told: Result<Vec<String>, _>, of: &dyn Fn(&Labels) -> Vec<String>| {
            let told: Vec<String> = match told {
                Ok(told) => told,
                Err(error) => {
                    let error: crate::store::StoreError = error;
                    panic!("{self}: {what} fail: {error}");
                }
            };
            assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{self}: {what} are not sorted: {told:?}");
            let told: BTreeSet<String> = told.into_iter().collect();
            let all: BTreeSet<String> = self.matching.iter().flat_map(|series| of(&series.labels)).collect();
            let in_range = self.matching.iter().filter(|series| has_samples(series, range));
            let in_range: BTreeSet<String> = in_range.flat_map(|series| of(&series.labels)).collect();
            assert!(told.is_superset(&in_range), "{self}: {what} are missing: {:?}", &in_range - &told);
            assert!(told.is_subset(&all), "{self}: {what} that no series has: {:?}", &told - &all);
        };
        let names = |labels: &Labels| labels.iter().map(|(name, _)| name.to_owned()).collect();
        check("label names", store.label_names(matchers, range), &names);
        for name in ["__name__", "job", "instance", "日本", "missing"] {
            let values = |labels: &Labels| labels.get(name).map(str::to_owned).into_iter().collect();
            check(&format!("values of {name}"), store.label_values(name, matchers, range), &values);
        }
    }

    /// The samples of one series in the range of the request.
    pub(super) fn check_samples(&self, read: &ReadSeries) {
        let labels = &read.labels;
        if let Some(problem) = read.problems.first() {
            panic!("{self}: {labels}: {problem}");
        }
        let Some(series) = self.expected.series.iter().find(|series| series.labels == *labels) else {
            panic!("{self}: {labels} should not be there");
        };
        let expected = samples_in(series, read.range);
        for (at, (time, value, start)) in expected.iter().enumerate() {
            let Some(sample) = read.samples.get(at) else {
                panic!("{self}: {labels} ends before its sample at {time}");
            };
            assert!(
                is_sample(sample, *time, value, *start),
                "{self}: {labels} at {time}: {value:?} is read as {sample}"
            );
        }
        if let Some(sample) = read.samples.get(expected.len()) {
            panic!("{self}: {labels} has a sample too many: {sample}");
        }
    }
}

fn has_samples(series: &SeriesData, range: TimeRange) -> bool {
    let within = |times: &[Timestamp]| times.iter().any(|time| range.contains(*time));
    within(&series.floats.timestamps) || within(&series.histograms.timestamps)
}

fn samples_in(series: &SeriesData, range: TimeRange) -> Vec<(Timestamp, SampleValue, Timestamp)> {
    let start = |starts: &[Timestamp], at: usize| starts.get(at).copied().unwrap_or(0);
    let mut samples = Vec::new();
    for (at, (time, value)) in series.floats.timestamps.iter().zip(&series.floats.values).enumerate() {
        samples.push((*time, SampleValue::Float(*value), start(&series.floats.start_timestamps, at)));
    }
    for (at, (time, value)) in series.histograms.timestamps.iter().zip(&series.histograms.values).enumerate()
    {
        let start = start(&series.histograms.start_timestamps, at);
        samples.push((*time, SampleValue::Histogram(value.clone()), start));
    }
    samples.retain(|(time, ..)| range.contains(*time));
    samples.sort_by_key(|(time, ..)| *time);
    samples
}

fn is_sample(read: &ReadSample, time: Timestamp, value: &SampleValue, start: Timestamp) -> bool {
    let same_value = match (&read.value, value) {
        (SampleValue::Float(a), SampleValue::Float(b)) => a.to_bits() == b.to_bits(),
        (SampleValue::Histogram(a), SampleValue::Histogram(b)) => a.equals(b),
        _ => false,
    };
    same_value && read.time == time && read.start.is_none_or(|told| told == start)
}

impl fmt::Display for ReadSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.value, self.time)?;
        self.start.map_or(Ok(()), |start| write!(f, " since {start}"))
    }
}

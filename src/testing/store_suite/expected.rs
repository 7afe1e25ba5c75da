//! What a store has to answer, found by looking through all series.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use super::reading::{ReadSample, ReadSeries};
use crate::model::value::SampleValue;
use crate::model::{Labels, Matcher, TimeRange, Timestamp, is_stale};
use crate::store::{SelectRequest, Series, SeriesData, SeriesStore, StoreError};

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
        let matchers = matchers.join(", ");
        let what = self.expected.what;
        write!(f, "the store breaks its contract, holding {what}\n  asked for: {{{matchers}}} ")?;
        match self.request.range {
            TimeRange::ALL => write!(f, "at any time"),
            TimeRange { start, end } => write!(f, "from {start} to {end} (in ms, both included)"),
        }
    }
}

/// A label set of reasonable length.
pub(super) fn shown(labels: &Labels) -> String {
    let text = labels.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
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
            assert_eq!(Some(range), known, "the store breaks its contract, holding {what}: time range");
        }
        if let Some(count) = store.series_count() {
            let known = self.series.iter().filter(|series| series.time_range().is_some()).count();
            assert_eq!(count, known, "the store breaks its contract, holding {what}: number of series");
        }
    }
}

impl Case<'_> {
    /// Ends the suite: what the contract asks for, and what came instead.
    pub(super) fn fail(&self, expected: impl fmt::Display, got: impl fmt::Display) -> ! {
        panic!("{self}\n  expected:  {expected}\n  got:       {got}")
    }

    pub(super) fn select<'s>(&self, store: &'s dyn SeriesStore) -> Vec<Box<dyn Series + 's>> {
        let selected = match store.select(self.request) {
            Ok(selected) => selected,
            Err(error) => self.fail("series", format!("select fails: {error}")),
        };
        let series = selected.map(|series| match series {
            Ok(series) => series,
            Err(error) => self.fail("series", format!("one of the series is an error: {error}")),
        });
        series.collect()
    }

    /// The series of a selection: sorted, all that have samples in the range, and none that does not match.
    pub(super) fn check_series(&self, selected: &[Labels]) {
        let got = || {
            let mut shown: Vec<String> = selected.iter().take(8).map(self::shown).collect();
            if selected.len() > shown.len() {
                shown.push("...".to_owned());
            }
            format!("{} series: {}", selected.len(), shown.join(", "))
        };
        for pair in selected.windows(2) {
            let (first, second) = (shown(&pair[0]), shown(&pair[1]));
            match pair[0].cmp(&pair[1]) {
                Ordering::Less => {}
                Ordering::Equal => self.fail(format!("each series once, but {first} comes twice"), got()),
                Ordering::Greater => {
                    self.fail(format!("series sorted by labels, so {second} before {first}"), got())
                }
            }
        }
        let selected: BTreeSet<&Labels> = selected.iter().collect();
        for series in &self.matching {
            if !selected.contains(&series.labels) && has_samples(series, self.request.range) {
                self.fail(format!("{} among the series, but it is missing", shown(&series.labels)), got());
            }
        }
        let matching: BTreeSet<&Labels> = self.matching.iter().map(|series| &series.labels).collect();
        for labels in selected {
            if !matching.contains(labels) {
                self.fail(format!("nothing that does not match, such as {}", shown(labels)), got());
            }
        }
    }

    /// Label names and values: those of series with samples in the range, and none that no matching series has.
    pub(super) fn check_labels(&self, store: &dyn SeriesStore) {
        let SelectRequest { matchers, range, .. } = *self.request;
        let check = |what: &str,
                     told: Result<Vec<String>, StoreError>,
                     of: &dyn Fn(&Labels) -> Vec<String>| {
            let told = match told {
                Ok(told) => told,
                Err(error) => self.fail(what, format!("an error: {error}")),
            };
            if !told.is_sorted_by(|a, b| a < b) {
                self.fail(format!("{what}, sorted, each once"), format!("{told:?}"));
            }
            let told: BTreeSet<String> = told.into_iter().collect();
            let all: BTreeSet<String> = self.matching.iter().flat_map(|series| of(&series.labels)).collect();
            let in_range = self.matching.iter().filter(|series| has_samples(series, range));
            let in_range: BTreeSet<String> = in_range.flat_map(|series| of(&series.labels)).collect();
            if !told.is_superset(&in_range) {
                self.fail(format!("{what}, {:?} among them", &in_range - &told), format!("{told:?}"));
            }
            if !told.is_subset(&all) {
                self.fail(
                    format!("{what}, but none that no series has: {:?}", &told - &all),
                    format!("{told:?}"),
                );
            }
        };
        let names = |labels: &Labels| labels.iter().map(|(name, _)| name.to_owned()).collect();
        check("the names of labels", store.label_names(matchers, range), &names);
        for name in ["__name__", "job", "instance", "日本", "missing"] {
            let values = |labels: &Labels| labels.get(name).map(str::to_owned).into_iter().collect();
            check(
                &format!("the values of the label {name}"),
                store.label_values(name, matchers, range),
                &values,
            );
        }
    }

    /// The samples of one series in the range of the request.
    pub(super) fn check_samples(&self, read: &ReadSeries) {
        let labels = shown(&read.labels);
        if let Some(problem) = read.problems.first() {
            self.fail(format!("the samples of {labels}, batch by batch"), problem);
        }
        let Some(series) = self.expected.series.iter().find(|series| series.labels == read.labels) else {
            self.fail("series that the store holds", labels);
        };
        let expected = samples_in(series, read.range);
        for (at, (time, value, start)) in expected.iter().enumerate() {
            let wanted =
                ReadSample { time: *time, value: value.clone(), start: Some(*start).filter(|s| *s != 0) };
            let wanted = format!("sample {} of {} of {labels}: {wanted}", at + 1, expected.len());
            match read.samples.get(at) {
                None => self.fail(wanted, "no sample any more"),
                Some(sample) if !is_sample(sample, *time, value, *start) => self.fail(wanted, sample),
                Some(_) => {}
            }
        }
        if let Some(sample) = read.samples.get(expected.len()) {
            self.fail(
                format!("{} samples of {labels} in this range", expected.len()),
                format!("one more: {sample}"),
            );
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
        match &self.value {
            SampleValue::Float(value) if is_stale(*value) => {
                write!(f, "NaN of bits {:#x} (the stale marker)", value.to_bits())?
            }
            SampleValue::Float(value) if value.is_nan() => write!(f, "NaN of bits {:#x}", value.to_bits())?,
            SampleValue::Float(value) => write!(f, "{value:?}")?,
            SampleValue::Histogram(histogram) => write!(f, "{}", histogram.test_expression())?,
        }
        write!(f, " at {}", self.time)?;
        self.start.map_or(Ok(()), |start| write!(f, " since {start}"))
    }
}

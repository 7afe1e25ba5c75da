//! Series as `load` commands: the way back from samples to the notation that a person reads.
//!
//! Samples on a grid make one command, with runs of equal distances as `0+30x4`; the gaps between samples at odd times,
//! or long after the epoch, would be longer than the samples, so that each time gets a command of its own.

use std::collections::BTreeSet;

use super::reproduce::NoScript;
use crate::ingest::load::parse_labels;
use crate::model::go_format::format_g;
use crate::model::value::SampleValue;
use crate::model::{Labels, Timestamp, is_stale};
use crate::store::SeriesData;
use crate::syntax::format_duration;

/// The most places that a line may have.
const PLACES: i64 = 10_000;

/// The most samples that are written down; a script of more would help nobody.
const SAMPLES: usize = 20_000;

/// The commands that load these series.
pub(super) fn load_text(series: &[SeriesData]) -> Result<String, NoScript> {
    let times: BTreeSet<Timestamp> =
        series.iter().flat_map(|series| samples(series).map(|(time, _)| time)).collect();
    let count: usize = series.iter().map(|series| series.floats.len() + series.histograms.len()).sum();
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Ok(String::new()) };
    if first < 0 {
        return Err(NoScript::BeforeEpoch);
    }
    if count > SAMPLES {
        return Err(NoScript::TooManySamples { samples: count });
    }
    let grid = match times.iter().fold(0, |grid, time| greatest_common_divisor(grid, *time)) {
        0 => 60_000,
        grid => grid,
    };
    let mut text = String::new();
    if last / grid < PLACES {
        block(&mut text, grid, series, |_| true);
    } else {
        for time in times {
            // The second value of a line is an interval after the epoch.
            block(&mut text, if time == 0 { 60_000 } else { time }, series, |other| other == time);
        }
    }
    Ok(text)
}

/// One command, with the samples at the times that are wanted; all of these are multiples of the interval.
fn block(text: &mut String, interval: i64, series: &[SeriesData], wanted: impl Fn(Timestamp) -> bool) {
    text.push_str(&format!("load {}\n", format_duration(interval)));
    for series in series {
        let mut places: Vec<Option<SampleValue>> = Vec::new();
        for (time, value) in samples(series).filter(|(time, _)| wanted(*time)) {
            places.resize((time / interval) as usize, None);
            places.push(Some(value));
        }
        if !places.is_empty() {
            text.push_str(&format!("  {} {}\n", series_text(&series.labels), sequence(&places)));
        }
    }
    text.push('\n');
}

fn samples(series: &SeriesData) -> impl Iterator<Item = (Timestamp, SampleValue)> {
    let floats = series.floats.timestamps.iter().zip(&series.floats.values);
    let histograms = series.histograms.timestamps.iter().zip(&series.histograms.values);
    let mut samples: Vec<_> = floats
        .map(|(time, value)| (*time, SampleValue::from(*value)))
        .chain(histograms.map(|(time, value)| (*time, SampleValue::from(value.clone()))))
        .collect();
    samples.sort_by_key(|(time, _)| *time);
    samples.into_iter()
}

/// The series as a line begins; a name that the notation reads as something else goes into the braces.
pub(super) fn series_text(labels: &Labels) -> String {
    let text = labels.to_string();
    if parse_labels(&text).as_ref() == Ok(labels) { text } else { labels.in_braces() }
}

/// Values one behind the other, `None` for no sample.
fn sequence(places: &[Option<SampleValue>]) -> String {
    let mut items: Vec<String> = Vec::new();
    let mut rest = places;
    while let Some(first) = rest.first() {
        let taken = match first {
            None => {
                let gap = rest.iter().take_while(|place| place.is_none()).count();
                items.push(if gap == 1 { "_".to_owned() } else { format!("_x{gap}") });
                gap
            }
            Some(SampleValue::Float(value)) => {
                let (step, count) = run(*value, rest);
                items.push(match (step, count) {
                    (_, 1) if is_stale(*value) => "stale".to_owned(),
                    (_, 1) => format_g(*value),
                    (0.0, _) => format!("{}x{}", format_g(*value), count - 1),
                    (step, _) => {
                        let sign = if step > 0.0 { "+" } else { "" };
                        format!("{}{sign}{}x{}", format_g(*value), format_g(step), count - 1)
                    }
                });
                count
            }
            Some(SampleValue::Histogram(histogram)) => {
                items.push(histogram.test_expression());
                1
            }
        };
        rest = &rest[taken..];
    }
    items.join(" ")
}

/// A run is written as one from this many values on.
const RUN: usize = 3;

/// The step of the run of values that begins here, and how many belong to it; 1 if it is not worth its while. The
/// notation adds the step again and again, and the run is one only as long as that gives the same bits.
fn run(first: f64, places: &[Option<SampleValue>]) -> (f64, usize) {
    let second = match places.get(1) {
        Some(Some(SampleValue::Float(second))) => *second,
        _ => return (0.0, 1),
    };
    let step = second - first;
    if !step.is_finite() || step == 0.0 && first.to_bits() != second.to_bits() {
        return (0.0, 1);
    }
    let values =
        std::iter::successors(Some(first), |value| Some(if step == 0.0 { *value } else { value + step }));
    let same = |(place, value): &(&Option<SampleValue>, f64)| match place {
        Some(SampleValue::Float(got)) => got.to_bits() == value.to_bits(),
        _ => false,
    };
    let count = places.iter().zip(values).take_while(same).count();
    if count < RUN { (0.0, 1) } else { (step, count) }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::load;
    use crate::model::STALE_NAN;

    fn up(samples: &[(Timestamp, f64)]) -> SeriesData {
        let mut series = SeriesData::new(Labels::from_pairs([("__name__", "up"), ("job", "a")]));
        samples.iter().for_each(|(time, value)| _ = series.push(*time, *value));
        series
    }

    #[test]
    fn samples_on_a_grid() {
        for (samples, expected) in [
            (&[(0, 1.0)][..], "load 1m\n  up{job=\"a\"} 1\n\n"),
            (&[(15_000, 1.0), (60_000, 2.5)], "load 15s\n  up{job=\"a\"} _ 1 _x2 2.5\n\n"),
            (
                &[
                    (0, 0.0),
                    (1_000, 30.0),
                    (2_000, 60.0),
                    (3_000, STALE_NAN),
                    (4_000, 7.0),
                    (5_000, 7.0),
                    (6_000, 7.0),
                ],
                "load 1s\n  up{job=\"a\"} 0+30x2 stale 7x2\n\n",
            ),
            (&[(0, 3.0), (1_000, 2.0), (2_000, 1.0)], "load 1s\n  up{job=\"a\"} 3-1x2\n\n"),
            (
                &[(0, f64::INFINITY), (1_000, f64::NAN), (2_000, 1e21)],
                "load 1s\n  up{job=\"a\"} +Inf NaN 1e+21\n\n",
            ),
        ] {
            assert_eq!(load_text(&[up(samples)]).unwrap(), expected);
        }
    }

    #[test]
    fn samples_far_from_the_epoch() {
        assert_eq!(
            load_text(&[up(&[(1_000_000_000_000, 1.0), (1_000_000_000_001, 2.0)])]).unwrap(),
            "load 11574d1h46m40s\n  up{job=\"a\"} _ 1\n\nload 11574d1h46m40s1ms\n  up{job=\"a\"} _ 2\n\n"
        );
        assert_eq!(load_text(&[up(&[(-1, 1.0)])]), Err(NoScript::BeforeEpoch));
        let many: Vec<(Timestamp, f64)> = (0..20_001).map(|time| (time, 1.0)).collect();
        assert_eq!(load_text(&[up(&many)]), Err(NoScript::TooManySamples { samples: 20_001 }));
    }

    #[test]
    fn names_that_are_no_names_there() {
        let labels = Labels::from_pairs([("__name__", "nan"), ("a.b", "c\"d")]);
        let text = series_text(&labels);
        assert_eq!(parse_labels(&text).as_ref(), Ok(&labels), "{text}");
    }

    proptest! {
        /// What is written down is read back bit by bit.
        #[test]
        fn there_and_back(
            distances in prop::collection::vec((1i64..5, prop::sample::select(vec![0.0, -0.0, 1.0, 0.1, 0.2, 0.3, 30.0, 60.0, 90.0, 1e300, f64::INFINITY, STALE_NAN])), 1..40),
            grid in prop::sample::select(vec![1i64, 1_000, 15_000, 10_000_000_000]),
        ) {
            let mut time = 0;
            let samples: Vec<(Timestamp, f64)> = distances.iter().map(|(distance, value)| { time += distance * grid; (time, *value) }).collect();
            let series = up(&samples);
            let text = load_text(std::slice::from_ref(&series)).unwrap();
            let mut read: Vec<(Timestamp, u64)> = Vec::new();
            for series in load::read(&text, 0).unwrap() {
                read.extend(series.floats.timestamps.iter().zip(&series.floats.values).map(|(t, v)| (*t, v.to_bits())));
            }
            prop_assert_eq!(read, samples.iter().map(|(t, v)| (*t, v.to_bits())).collect::<Vec<_>>(), "{}", text);
        }
    }
}

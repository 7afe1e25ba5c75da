//! Random inputs against folds that go step by step and sample by sample, and are too simple to be wrong.
//!
//! Values are chosen to hurt: NaN, infinities, 0 and -0, numbers that cancel, and numbers that overflow. Columns are
//! full, empty, cut off at either end, or have gaps, and are long enough for several words of presence bits.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fixture::Call;
use crate::exec::map::Ready;
use crate::exec::{OutputSeries, Worker};
use crate::model::go_format::format_f;
use crate::model::{Batch, Labels};

/// For each series its group, and a value or none at each step.
type Input = Vec<(u8, Vec<Option<f64>>)>;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -100.0..100.0f64,
        4 => (-3..4i32).prop_map(f64::from),
        2 => prop_oneof![Just(1e100), Just(-1e100), Just(1e16), Just(-1e16), Just(1e-300)],
        2 => prop_oneof![Just(1e308), Just(-1e308), Just(f64::MAX), Just(f64::MIN)],
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)],
    ]
}

fn column(steps: usize) -> impl Strategy<Value = Vec<Option<f64>>> {
    let values = prop::collection::vec(value(), steps);
    let presence = prop_oneof![
        4 => Just(vec![true; steps]),
        1 => Just(vec![false; steps]),
        2 => (0..=steps, 0..=steps).prop_map(move |(a, b)| (0..steps).map(|i| i >= a.min(b) && i < a.max(b)).collect()),
        2 => prop::collection::vec(any::<bool>(), steps),
        2 => prop::collection::vec(prop::bool::weighted(0.97), steps),
    ];
    (values, presence).prop_map(|(values, presence): (Vec<f64>, Vec<bool>)| {
        values.into_iter().zip(presence).map(|(value, present)| present.then_some(value)).collect()
    })
}

fn inputs() -> impl Strategy<Value = Input> {
    prop_oneof![Just(1usize), 2..70usize, 120..140usize]
        .prop_flat_map(|steps| prop::collection::vec((0..3u8, column(steps)), 1..14))
}

fn ready(input: &Input) -> Ready {
    let mut columns = Batch::default();
    columns.reset(input.len(), input[0].1.len());
    let mut series = Vec::new();
    for (i, (group, samples)) in input.iter().enumerate() {
        // What is absent may hold anything: make it something that shows.
        columns.column_mut(i).values.fill(1e300);
        for (step, value) in samples.iter().enumerate() {
            if let Some(value) = value {
                columns.column_mut(i).set(step, *value);
            }
        }
        let labels = Labels::from_pairs([("g", group.to_string()), ("i", format!("{i:03}"))]);
        series.push(OutputSeries::new(labels));
    }
    Ready { series, columns }
}

/// The result as labels and samples; those without samples are left out.
fn run(call: &Call, input: &Input) -> Vec<(Labels, Vec<Option<f64>>)> {
    let steps = input[0].1.len();
    let (series, columns) = match call.run(ready(input), steps, &mut Worker::default()) {
        Ok(result) => result,
        Err(error) => panic!("{error}"),
    };
    let samples = |i| (0..steps).map(|step| columns.column(i).get(step)).collect::<Vec<_>>();
    let all = series.into_iter().enumerate().map(|(i, one)| (one.labels, samples(i)));
    all.filter(|(_, samples)| samples.iter().any(Option::is_some)).collect()
}

/// The bits of samples, all NaN alike.
fn bits(samples: &[Option<f64>]) -> Vec<Option<u64>> {
    samples.iter().map(|v| v.map(|v| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() })).collect()
}

/// For each group in the order of the first series with a sample, the values at each step in input order.
fn grouped(input: &Input) -> Vec<(Labels, Vec<Vec<f64>>)> {
    let mut groups: Vec<(u8, Vec<Vec<f64>>)> = Vec::new();
    for (group, samples) in input.iter().filter(|(_, samples)| samples.iter().any(Option::is_some)) {
        if !groups.iter().any(|(known, _)| known == group) {
            groups.push((*group, vec![Vec::new(); samples.len()]));
        }
        for (_, steps) in groups.iter_mut().filter(|(known, _)| known == group) {
            steps.iter_mut().zip(samples).for_each(|(values, sample)| values.extend(sample));
        }
    }
    let with_labels =
        groups.into_iter().map(|(g, steps)| (Labels::from_pairs([("g", g.to_string())]), steps));
    with_labels.filter(|(_, steps)| steps.iter().any(|values| !values.is_empty())).collect()
}

/// Neumaier's sum as Prometheus writes it down.
fn kahan(inc: f64, sum: f64, c: f64) -> (f64, f64) {
    let total = sum + inc;
    match () {
        _ if total.is_infinite() => (total, 0.0),
        _ if sum.abs() >= inc.abs() => (total, c + ((sum - total) + inc)),
        _ => (total, c + ((inc - total) + sum)),
    }
}

fn fold(name: &str, values: &[f64], parameter: f64) -> f64 {
    let (first, rest) = (values[0], &values[1..]);
    match name {
        "sum" => {
            let (sum, c) = rest.iter().fold((first, 0.0), |(sum, c), &v| kahan(v, sum, c));
            sum + c
        }
        "avg" => {
            let (mut sum, mut c, mut mean, mut count) = (first, 0.0, None, 1.0);
            for &v in rest {
                count += 1.0;
                if mean.is_none() {
                    let (new_sum, new_c) = kahan(v, sum, c);
                    if !new_sum.is_infinite() {
                        (sum, c) = (new_sum, new_c);
                        continue;
                    }
                    mean = Some(sum / (count - 1.0));
                    c /= count - 1.0;
                }
                let q = (count - 1.0) / count;
                let (new_mean, new_c) = kahan(v / count, q * mean.unwrap_or(f64::NAN), q * c);
                (mean, c) = (Some(new_mean), new_c);
            }
            mean.map_or(sum / count + c / count, |mean| mean + c)
        }
        "min" => rest.iter().fold(first, |best, &v| if best > v || best.is_nan() { v } else { best }),
        "max" => rest.iter().fold(first, |best, &v| if best < v || best.is_nan() { v } else { best }),
        "count" => values.len() as f64,
        "group" => 1.0,
        "stdvar" | "stddev" => {
            let (mut mean, mut count) = (first, 1.0);
            let mut squares = if first.is_finite() { 0.0 } else { f64::NAN };
            for &v in rest {
                count += 1.0;
                let delta = v - mean;
                mean += delta / count;
                squares += delta * (v - mean);
            }
            if name == "stddev" { (squares / count).sqrt() } else { squares / count }
        }
        "quantile" => {
            let mut sorted = values.to_vec();
            sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan())));
            let rank = parameter * (values.len() - 1) as f64;
            let weight = rank - rank.floor();
            let at = |i: usize| sorted[i.min(values.len() - 1)];
            at(rank as usize) * (1.0 - weight) + at(rank as usize + 1) * weight
        }
        _ => panic!("no fold {name}"),
    }
}

proptest! {
    #[test]
    fn folds_are_equal_to_the_bit(input in inputs(), phi in 0.0..=1.0f64) {
        let steps = input[0].1.len();
        for name in ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"] {
            let call = Call::of(name).by(&["g"]);
            let call = if name == "quantile" { call.scalar(&vec![phi; steps]) } else { call };
            let found = run(&call, &input);
            let expected = grouped(&input);
            prop_assert_eq!(found.len(), expected.len());
            for ((labels, found), (expected_labels, values)) in found.iter().zip(&expected) {
                prop_assert_eq!(labels, expected_labels);
                let expected: Vec<_> =
                    values.iter().map(|v| (!v.is_empty()).then(|| fold(name, v, phi))).collect();
                prop_assert_eq!(bits(found), bits(&expected), "{} of {}", name, labels);
            }
        }
    }

    #[test]
    fn topk_keeps_the_best(input in inputs(), k in prop::collection::vec(-1.0..6.0f64, 140)) {
        let steps = input[0].1.len();
        for (name, sign) in [("topk", 1.0), ("bottomk", -1.0)] {
            let found = run(&Call::of(name).by(&["g"]).scalar(&k[..steps]), &input);
            // Every sample of the result is one of the input.
            for (labels, samples) in &found {
                let i: usize = labels.value("i").parse().unwrap_or(usize::MAX);
                for (found, given) in bits(samples).iter().zip(bits(&input[i].1)) {
                    prop_assert!(found.is_none() || *found == given);
                }
            }
            for (group, values) in grouped(&input) {
                for (step, values) in values.iter().enumerate() {
                    let mut best: Vec<f64> = values.iter().map(|v| v * sign).collect();
                    best.sort_by(|a, b| b.partial_cmp(a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
                    best.truncate(k[step].max(0.0) as usize);
                    let members = found.iter().filter(|(labels, _)| labels.value("g") == group.value("g"));
                    let mut got: Vec<f64> = members.filter_map(|(_, v)| v[step]).map(|v| v * sign).collect();
                    if steps > 1 {
                        got.sort_by(|a, b| b.partial_cmp(a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
                    }
                    prop_assert_eq!(got.len(), best.len());
                    // 0 and -0 are equal, and either may come first.
                    prop_assert!(got.iter().zip(&best).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
                }
            }
        }
    }

    #[test]
    fn limitk_keeps_the_first(input in inputs(), k in prop::collection::vec(-1.0..6.0f64, 140)) {
        let steps = input[0].1.len();
        let found: BTreeMap<Labels, _> =
            run(&Call::of("limitk").by(&["g"]).scalar(&k[..steps]), &input).into_iter().collect();
        let mut taken = BTreeMap::new();
        for (i, (group, samples)) in input.iter().enumerate() {
            let labels = Labels::from_pairs([("g", group.to_string()), ("i", format!("{i:03}"))]);
            let mut expected = vec![None; steps];
            for (step, value) in samples.iter().enumerate().filter(|(_, value)| value.is_some()) {
                let taken = taken.entry((group, step)).or_insert(0);
                if *taken < k[step] as i64 {
                    *taken += 1;
                    expected[step] = *value;
                }
            }
            let found = found.get(&labels).cloned().unwrap_or_else(|| vec![None; steps]);
            prop_assert_eq!(bits(&found), bits(&expected));
        }
    }

    #[test]
    fn count_values_counts_texts(input in inputs()) {
        let steps = input[0].1.len();
        let mut expected: BTreeMap<Labels, Vec<Option<f64>>> = BTreeMap::new();
        for (group, samples) in &input {
            for (step, value) in samples.iter().enumerate() {
                if let Some(value) = value {
                    let labels = Labels::from_pairs([("g", group.to_string()), ("v", format_f(*value))]);
                    let counts = expected.entry(labels).or_insert_with(|| vec![None; steps]);
                    counts[step] = Some(counts[step].unwrap_or(0.0) + 1.0);
                }
            }
        }
        let found = run(&Call::of("count_values").by(&["g"]).string(b"v"), &input);
        prop_assert_eq!(found.len(), expected.len());
        prop_assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected);
    }
}

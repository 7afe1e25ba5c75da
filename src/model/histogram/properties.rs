//! What holds for any histogram.

use proptest::prelude::*;

use super::bounds::exponential_bound;
use super::fixtures::histogram;
use super::kahan::KahanHistogram;
use super::notation::{parse_histogram, parse_sequence};
use super::trim::Keep;
use super::{BucketSpan, Buckets, CounterResetHint, Histogram, schema};

fn side() -> impl Strategy<Value = Buckets> {
    let spans = prop::collection::vec((-6..6i32, 0..5u32), 0..4);
    spans.prop_flat_map(|spans| {
        let spans: Vec<BucketSpan> = spans
            .into_iter()
            .enumerate()
            .map(|(at, (offset, length))| BucketSpan {
                offset: if at == 0 { offset } else { offset.abs() },
                length,
            })
            .collect();
        let buckets = spans.iter().map(|span| span.length as usize).sum::<usize>();
        prop::collection::vec(0..20u32, buckets).prop_map(move |counts| Buckets {
            spans: spans.clone(),
            counts: counts.into_iter().map(f64::from).collect(),
        })
    })
}

fn hint() -> impl Strategy<Value = CounterResetHint> {
    prop::sample::select(vec![
        CounterResetHint::Unknown,
        CounterResetHint::CounterReset,
        CounterResetHint::NotCounterReset,
        CounterResetHint::Gauge,
    ])
}

/// Exponential histograms with whole counts that add up and no observations in two buckets at once. The zero buckets
/// end at bounds that all schemas from -2 have, so that they can be widened without growing into a bucket.
fn exponential(schemas: impl Strategy<Value = i32>) -> impl Strategy<Value = Histogram> {
    let thresholds = prop::sample::select(vec![0.0, 1.0 / 16.0, 1.0, 16.0]);
    (schemas, thresholds, 0..20u32, -50..50i32, side(), side(), hint()).prop_map(
        |(schema, zero_threshold, zero_count, sum, mut positive, mut negative, counter_reset_hint)| {
            for side in [&mut positive, &mut negative] {
                let within = side
                    .iter()
                    .take_while(|&(index, _)| exponential_bound(index - 1, schema) < zero_threshold);
                let within = within.count();
                side.counts[..within].fill(0.0);
            }
            let zero_count = f64::from(zero_count);
            let count = zero_count + positive.counts.iter().chain(&negative.counts).sum::<f64>();
            Histogram {
                counter_reset_hint,
                schema,
                zero_threshold,
                zero_count,
                count,
                sum: f64::from(sum),
                positive,
                negative,
                ..Histogram::default()
            }
        },
    )
}

/// Histograms with custom bounds and whole counts that add up.
fn custom() -> impl Strategy<Value = Histogram> {
    let bounds = prop::collection::btree_set(-8..8i32, 0..6);
    (bounds, prop::collection::vec(0..20u32, 7), hint()).prop_map(|(bounds, counts, counter_reset_hint)| {
        let counts: Vec<f64> = counts.into_iter().take(bounds.len() + 1).map(f64::from).collect();
        Histogram {
            counter_reset_hint,
            schema: schema::CUSTOM_BUCKETS,
            count: counts.iter().sum(),
            sum: 3.5,
            positive: Buckets { spans: vec![BucketSpan { offset: 0, length: counts.len() as u32 }], counts },
            custom_values: bounds.into_iter().map(f64::from).collect(),
            ..Histogram::default()
        }
    })
}

fn any() -> impl Strategy<Value = Histogram> {
    prop_oneof![3 => exponential(-4..=8), 1 => custom()]
}

fn pair() -> impl Strategy<Value = (Histogram, Histogram)> {
    prop_oneof![3 => (exponential(-2..=2), exponential(-2..=2)), 1 => (custom(), custom())]
}

/// Text that is nearly, and sometimes really, a histogram.
fn descriptor() -> impl Strategy<Value = String> {
    let pieces = "{{|}}|[|]|:| |-|+|x3|sum|count|schema|offset|buckets|n_buckets|n_offset|z_bucket|z_bucket_w|\
                  custom_values|counter_reset_hint|gauge|reset|Inf|NaN|1|0|010|7.5|1e3|1e999|99999999999|-53|_|é|\"|.";
    let piece = prop::sample::select(pieces.split('|').collect::<Vec<_>>());
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn adding_commutes((a, b) in pair()) {
        let (mut ab, mut ba) = (a.clone(), b.clone());
        prop_assert_eq!(ab.add(&b), ba.add(&a));
        ab.compact(0);
        ba.compact(0);
        prop_assert_eq!(ab, ba);
    }

    #[test]
    fn nothing_gets_lost_in_sums((a, b) in pair()) {
        let in_buckets = |h: &Histogram| h.all_buckets().map(|bucket| bucket.count).sum::<f64>();
        let mut sum = a.clone();
        sum.add(&b).unwrap();
        prop_assert_eq!(in_buckets(&sum), sum.count);
        sum.sub(&b).unwrap();
        prop_assert_eq!(in_buckets(&sum), a.count);
        prop_assert_eq!(sum.sum, a.sum);
    }

    #[test]
    fn compensated_sums_of_small_numbers_are_plain_sums((a, b) in pair(), times in 1..4usize) {
        let (mut plain, mut compensated) = (a.clone(), KahanHistogram::new(a));
        for _ in 0..times {
            prop_assert_eq!(plain.add(&b), compensated.add(&b));
        }
        let mut total = compensated.total().unwrap();
        prop_assert_eq!(total.compact(0), plain.compact(0));
    }

    #[test]
    fn sums_of_counters_are_no_resets(a in exponential(Just(1)), b in exponential(Just(1)), c in custom(), d in custom()) {
        for (a, b) in [(a, b), (c, d)] {
            let mut sum = a.clone();
            sum.add(&b).unwrap();
            sum.counter_reset_hint = CounterResetHint::Unknown;
            prop_assert!(!sum.detect_reset(&a));
            let mut again = a;
            again.counter_reset_hint = CounterResetHint::Unknown;
            prop_assert!(again.count == sum.count || again.detect_reset(&sum));
        }
    }

    #[test]
    fn compacting_keeps_what_is_populated(h in any(), max_empty in 0..4usize) {
        let mut compact = h.clone();
        compact.compact(max_empty);
        prop_assert_eq!(compact.to_string(), h.to_string());
        prop_assert!(compact.positive.check_spans().is_ok());
        prop_assert!(compact.negative.check_spans().is_ok());
        let once = compact.clone();
        prop_assert_eq!(compact.compact(max_empty), &once);
        let zeros = |counts: &[f64]| counts.split(|&count| count != 0.0).map(<[f64]>::len).max();
        prop_assert!(zeros(&once.positive.counts) <= Some(max_empty));
    }

    #[test]
    fn buckets_of_a_coarser_schema_hold_those_of_the_finer_one(h in exponential(-3..=8), steps in 1..5i32) {
        let target = h.schema - steps;
        let mut coarse = h.clone();
        coarse.reduce_resolution(target).unwrap();
        prop_assert_eq!(&coarse.positive, &h.copy_to_schema(target).positive);
        for bucket in h.positive_buckets().filter(|bucket| bucket.count != 0.0) {
            let holding = coarse.positive_buckets().find(|b| b.lower <= bucket.lower && b.upper >= bucket.upper);
            prop_assert!(holding.is_some_and(|b| b.count >= bucket.count));
        }
        let total = |h: &Histogram| h.negative.counts.iter().sum::<f64>();
        prop_assert_eq!(total(&coarse), total(&h));
    }

    #[test]
    fn walks_up_and_down_meet_the_same_buckets(h in any()) {
        let mut down: Vec<_> = h.all_buckets_rev().collect();
        down.reverse();
        prop_assert_eq!(h.all_buckets().collect::<Vec<_>>(), down);
    }

    #[test]
    fn what_is_printed_is_read_back(h in any()) {
        let text = h.test_expression();
        let (read, consumed) = parse_histogram(&text).unwrap();
        let mut one_run = h;
        one_run.compact(usize::MAX);
        prop_assert_eq!(consumed, text.len());
        prop_assert_eq!(&read, &one_run);
        prop_assert_eq!(read.test_expression(), text);
    }

    #[test]
    fn what_is_trimmed_off_is_what_the_other_side_keeps(h in any(), at in -20.0..20.0f64) {
        let (mut below, mut above) = (h.clone(), h.clone());
        below.trim(at, Keep::Below);
        above.trim(at, Keep::Above);
        prop_assert!(below.count <= h.count + 1e-9 && above.count <= h.count + 1e-9);
        // Only what lies beyond all custom bounds may be dropped, or kept, by both.
        if !h.uses_custom_buckets() {
            prop_assert!((below.count + above.count - h.count).abs() < 1e-9);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in descriptor(), noise in ".{0,20}") {
        for text in [format!("{{{{{text}"), text, noise] {
            if let Ok((_, consumed)) = parse_histogram(&text) {
                prop_assert!(text.is_char_boundary(consumed));
            }
            match parse_sequence(&text) {
                Ok((sequence, consumed)) => {
                    prop_assert!(text.is_char_boundary(consumed));
                    sequence.values().take(3).for_each(drop);
                }
                Err(error) => {
                    prop_assert!(error.at <= text.len());
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn no_histogram_makes_anything_panic(
        schema in any_schema(),
        offsets in prop::collection::vec(any_offset(), 0..4),
        lengths in prop::collection::vec(0..4u32, 4),
        counts in prop::collection::vec(prop::num::f64::ANY, 0..6),
        numbers in prop::array::uniform4(prop::num::f64::ANY),
        other in any(),
    ) {
        let spans = offsets.into_iter().zip(lengths).map(|(offset, length)| BucketSpan { offset, length }).collect();
        let side = Buckets { spans, counts };
        let odd = Histogram {
            schema,
            zero_threshold: numbers[0],
            zero_count: numbers[1],
            count: numbers[2],
            sum: numbers[3],
            positive: side.clone(),
            negative: side,
            custom_values: numbers.into(),
            ..Histogram::default()
        };
        for (a, b) in [(&odd, &other), (&other, &odd), (&odd, &odd)] {
            let mut sum = a.clone();
            let _ = sum.add(b);
            sum.compact(0);
            let mut difference = a.clone();
            let _ = difference.sub(b);
            let mut kahan = KahanHistogram::new(a.clone());
            let _ = kahan.add(b);
            let _ = kahan.add(b);
            let _ = kahan.total();
            a.detect_reset(b);
            a.equals(b);
        }
        let _ = odd.validate();
        let _ = odd.clone().reduce_resolution(-3);
        let _ = (odd.to_string(), odd.test_expression(), odd.copy_to_schema(0), odd.size());
        odd.clone().trim(1.5, Keep::Below);
        odd.clone().trim(-1.5, Keep::Above);
        prop_assert_eq!(odd.all_buckets().count(), odd.all_buckets_rev().count());
    }
}

fn any_schema() -> impl Strategy<Value = i32> {
    prop_oneof![-10..55i32, Just(schema::CUSTOM_BUCKETS), prop::num::i32::ANY]
}

fn any_offset() -> impl Strategy<Value = i32> {
    prop_oneof![-3..3i32, prop::num::i32::ANY]
}

#[test]
fn wild_repetitions_are_not_made_before_they_are_asked_for() {
    let (sequence, _) = parse_sequence("{{sum:1}}x18446744073709551615").unwrap();
    assert_eq!(
        sequence.values().take(2).map(Result::unwrap).collect::<Vec<_>>(),
        vec![histogram("{{sum:1}}"); 2]
    );
}

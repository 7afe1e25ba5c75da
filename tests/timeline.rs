//! Scrapes on a simulated clock: what of them is in the store, as Prometheus would have it.

use std::collections::BTreeMap;
use std::time::Duration;

use promqlite::SeriesStore;
use promqlite::assert_promql;
use promqlite::ingest::Format;
use promqlite::model::{STALE_NAN, TimeRange};
use promqlite::store::memory::AppendErrorKind;
use promqlite::store::{SelectRequest, SeriesData};
use promqlite::testing::{ScrapeError, Timeline};
use proptest::prelude::*;

#[test]
fn scrapes_are_an_interval_apart() {
    let mut timeline = Timeline::every(Duration::from_secs(15));
    assert_eq!((timeline.start(), timeline.now()), (0, 0));
    let times: Vec<i64> = (0..3).map(|n| timeline.scrape(format!("n {n}\n")).time).collect();
    assert_eq!(times, [0, 15_000, 30_000]);
    timeline.skip(2);
    assert_eq!(timeline.scrape("n 5").time, 75_000);
    timeline.advance("1m");
    assert_eq!(timeline.scrape("n 10").time, 150_000);
    assert_eq!(timeline.scrape_at("3m", "n 12").time, 180_000);
    assert_eq!(timeline.scrape("n 13").time, 195_000);
    assert_promql!(timeline, "count_over_time(n[1h])", { "{}" => 7 });
    assert_promql!(timeline, "n", range "0s".."1m" step "15s", { "n" => [0, 1, 2, 2, 2] });
    assert_eq!(timeline.store().stats().samples, 7);
    assert_promql!(timeline.into_store(), "n", { "n" => 13 });
}

#[test]
fn time_may_pass_before_the_first_scrape() {
    let mut timeline = Timeline::every("15s").starting_at(1_000_000);
    timeline.advance("10s");
    assert_eq!(timeline.scrape("n 1").time, 1_010_000);
    assert_eq!(timeline.scrape("n 1").time, 1_025_000);
    assert_promql!(timeline, "n", at "10s", { "n" => 1 });
    assert_promql!(timeline, "n", at "9s", empty);
}

#[test]
fn a_series_that_vanishes_ends() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1\nb 2\n");
    let scrape = timeline.scrape("a 1\n");
    assert_eq!(scrape.samples, 1);
    assert_eq!(scrape.ended.iter().map(|labels| labels.to_string()).collect::<Vec<_>>(), ["b"]);
    assert_promql!(timeline, "b", empty);
    assert_promql!(timeline, "b", at "14s", { "b" => 2 });
    // It has ended only once, and may come back.
    assert!(timeline.scrape("a 1\n").ended.is_empty());
    timeline.scrape("a 1\nb 3\n");
    assert_promql!(timeline, "b", { "b" => 3 });
    // A scrape without anything is a scrape.
    assert_eq!(timeline.scrape("").ended.len(), 2);
    assert_promql!(timeline, "{__name__=~'.+'}", empty);
}

#[test]
fn samples_keep_their_own_time() {
    let mut timeline = Timeline::every("15s");
    timeline.advance("1m");
    timeline.scrape("a 1 50000\nb 1\n");
    assert_promql!(timeline, "timestamp(a)", { "{}" => 50 });
    // The same sample once more is nothing new; an older one, and another value, are passed over.
    let scrape = timeline.scrape("a 1 50000\nb 1\n");
    assert_eq!((scrape.samples, scrape.dropped.len()), (2, 0));
    for (sample, kind) in [
        (
            "a 5 50000\n",
            "duplicate sample for timestamp 50000; overrides not allowed: existing 1, new value 5",
        ),
        ("a 5 49999\n", "out of order sample"),
    ] {
        let scrape = timeline.scrape(sample);
        assert_eq!((scrape.samples, scrape.dropped.len()), (0, 1));
        assert_eq!(scrape.dropped[0].to_string(), kind);
    }
    // When it vanishes, it does not end: it is found as long as the engine looks back.
    assert!(timeline.scrape("b 1\n").ended.is_empty());
    assert_promql!(timeline, "a", { "a" => 1 });
    assert_promql!(timeline, "a", at 350_000, empty);
}

/// A series that brings its own time from now on is not among those that are followed: it ends, unless its sample is
/// later.
#[test]
fn a_series_that_begins_to_have_its_own_time() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1\nb 1\n");
    let scrape = timeline.scrape("a 2 14000\nb 2 16000\n");
    assert_eq!(scrape.ended.iter().map(|labels| labels.to_string()).collect::<Vec<_>>(), ["a"]);
    assert_promql!(timeline, "a", empty);
    assert_promql!(timeline, "b", at "16s", { "b" => 2 });
}

#[test]
fn targets_have_labels_and_up() {
    let mut timeline = Timeline::every("15s");
    for n in 0..4 {
        timeline.target("shop", "a:80").scrape(format!("orders {n}\n"));
        match n {
            2 => timeline.target("shop", "b:80").fail(),
            _ => timeline.target("shop", "b:80").scrape(format!("orders {}\n", 10 * n)),
        };
    }
    assert_eq!(timeline.now(), 45_000);
    assert_promql!(timeline, "up", range "0".."45s" step "15s", {
        r#"up{job="shop", instance="a:80"}"# => 1,
        r#"up{job="shop", instance="b:80"}"# => [1, 1, 0, 1],
    });
    assert_promql!(timeline, r#"orders{instance="b:80"}"#, range "0".."45s" step "15s", "0 10 _ 30");
    assert_promql!(timeline, "sum by (job) (orders)", { r#"{job="shop"}"# => 33 });
}

#[test]
fn labels_of_the_text_make_way_for_those_of_the_target() {
    let mut timeline = Timeline::every("15s");
    timeline.target("a", "b").scrape(
        "m{job=\"x\",instance=\"y\"} 1\nm{job=\"x\",exported_job=\"z\"} 2\nm{exported_instance=\"z\"} 3\n",
    );
    assert_promql!(timeline, "m", {
        r#"m{job="a", instance="b", exported_job="x", exported_instance="y"}"# => 1,
        r#"m{job="a", instance="b", exported_job="z", exported_exported_job="x"}"# => 2,
        r#"m{job="a", instance="b", exported_instance="z"}"# => 3,
    });
}

#[test]
fn targets_come_and_go() {
    let mut timeline = Timeline::every("15s");
    timeline.target("j", "a").scrape("m 1");
    timeline.target("j", "a").scrape("m 1");
    // A new one joins at the scrape under way, one that was left out too.
    assert_eq!(timeline.target("j", "b").scrape("m 1").time, 15_000);
    timeline.target("j", "a").scrape("m 1");
    timeline.target("j", "a").scrape("m 1");
    assert_eq!(timeline.target("j", "b").scrape("m 1").time, 45_000);
    assert_eq!(timeline.scrape("nameless 1").time, 45_000);
    // One that is taken out ends with its `up`.
    let ended = timeline.target("j", "b").remove().ended;
    assert_eq!(ended.iter().map(|labels| labels.metric_name()).collect::<Vec<_>>(), ["m", "up"]);
    assert_promql!(timeline, "up", { r#"up{job="j", instance="a"}"# => 1 });
    // It may come back.
    assert_eq!(timeline.target("j", "b").scrape("m 1").time, 75_000);
    assert_promql!(timeline, "count(up)", 2.0);
    // One that was never there leaves nothing.
    assert!(timeline.target("j", "c").remove().ended.is_empty());
    assert_promql!(timeline, "up{instance=\"c\"}", empty);
}

#[test]
fn a_scrape_without_a_name_may_fail_too() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1\n");
    let scrape = timeline.fail();
    assert_eq!((scrape.time, scrape.samples, scrape.ended.len()), (15_000, 0, 1));
    assert_promql!(timeline, "a", empty);
    assert_promql!(timeline, "up", empty);
}

#[test]
fn open_metrics_is_told_by_its_end_or_by_choice() {
    let text = "# TYPE requests counter\nrequests_total 1 0.5\n# EOF\n";
    let mut timeline = Timeline::every("15s");
    timeline.scrape(text);
    assert_promql!(timeline, "timestamp(requests_total)", at "1s", { "{}" => 0.5 });

    // Without its end it is exposition text, whose times are whole milliseconds.
    let unended = text.trim_end_matches("# EOF\n");
    assert!(Timeline::every("15s").try_scrape(unended).is_err());
    let error = Timeline::every("15s").with_format(Format::OpenMetrics).try_scrape(unended).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scrape at 0s cannot be read: line 3, column 1: data does not end with # EOF\n  \n  ^"
    );
    // A gauge called `load` does not make a script of a page.
    let mut timeline = Timeline::every("15s");
    timeline.scrape("load 1\n");
    assert_promql!(timeline, "load", { "load" => 1 });
}

#[test]
fn texts_that_cannot_be_read_change_nothing() {
    let mut timeline = Timeline::every("15s");
    timeline.target("j", "i").scrape("a 1\n");
    let error = timeline.target("j", "i").try_scrape("a 2\nb 3\nb 4\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scrape at 15s cannot be read: line 3, column 1: b has another value at 15000 ms already\n  b 4\n  ^"
    );
    assert!(matches!(error, ScrapeError::Text { time: 15_000, .. }));
    assert_eq!(timeline.now(), 0);
    assert_promql!(timeline, "a", { r#"a{job="j", instance="i"}"# => 1 });
    // The next one is where this one would have been.
    assert_eq!(timeline.target("j", "i").scrape("a 2\n").time, 15_000);
}

#[test]
fn the_clock_does_not_go_back() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1\n");
    let panic = std::panic::catch_unwind(move || timeline.scrape_at("0s", "a 2\n")).unwrap_err();
    assert_eq!(*panic.downcast::<String>().unwrap(), "a scrape at 0s does not come after the one at 0s");
    for odd in ["0s", "soon", "-15s"] {
        assert!(std::panic::catch_unwind(|| Timeline::every(odd)).is_err(), "{odd}");
    }
    let mut timeline = Timeline::every("15s").starting_at(i64::MAX);
    timeline.scrape("a 1\n");
    assert_eq!(timeline.try_scrape("a 1\n"), Err(ScrapeError::EndOfTime));
}

#[test]
fn metadata_is_kept() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("# HELP a What it is.\n# TYPE a counter\na 1\n");
    assert_eq!(timeline.store().metadata("a").unwrap().metric_type, "counter");
}

#[test]
fn errors_of_the_store_have_a_kind() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1 5\n");
    let scrape = timeline.scrape("a 1 4\n");
    assert_eq!(scrape.dropped[0].kind, AppendErrorKind::OutOfOrder { latest: 5 });
    assert_eq!((scrape.dropped[0].labels.to_string(), scrape.dropped[0].timestamp), ("a".to_owned(), 4));
}

#[test]
fn queries_may_be_asked_without_an_assertion() {
    let mut timeline = Timeline::every("15s");
    timeline.scrape("a 1\n");
    assert!(timeline.instant("a").is_ok());
    assert_eq!(
        timeline.instant_at("a", "soon").unwrap_err().to_string(),
        "\"soon\" is no time: not a valid duration string: \"soon\""
    );
    assert!(timeline.range("a", "0s", "1m", "0s").is_err());
    assert!(timeline.range("a", "0s", "1m", "15s").is_ok());
}

/// What a target does in a round.
#[derive(Clone, Debug)]
enum Round {
    /// It shows these series of four, with this value.
    Shows(Vec<usize>, f64),
    Fails,
    IsLeftOut,
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let shows = (prop::sample::subsequence(vec![0, 1, 2, 3], 0..=4), 0..3i32)
        .prop_map(|(series, value)| Round::Shows(series, f64::from(value)));
    prop::collection::vec(
        prop_oneof![4 => shows, 1 => Just(Round::Fails), 1 => Just(Round::IsLeftOut)],
        1..12,
    )
}

/// The bits of all samples of all series, by their names and targets.
type Samples = BTreeMap<String, Vec<(i64, u64)>>;

proptest! {
    /// Two targets, whatever they do: each series has what it showed, a stale marker in the first scrape that had it no
    /// more, and nothing else.
    #[test]
    fn scrapes_leave_samples_and_stale_markers(a in rounds(), b in rounds()) {
        let mut timeline = Timeline::every("15s");
        // It keeps the clock going while others are left out.
        let clock = |timeline: &mut Timeline| timeline.scrape("clock 1\n").time;
        let mut expected = Samples::new();
        for round in 0..a.len().max(b.len()) {
            let time = clock(&mut timeline);
            for (instance, rounds) in [("a", &a), ("b", &b)] {
                let mut target = timeline.target("j", instance);
                let (shown, value, up) = match rounds.get(round) {
                    None | Some(Round::IsLeftOut) => continue,
                    Some(Round::Fails) => {
                        prop_assert_eq!(target.fail().time, time);
                        (&[][..], 0.0, 0.0)
                    }
                    Some(Round::Shows(series, value)) => {
                        let lines: String = series.iter().map(|n| format!("m{n} {value}\n")).collect();
                        prop_assert_eq!(target.scrape(lines).time, time);
                        (&series[..], *value, 1.0)
                    }
                };
                expected.entry(format!("up {instance}")).or_default().push((time, f64::to_bits(up)));
                for n in 0..4 {
                    let samples = expected.entry(format!("m{n} {instance}")).or_default();
                    let ended = samples.last().is_none_or(|(_, bits)| *bits == STALE_NAN.to_bits());
                    match shown.contains(&n) {
                        true => samples.push((time, value.to_bits())),
                        false if ended => {}
                        false => samples.push((time, STALE_NAN.to_bits())),
                    }
                }
            }
        }
        let mut got = Samples::new();
        for series in timeline.store().select(&SelectRequest::new(&[], TimeRange::ALL)).unwrap() {
            let series = series.unwrap();
            let mut data = SeriesData::new(series.labels().clone());
            series.read(TimeRange::ALL, &mut data).unwrap();
            let name = format!("{} {}", data.labels.metric_name(), data.labels.value("instance"));
            let samples = data.floats.timestamps.iter().zip(&data.floats.values);
            got.insert(name, samples.map(|(time, value)| (*time, value.to_bits())).collect());
        }
        got.remove("clock ");
        expected.retain(|_, samples| !samples.is_empty());
        prop_assert_eq!(got, expected);
    }
}

proptest! {
    /// Whatever a page is, it is read, or an error that can be told leaves everything as it was.
    #[test]
    fn no_page_is_too_odd(
        lines in prop::collection::vec("(# (TYPE|HELP|EOF|UNIT) )?[a-c]{0,2}[{]?[a-c=\"é, ]{0,6}[}]? ?[-+0-9.eNa]{0,5} ?[-0-9.]{0,20}", 0..4),
        rest in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut text = lines.join("\n").into_bytes();
        text.extend(rest);
        let mut timeline = Timeline::every("15s");
        timeline.target("j", "i").scrape("a 1\n");
        match timeline.target("j", "i").try_scrape(&text) {
            Ok(scrape) => prop_assert_eq!(scrape.time, 15_000),
            Err(error) => {
                prop_assert!(error.to_string().contains("cannot be read: line "));
                prop_assert_eq!(timeline.store().stats().samples, 2);
            }
        }
    }
}

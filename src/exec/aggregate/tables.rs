//! Worked tables for all aggregations.

use super::fixture::{Call, Outcome};
use crate::exec::ExecError;

/// Checks series and notes.
#[track_caller]
fn check(call: &Call, input: &[&str], lines: &[&str], notes: &[&str]) {
    let expected = Outcome {
        lines: lines.iter().map(|&line| line.into()).collect(),
        notes: notes.iter().map(|&note| note.into()).collect(),
    };
    assert_eq!(call.over(input), expected);
}

#[track_caller]
fn check_error(call: &Call, input: &[&str], message: &str, about_parameter: bool) {
    let Err(error) = call.try_over(input) else { panic!("no error: {message}") };
    assert_eq!(error.to_string(), message);
    assert_eq!(error.span().is_some_and(|span| span.start == 5), about_parameter);
}

const INPUT: &[&str] = &[
    "__name__=m,g=b,i=1: 1 2 _ NaN",
    "__name__=m,g=a,i=2: 4 _ _ 5",
    "__name__=m,g=b,i=3: 3 -1 _ 7",
    "__name__=m,i=4: 10 10 10 10",
];

#[test]
fn groups_come_in_order_of_appearance() {
    for (call, lines) in [
        (Call::of("sum"), vec!["{}: 18 11 10 NaN"]),
        (Call::of("sum").by(&["g"]), vec![r#"{g="b"}: 4 1 _ NaN"#, r#"{g="a"}: 4 _ _ 5"#, "{}: 10 10 10 10"]),
        (
            Call::of("sum").without(&["i", "nope"]),
            vec![r#"{g="b"}: 4 1 _ NaN"#, r#"{g="a"}: 4 _ _ 5"#, "{}: 10 10 10 10"],
        ),
        (Call::of("sum").by(&["__name__"]), vec!["m: 18 11 10 NaN"]),
        (Call::of("sum").by(&["nope"]), vec!["{}: 18 11 10 NaN"]),
        (
            Call::of("max").by(&["i", "g", "i"]),
            vec![
                r#"{g="b", i="1"}: 1 2 _ NaN"#,
                r#"{g="a", i="2"}: 4 _ _ 5"#,
                r#"{g="b", i="3"}: 3 -1 _ 7"#,
                r#"{i="4"}: 10 10 10 10"#,
            ],
        ),
    ] {
        check(&call, INPUT, &lines, &[]);
    }
    check(&Call::of("sum"), &[], &[], &[]);
}

#[test]
fn floats() {
    const INF: &str = "+Inf";
    for (name, samples, expected) in [
        ("sum", vec!["1e100", "1", "-1e100"], "1"),
        ("sum", vec!["1", "1e100", "1", "-1e100"], "2"),
        ("sum", vec!["1e308", "1e308", "-1e308"], INF),
        ("sum", vec!["inf", "-inf"], "NaN"),
        ("sum", vec!["-0"], "0"),
        ("avg", vec!["1e308", "1e308"], "1e+308"),
        ("avg", vec!["1e308", "1e308", "-1e308", "-1e308"], "0"),
        ("avg", vec!["inf"], INF),
        ("avg", vec!["inf", "1"], INF),
        ("avg", vec!["inf", "-inf"], "NaN"),
        ("avg", vec!["1", "2", "6"], "3"),
        ("min", vec!["NaN", "3", "NaN", "2"], "2"),
        ("max", vec!["NaN", "3", "NaN", "2"], "3"),
        ("max", vec!["NaN", "NaN"], "NaN"),
        ("max", vec!["-0", "0"], "-0"),
        ("min", vec!["-inf", "NaN"], "-Inf"),
        ("count", vec!["NaN", "1", "_", "inf"], "3"),
        ("group", vec!["_", "7", "NaN"], "1"),
        ("stdvar", vec!["1", "2", "3", "6"], "3.5"),
        ("stddev", vec!["2", "4", "4", "4", "5", "5", "7", "9"], "2"),
        ("stddev", vec!["5"], "0"),
        ("stddev", vec!["inf"], "NaN"),
        ("stdvar", vec!["1", "NaN"], "NaN"),
    ] {
        let lines: Vec<String> = samples.iter().map(|sample| format!("i=1: {sample}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let expected = format!("{{}}: {expected}");
        assert_eq!(Call::of(name).over(&lines).lines, [expected], "{name} of {samples:?}");
    }
}

const H1: &str = "{{count:1 sum:1 buckets:[1]}}";
const H2: &str = "{{count:2 sum:5 buckets:[2]}}";
const CUSTOM: &str = "{{schema:-53 count:1 sum:1 custom_values:[5 10] buckets:[1]}}";

#[test]
fn histograms_and_floats_do_not_mix() {
    let mix = "vector: encountered a mix of histograms and floats for aggregation";
    for (samples, sum, avg, notes) in [
        (vec![H1, H2], "{{count:3 sum:6 buckets:[3]}}", "{{count:1.5 sum:3 buckets:[1.5]}}", vec![]),
        (vec![H1, "1"], "_", "_", vec![mix]),
        (vec!["1", H1], "_", "_", vec![mix]),
        (
            vec![H1, CUSTOM, "1"],
            "_",
            "_",
            vec![
                "vector: vector contains a mix of histograms with exponential and custom buckets schemas for metric name \"m1\"",
            ],
        ),
        (
            vec![H1, "1", CUSTOM],
            "_",
            "_",
            vec![
                "vector: vector contains a mix of histograms with exponential and custom buckets schemas for metric name \"m2\"",
                mix,
            ],
        ),
        (vec!["1", H1, CUSTOM], "_", "_", vec![mix]),
        (
            vec![CUSTOM, "{{schema:-53 count:2 sum:2 custom_values:[5 20] buckets:[2]}}"],
            "{{schema:-53 count:3 sum:3 custom_values:[5] buckets:[3]}}",
            "{{schema:-53 count:1.5 sum:1.5 custom_values:[5] buckets:[1.5]}}",
            vec!["vector: mismatched custom buckets were reconciled during aggregation"],
        ),
        (
            vec![
                "{{count:1 sum:1 counter_reset_hint:reset buckets:[1]}}",
                "{{count:1 sum:1 counter_reset_hint:not_reset buckets:[1]}}",
            ],
            "{{count:2 sum:2 buckets:[2]}}",
            "{{count:1 sum:1 buckets:[1]}}",
            vec!["vector: conflicting counter resets during histogram aggregation"],
        ),
        (vec![H1, "{{count:-1 sum:-1 buckets:[-1]}}"], "{{}}", "{{}}", vec![]),
        (
            vec!["{{count:1 sum:1e308 buckets:[1]}}", "{{count:1 sum:1e308 buckets:[1]}}"],
            "{{count:2 sum:+Inf buckets:[2]}}",
            "{{count:1 sum:1e+308 buckets:[1]}}",
            vec![],
        ),
    ] {
        let lines: Vec<String> =
            samples.iter().enumerate().map(|(i, sample)| format!("__name__=m{i}: {sample} 7")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let seven = 7 * samples.len();
        check(&Call::of("sum"), &lines, &[&format!("{{}}: {sum} {seven}")], &notes);
        check(&Call::of("avg"), &lines, &[&format!("{{}}: {avg} 7")], &notes);
    }
}

#[test]
fn histograms_elsewhere() {
    let input = [format!("g=a: {H1} 1 _"), format!("g=b: 2 {H1} {H1}")];
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    check(&Call::of("count"), &input, &["{}: 2 2 1"], &[]);
    check(&Call::of("group"), &input, &["{}: 1 1 1"], &[]);
    for (name, expected) in [("min", "2 1"), ("max", "2 1"), ("stddev", "0 0"), ("stdvar", "0 0")] {
        let note = format!("vector: ignored histogram in {name} aggregation");
        check(&Call::of(name), &input, &[&format!("{{}}: {expected} _")], &[&note]);
    }
    let note = "vector: ignored histogram in quantile aggregation";
    check(&Call::of("quantile").scalar(&[0.5; 3]), &input, &["{}: 2 1 _"], &[note]);
    let note = "call: ignored histogram in topk aggregation";
    check(&Call::of("topk").scalar(&[5.0; 3]), &input, &[r#"{g="a"}: _ 1 _"#, r#"{g="b"}: 2 _ _"#], &[note]);
    // Nothing is said of steps that ask for nothing.
    check(&Call::of("bottomk").scalar(&[0.0, 0.0, 5.0]), &[input[0]], &[], &[]);
    let kept = [format!(r#"{{g="a"}}: {H1} 1 _"#), format!(r#"{{g="b"}}: _ _ {H1}"#)];
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    check(&Call::of("limitk").scalar(&[1.0; 3]), &input, &kept, &[]);
    check(
        &Call::of("count_values").string(b"v"),
        &input,
        &[r#"{v="1"}: _ 1 _"#, r#"{v="{count:1, sum:1, (0.5,1]:1}"}: 1 1 1"#, r#"{v="2"}: 1 _ _"#],
        &[],
    );
}

#[test]
fn topk_in_a_range_keeps_the_order_of_the_input() {
    let input = &["i=1: 5 1 _ NaN", "i=2: 4 2 1 NaN", "i=3: 3 3 NaN 1", "i=4: 2 4 2 _"];
    check(
        &Call::of("topk").scalar(&[2.0; 4]),
        input,
        // At the last step the second NaN counts as smaller than the first, and is the one to go.
        &[r#"{i="1"}: 5 _ _ NaN"#, r#"{i="2"}: 4 _ 1 _"#, r#"{i="3"}: _ 3 _ 1"#, r#"{i="4"}: _ 4 2 _"#],
        &[],
    );
    check(
        &Call::of("bottomk").scalar(&[1.0, 0.9, 3.0, 1.0]),
        input,
        &[r#"{i="2"}: _ _ 1 _"#, r#"{i="3"}: _ _ NaN 1"#, r#"{i="4"}: 2 _ 2 _"#],
        &[],
    );
}

#[test]
fn topk_at_one_step_is_sorted_within_groups() {
    let input = &["g=b,i=1: 5", "g=a,i=2: NaN", "g=b,i=3: 7", "g=a,i=4: 1", "g=b,i=5: 6", "g=a,i=6: 3"];
    check(
        &Call::of("topk").by(&["g"]).scalar(&[2.0]),
        input,
        &[r#"{g="b", i="3"}: 7"#, r#"{g="b", i="5"}: 6"#, r#"{g="a", i="6"}: 3"#, r#"{g="a", i="4"}: 1"#],
        &[],
    );
    check(
        &Call::of("bottomk").by(&["g"]).scalar(&[3.9]),
        input,
        &[
            r#"{g="b", i="1"}: 5"#,
            r#"{g="b", i="5"}: 6"#,
            r#"{g="b", i="3"}: 7"#,
            r#"{g="a", i="4"}: 1"#,
            r#"{g="a", i="6"}: 3"#,
            r#"{g="a", i="2"}: NaN"#,
        ],
        &[],
    );
    // Equal values: the first stay, until something better makes the first of them go.
    let equal = &["i=1: 1", "i=2: 1", "i=3: 1"];
    check(&Call::of("topk").scalar(&[2.0]), equal, &[r#"{i="1"}: 1"#, r#"{i="2"}: 1"#], &[]);
    let better = &["i=1: 1", "i=2: 1", "i=3: 2"];
    check(&Call::of("topk").scalar(&[2.0]), better, &[r#"{i="3"}: 2"#, r#"{i="2"}: 1"#], &[]);
}

#[test]
fn parameters_are_judged_over_all_steps() {
    let input = &["i=1: 1 2", "i=2: 3 4"];
    for name in ["topk", "bottomk", "limitk"] {
        for k in [[0.0, 0.9], [-5.0, f64::NEG_INFINITY], [-1e300, 0.0]] {
            check(&Call::of(name).scalar(&k), input, &[], &[]);
        }
        for (k, message) in [
            ([1.0, f64::NAN], "Parameter value is NaN"),
            ([f64::NAN, f64::NAN], "Parameter value is NaN"),
            ([1.0, -1e19], "Scalar value -1e+19 underflows int64"),
            ([1.0, 9.3e18], "Scalar value 9.3e+18 overflows int64"),
            ([1.0, f64::INFINITY], "Scalar value +Inf overflows int64"),
        ] {
            check_error(&Call::of(name).scalar(&k), input, message, true);
            check_error(&Call::of(name).scalar(&k), &[], message, true);
        }
        let all = &[r#"{i="1"}: 1 _"#, r#"{i="2"}: 3 _"#];
        check(&Call::of(name).scalar(&[9e18, -9e18]), input, all, &[]);
    }
    check_error(&Call::of("limit_ratio").scalar(&[0.0, f64::NAN]), input, "Ratio value is NaN", true);
    check(&Call::of("limit_ratio").scalar(&[0.0, 0.0]), input, &[], &[]);
    let all = &[r#"{i="1"}: 1 2"#, r#"{i="2"}: 3 4"#];
    check(
        &Call::of("limit_ratio").scalar(&[1.1, -1.5]),
        input,
        all,
        &[
            "parameter: ratio value should be between -1 and 1, got 1.1, capping to 1",
            "parameter: ratio value should be between -1 and 1, got -1.5, capping to -1",
        ],
    );
    check(
        &Call::of("quantile").scalar(&[-0.5, 1.5]),
        input,
        &["{}: -Inf +Inf"],
        &[
            "parameter: quantile value should be between 0 and 1, got 1.5",
            "parameter: quantile value should be between 0 and 1, got -0.5",
        ],
    );
    let note = "parameter: quantile value should be between 0 and 1, got NaN";
    check(&Call::of("quantile").scalar(&[f64::NAN, 0.5]), input, &["{}: NaN 3"], &[note]);
}

#[test]
fn limit_ratio_and_its_complement_share_the_series() {
    let input: Vec<String> = (0..200).map(|i| format!("i={i}: {i} {i}")).collect();
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    for r in [0.1, 0.5, 0.9] {
        let mut taken = Call::of("limit_ratio").scalar(&[r, r]).over(&input).lines;
        let share = taken.len() as f64 / 200.0;
        assert!((share - r).abs() < 0.1, "{share} for {r}");
        taken.extend(Call::of("limit_ratio").scalar(&[r - 1.0, r - 1.0]).over(&input).lines);
        assert_eq!(taken.len(), 200);
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 200);
    }
}

#[test]
fn count_values_writes_the_value_into_a_label() {
    let input = &["__name__=m,g=a,v=x: 1 0.1 1", "__name__=m,g=b: 1 1 _", "__name__=m,g=a: -0 NaN 1e21"];
    check(
        &Call::of("count_values").string(b"v"),
        input,
        &[
            r#"{v="1"}: 2 1 1"#,
            r#"{v="0.1"}: _ 1 _"#,
            r#"{v="-0"}: 1 _ _"#,
            r#"{v="NaN"}: _ 1 _"#,
            r#"{v="1000000000000000000000"}: _ _ 1"#,
        ],
        &[],
    );
    check(
        &Call::of("count_values").by(&["g"]).string(b"g"),
        &input[..2],
        &[r#"{g="1"}: 2 1 1"#, r#"{g="0.1"}: _ 1 _"#],
        &[],
    );
    check(
        &Call::of("count_values").by(&["g"]).string(b"__name__"),
        &input[1..2],
        &[r#"{"1", g="b"}: 1 1 _"#],
        &[],
    );
    // `without` drops the label again, if told so.
    check(&Call::of("count_values").without(&["g", "v"]).string(b"v"), input, &["{}: 3 3 2"], &[]);
    check(&Call::of("count_values").without(&["g"]).string(b"v"), &input[1..2], &[r#"{v="1"}: 1 1 _"#], &[]);
    for (label, message) in
        [(&b""[..], r#"invalid label name """#), (b"a\xc5z", r#"invalid label name "a\xc5z""#)]
    {
        check_error(&Call::of("count_values").string(label), input, message, true);
    }
    check(
        &Call::of("count_values").string("世界".as_bytes()),
        &input[1..2],
        &[r#"{"世界"="1"}: 1 1 _"#],
        &[],
    );
}

#[test]
fn a_group_drops_its_name_when_a_member_does() {
    let input = &["__name__=m,i=1: 1 1 _", "!__name__=m,i=2: 1 _ _"];
    let by_name = || Call::of("sum").by(&["__name__"]);
    // Both are there at the last step with a result, or only one of them.
    check(&by_name().delayed(), &["__name__=m,i=1: 1 _ _", input[1]], &["!m: 2 _ _"], &[]);
    check(&by_name().delayed(), input, &["m: 2 1 _"], &[]);
    check(&by_name().delayed(), &input[1..], &["!m: 1 _ _"], &[]);
    check(&by_name(), &input[1..], &["m: 1 _ _"], &[]);
    check(&Call::of("topk").scalar(&[1.0; 3]).delayed(), &input[1..], &[r#"!m{i="2"}: 1 _ _"#], &[]);
}

#[test]
fn the_budget_is_for_groups_not_series() {
    let input: Vec<String> = (0..100).map(|i| format!("g={},i={i}: 1 2 3 4", i % 2)).collect();
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    for (call, needed) in [
        (Call::of("sum").by(&["g"]), 16),
        (Call::of("topk").by(&["g"]).scalar(&[3.0; 4]), 72),
        (Call::of("quantile").by(&["g"]).scalar(&[0.5; 4]), 408),
    ] {
        let name = call.over(&input).lines;
        let call = call.max_samples(needed);
        assert_eq!(call.over(&input).lines, name);
        let result = call.max_samples(needed / 2 - 1).try_over(&input);
        assert!(matches!(result, Err(ExecError::TooManySamples)), "{name:?}");
    }
}

//! Random expressions: what is printed parses to the same tree again; and nothing that is thrown at the parser makes
//! it panic.

use promqlite::plan::parse_and_check;
use promqlite::syntax::{Features, parse};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(words).prop_map(str::to_owned)
}

/// `text` or nothing.
fn maybe(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), text]
}

/// More than nothing and no arithmetic.
fn duration_literal() -> impl Strategy<Value = String> + Clone {
    one_of(&["5m", "1h30m", "250ms", "2y", "1w3d", "30", "0.5", "0x10", "1e2"])
}

/// Arithmetic on durations, with parentheses around it.
fn duration() -> impl Strategy<Value = String> + Clone {
    let leaf = prop_oneof![duration_literal(), one_of(&["step()", "range()", "-5m", "+1h", "STEP()"])];
    let tree = leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), one_of(&["+", "-", "*", "/", "%", "^"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a}{op} {b}")),
            (one_of(&["+", "-"]), inner.clone()).prop_map(|(sign, a)| format!("{sign}{a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            (one_of(&["min_of", "max_of", "Max_Of"]), inner.clone(), inner)
                .prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    });
    tree.prop_map(|a| format!("({a})"))
}

fn range() -> impl Strategy<Value = String> + Clone {
    prop_oneof![duration_literal(), duration(), duration().prop_map(|d| format!("-{d} + 1h"))]
}

/// `@`, `offset`, in either order; never an offset that could go on behind its end.
fn modifiers() -> impl Strategy<Value = String> {
    let at = one_of(&[" @ 60", " @ -1.5", " @ start()", " @ end ( )", " @ 5m", " @ 1e9"]);
    let offset = prop_oneof![
        duration_literal().prop_map(|d| format!(" offset {d}")),
        duration_literal().prop_map(|d| format!(" OFFSET -{d}")),
        duration().prop_map(|d| format!(" offset -{d}")),
        one_of(&[" offset step()", " offset +range()", " offset min_of(1, 2m)", " offset 0"]),
    ];
    (maybe(at), maybe(offset), any::<bool>())
        .prop_map(|(at, offset, swap)| if swap { offset + &at } else { at + &offset })
}

fn matchers() -> impl Strategy<Value = String> {
    let matcher = (
        one_of(&["a", "job", "sum", "__name__", "\"a.b\"", "'x y'"]),
        one_of(&["=", "!=", "=~", "!~", " = "]),
        one_of(&["\"\"", "\"b\"", "'c|d'", "`e.*`", "\"q\\\"\\n\\u00e9☺\""]),
    );
    let matcher = prop_oneof![
        9 => matcher.prop_map(|(name, op, value)| format!("{name}{op}{value}")),
        1 => Just("\"metric.name\"".to_owned()),
    ];
    (prop::collection::vec(matcher, 1..4), maybe(Just(",".to_owned())))
        .prop_map(|(matchers, comma)| format!("{{{}{comma}}}", matchers.join(", ")))
}

/// A selector without range or modifiers.
fn series() -> impl Strategy<Value = String> {
    let name =
        one_of(&["foo", "foo:bar_total", ":x", "sum", "Offset", "by", "start", "without", "fill", "and"]);
    prop_oneof![name.clone(), (name, matchers()).prop_map(|(name, matchers)| name + &matchers), matchers(),]
}

fn selector() -> impl Strategy<Value = String> {
    let extended = maybe(one_of(&[" anchored", " smoothed"]));
    let range = maybe(range().prop_map(|range| format!("[{range}]")));
    (series(), range, extended, modifiers())
        .prop_map(|(series, range, extended, modifiers)| series + &range + &extended + &modifiers)
}

fn labels() -> impl Strategy<Value = String> {
    let label = one_of(&["a", "job", "on", "bool", "offset", "x:y", "\"u.v\"", "group_left"]);
    prop::collection::vec(label, 0..4).prop_map(|labels| format!("({})", labels.join(", ")))
}

/// What stands behind an operator.
fn matching() -> impl Strategy<Value = String> {
    let group = (one_of(&["group_left", "group_right"]), labels())
        .prop_map(|(side, labels)| format!(" {side} {labels}"));
    let on = (one_of(&["on", "ignoring"]), labels(), maybe(group))
        .prop_map(|(on, labels, group)| format!(" {on} {labels}{group}"));
    let fill =
        one_of(&[" fill (0)", " fill_left(-1.5) fill_right(1h)", " fill_right (NaN)", " fill_left(+Inf)"]);
    (maybe(Just(" bool".to_owned())), maybe(on), maybe(fill)).prop_map(|(bool, on, fill)| bool + &on + &fill)
}

fn expression() -> impl Strategy<Value = String> {
    let number = one_of(&["1", "2.5", "0x1F", "1e-7", "1e300", "NaN", "5m", "010", "1_000"]);
    let string = one_of(&["\"text\"", "'it\\'s'", "`raw\\n`", "\"\\xff\\000\"", "\"☺\""]);
    let leaf = prop_oneof![4 => selector(), 2 => number, 1 => string];
    leaf.prop_recursive(6, 48, 3, |inner| {
        let operator = one_of(&[
            "+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "</", ">/", "and", "OR", "unless", "atan2",
        ]);
        let arguments = prop::collection::vec(inner.clone(), 0..4).prop_map(|args| format!("({})", args.join(", ")));
        let by = (one_of(&["by", "without"]), labels()).prop_map(|(by, labels)| format!(" {by} {labels} "));
        let aggregation = one_of(&["sum", "topk", "COUNT_VALUES", "limit_ratio", "group"]);
        let function = one_of(&["rate", "histogram_quantile", "no_such_function", "start", "max_of", "step"]);
        // Upstream's lexer takes no colon before the first number in brackets.
        let wide = prop_oneof![duration_literal(), duration().prop_map(|d| format!("1 * {d}"))];
        let subquery = (inner.clone(), wide, maybe(range()), modifiers())
            .prop_map(|(inner, range, step, modifiers)| format!("({inner})[{range}:{step}]{modifiers}"));
        prop_oneof![
            4 => (inner.clone(), operator, matching(), inner.clone())
                .prop_map(|(a, op, matching, b)| format!("{a} {op}{matching} {b}")),
            2 => inner.clone().prop_map(|a| format!("({a} # comment\n)")),
            1 => (one_of(&["+", "-"]), inner.clone()).prop_map(|(sign, a)| format!("{sign}{a}")),
            2 => (function, arguments.clone()).prop_map(|(function, args)| function + &args),
            2 => (aggregation, arguments, maybe(by), any::<bool>()).prop_map(|(aggregation, args, by, first)| {
                if first { aggregation + &by + &args } else { aggregation + &args + &by }
            }),
            1 => subquery,
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/syntax_random.txt"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_printed_parses_to_the_same_tree(query in expression()) {
        let expr = parse(&query, &Features::ALL).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for printed in [expr.to_string(), expr.pretty_within(20)] {
            let again = parse(&printed, &Features::ALL).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert!(again.same_as(&expr), "{printed}");
            prop_assert_eq!(again.to_string(), expr.to_string());
        }
        prop_assert!(query.get(expr.span().range()).is_some());
    }

    #[test]
    fn mutilated_expressions_do_not_panic(query in expression(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let (from, to) = (from.index(query.len() + 1), to.index(query.len() + 1));
        if let (Some(head), Some(tail)) = (query.get(..from), query.get(to..)) {
            throw(&format!("{head}{tail}"));
        }
    }

    #[test]
    fn any_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        throw(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_characters_of_the_language_do_not_panic(query in "[-(){}\\[\\],:=!~<>+*/%^@#\"'`\\\\ \n\ta-fmstoxy0-9._é\u{fffd}]{0,40}") {
        throw(&query);
    }
}

/// Parses and checks; an error has its place in the text.
fn throw(query: &str) {
    if let Err(error) = parse_and_check(query, &Features::ALL) {
        assert!(error.span().start as usize <= query.len());
        assert!(error.diagnostic().render(query).starts_with("error: "));
    }
}

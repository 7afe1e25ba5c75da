//! Queries that are wrong, with the text and the place of the first error that Prometheus tells.
//!
//! Most of the queries are those of upstream's own parser tests (`promql/parser/parse_test.go`); the others follow
//! corners of its grammar and lexer.

use promqlite::plan::parse_and_check;
use promqlite::syntax::Features;

/// A query, line and column of its first error, and the message.
type Case = (&'static str, &'static str, &'static str);

/// What upstream's tests switch on.
const FEATURES: Features = {
    let mut features = Features::LANGUAGE;
    features.binop_fill_modifiers = false;
    features
};

fn first_error(query: &str, features: &Features) -> (String, String) {
    let error = parse_and_check(query, features).expect_err(query);
    let (line, column) = error.span().position_in(query);
    (format!("{line}:{column}"), error.message())
}

fn check(cases: &[Case]) {
    for (query, place, message) in cases {
        let (found_place, found) = first_error(query, &FEATURES);
        assert_eq!((found_place.as_str(), found.as_str()), (*place, *message), "{query}");
    }
}

/// Characters that begin no token where they stand.
#[test]
fn characters() {
    check(&[
        ("", "1:1", "no expression found in input"),
        ("# just a comment\n\n", "1:1", "no expression found in input"),
        (".", "1:1", "unexpected character: '.'"),
        ("1 !~ 1", "1:3", "unexpected character after '!': '~'"),
        ("1 =~ 1", "1:3", "unexpected character after '=': '~'"),
        ("}", "1:1", "unexpected character: '}'"),
        ("some}", "1:5", "unexpected character: '}'"),
        (r#"some_metric{a:b="b"}"#, "1:14", "unexpected character inside braces: ':'"),
        (r#"foo{a*"b"}"#, "1:6", "unexpected character inside braces: '*'"),
        (r#"foo{a>="b"}"#, "1:6", "unexpected character inside braces: '>'"),
        ("foo{1}", "1:5", "unexpected character inside braces: '1'"),
        (r#"foo["5m"]"#, "1:5", r#"unexpected character in duration expression: '"'"#),
        ("foo[5s x 5s]", "1:8", "unexpected character: 'x', expected ':'"),
        ("foo[5s s 5s]", "1:8", "unexpected character: 's', expected ':'"),
        ("foo offset 5m offset (2m) §", "1:27", "unexpected character: '§'"),
        ("sum() §", "1:7", "unexpected character: '§'"),
    ]);
}

/// Numbers, durations and strings.
#[test]
fn literals() {
    check(&[
        ("2.5.", "1:1", r#"bad number or duration syntax: "2.5.""#),
        ("100..4", "1:1", r#"bad number or duration syntax: "100..""#),
        ("0deadbeef", "1:1", r#"bad number or duration syntax: "0de""#),
        ("foo[5mm]", "1:5", r#"bad number or duration syntax: "5mm""#),
        ("foo[5m1]", "1:5", r#"bad number or duration syntax: "5m1""#),
        ("foo[5m:1m1]", "1:8", r#"bad number or duration syntax: "1m1""#),
        ("foo[5y1hs]", "1:5", r#"unknown unit "hs" in duration "5y1hs""#),
        ("foo[5m1h]", "1:5", r#"not a valid duration string: "5m1h""#),
        ("foo[5m1m]", "1:5", r#"not a valid duration string: "5m1m""#),
        ("some_metric[5m] OFFSET 1mm", "1:24", r#"bad number or duration syntax: "1mm""#),
        (r#"sum by ("foo)(some_metric{})"#, "1:9", "unterminated quoted string"),
        (r#"`\``"#, "1:4", "unterminated raw string"),
        (r#""\"#, "1:1", "escape sequence not terminated"),
        (r#""\c""#, "1:1", "unknown escape sequence U+0063 'c'"),
        (r#""\x.""#, "1:1", "illegal character U+002E '.' in escape sequence"),
        ("rate(5m1h) §", "1:6", r#"not a valid duration string: "5m1h""#),
        ("0x1e", "1:1", r#"bad number or duration syntax: "0x1e""#),
        ("0x1e+5", "1:1", r#"error parsing number: strconv.ParseFloat: parsing "0x1e+5": invalid syntax"#),
        ("(0x", "1:2", r#"error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax"#),
        ("0b1", "1:1", r#"bad number or duration syntax: "0""#),
        ("1__0", "1:1", r#"bad number or duration syntax: "1__""#),
        (".5.", "1:1", r#"error parsing number: strconv.ParseFloat: parsing ".5.": invalid syntax"#),
        (r#""\q""#, "1:1", "unknown escape sequence U+0071 'q'"),
        (r#""\xg""#, "1:1", "illegal character U+0067 'g' in escape sequence"),
        (r#"'\u12'"#, "1:1", "illegal character U+0027 ''' in escape sequence"),
        (r#""\ud800""#, "1:1", "escape sequence is an invalid Unicode code point"),
        (r#""\400""#, "1:1", "escape sequence is an invalid Unicode code point"),
        ("`a", "1:1", "unterminated raw string"),
        ("foo @ 5m1h", "1:7", r#"not a valid duration string: "5m1h""#),
        ("\"a\nb\"", "1:1", "unterminated quoted string"),
    ]);
}

/// Brackets that are not closed or not opened.
#[test]
fn brackets() {
    check(&[
        ("(1))", "1:5", "unexpected right parenthesis ')'"),
        ("((1)", "1:5", "unclosed left parenthesis"),
        ("(", "1:2", "unclosed left parenthesis"),
        ("{", "1:2", "unexpected end of input inside braces"),
        ("some{", "1:6", "unexpected end of input inside braces"),
        (r#"foo{bar="baz"}["#, "1:16", "unexpected end of input in duration expression"),
        ("sum(", "1:5", "unclosed left parenthesis"),
        ("sum(rate(", "1:10", "unclosed left parenthesis"),
        ("foo[step():5m]", "1:12", "unexpected colon before duration in duration expression"),
        ("foo[5m:5m:5m]", "1:10", "unexpected colon ':'"),
        ("foo[5m", "1:7", "unclosed left bracket"),
        ("foo[5m:1m", "1:10", "unclosed left bracket"),
        ("a + fill(1", "1:11", "unclosed left parenthesis"),
        (r#"foo{"a"="#, "1:9", "unexpected end of input inside braces"),
        ("foo[max_of(1,", "1:14", "unclosed left parenthesis"),
        ("foo offset max_of(1", "1:20", "unclosed left parenthesis"),
    ]);
}

/// Matchers and lists of labels.
#[test]
fn labels() {
    check(&[
        ("some_metric{a=b}", "1:15", r#"unexpected identifier "b" in label matching, expected string"#),
        ("foo{gibberish}", "1:14", r#"unexpected "}" in label matching, expected label matching operator"#),
        ("{}", "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"{x=""}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"{x=~".*"}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"{x!~".+"}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"{x!="a"}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"foo{__name__="bar"}"#, "1:1", r#"metric name must not be set twice: "foo" or "bar""#),
        ("foo{__name__= =}", "1:15", r#"unexpected "=" in label matching, expected string"#),
        ("foo{,}", "1:5", r#"unexpected "," in label matching, expected identifier or "}""#),
        (r#"foo{__name__ == "bar"}"#, "1:15", r#"unexpected "=" in label matching, expected string"#),
        (
            r#"foo{__name__="bar" lol}"#,
            "1:20",
            r#"unexpected identifier "lol" in label matching, expected "," or "}""#,
        ),
        (r#"foo{"a"=}"#, "1:9", r#"unexpected "}" in label matching, expected string"#),
        ("sum without(==)(some_metric)", "1:13", "unexpected <op:==> in grouping opts, expected label"),
        ("sum without(,)(some_metric)", "1:13", r#"unexpected "," in grouping opts, expected label"#),
        ("sum without(foo,,)(some_metric)", "1:17", r#"unexpected "," in grouping opts, expected label"#),
        (
            "sum (some_metric) by test",
            "1:22",
            r#"unexpected identifier "test" in grouping opts, expected "(""#,
        ),
        (
            r#"info(rate(http_request_counter_total{}[5m]), target_info{foo="bar"})"#,
            "1:46",
            "expected label selectors only, got vector selector instead",
        ),
        (
            r#"info(http_request_counter_total{namespace="zzz"}, {foo="bar"} == 1)"#,
            "1:51",
            "expected label selectors only",
        ),
        ("a + on(x) group_left * b", "1:22", r#"unexpected <op:*> in grouping opts, expected "(""#),
        ("a + on x b", "1:8", r#"unexpected identifier "x" in grouping opts, expected "(""#),
        (r#"foo{"a" "b"}"#, "1:9", r#"unexpected string "\"b\"" in label matching, expected "," or "}""#),
        (r#"{"a",,}"#, "1:6", r#"unexpected "," in label matching, expected identifier or "}""#),
        (r#"foo{a=~"["}"#, "1:5", "error parsing regexp: missing closing ]: `[`"),
        ("sum without (without) (x)", "1:14", "unexpected <without> in grouping opts, expected label"),
        ("sum by (a b) (x)", "1:11", r#"unexpected identifier "b" in grouping opts, expected "," or ")""#),
        ("sum by (a,,) (x)", "1:11", r#"unexpected "," in grouping opts, expected label"#),
        (r#"sum by ("") (x)"#, "1:9", r#"invalid label name for grouping: """#),
        ("info(x, y)", "1:9", "expected label selectors only, got vector selector instead"),
        ("info(x, (y))", "1:9", "expected label selectors only"),
        (r#"{a=""}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (r#"{a=~".*"}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
    ]);
}

/// Ranges, subqueries, `offset`, `@`, `anchored`, `smoothed`.
#[test]
fn ranges_and_modifiers() {
    check(&[
        ("@@", "1:1", "unexpected <op:@>"),
        (
            "1 offset 1d",
            "1:1",
            "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("foo offset 1s offset 2s", "1:1", "offset may not be set multiple times"),
        ("foo @ +Inf", "1:1", "timestamp out of bounds for @ modifier: +Inf"),
        ("foo @ -Inf", "1:1", "timestamp out of bounds for @ modifier: -Inf"),
        ("foo @ NaN", "1:1", "timestamp out of bounds for @ modifier: NaN"),
        (
            "foo[]",
            "1:5",
            r#"unexpected "]" in subquery or range selector, expected number, duration, step(), or range()"#,
        ),
        (
            "some_metric[5m] OFFSET",
            "1:23",
            "unexpected end of input in offset, expected number, duration, step(), or range()",
        ),
        ("some_metric OFFSET 1m[5m]", "1:22", "no offset modifiers allowed before range"),
        ("some_metric[5m] @", "1:18", "unexpected end of input in @, expected timestamp"),
        ("some_metric @ 1234 [5m]", "1:20", "no @ modifiers allowed before range"),
        ("some_metric @ start() [5m]", "1:23", "no @ modifiers allowed before range"),
        ("some_metric @ end()[5m]", "1:20", "no @ modifiers allowed before range"),
        ("some_metric offset step()[5m]", "1:26", "no offset modifiers allowed before range"),
        ("(foo + bar)[5m]", "1:12", "ranges only allowed for vector selectors"),
        (
            "rate(some_metric[5m]) @ 1234",
            "1:1",
            "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        (
            "test[5d] OFFSET 10s [10m:5s]",
            "1:1",
            "subquery is only allowed on instant vector, got matrix instead",
        ),
        (
            r#"(foo + bar{nm="val"})[5m:][10m:5s]"#,
            "1:1",
            "subquery is only allowed on instant vector, got matrix instead",
        ),
        ("rate(food[1m])[1h] offset 1h", "1:15", "ranges only allowed for vector selectors"),
        ("rate(food[1m])[1h] @ 100", "1:15", "ranges only allowed for vector selectors"),
        (
            "foo[step]",
            "1:9",
            r#"unexpected "]" in subquery or range selector, expected number, duration, step(), or range()"#,
        ),
        ("1[5m] smoothed", "1:2", "ranges only allowed for vector selectors"),
        ("1[5m] anchored", "1:2", "ranges only allowed for vector selectors"),
        (
            "foo offset (5m) + 3 *",
            "1:22",
            "unexpected end of input in offset, expected number, duration, step(), or range()",
        ),
        (
            "foo[(5m]",
            "1:8",
            r#"unexpected "]" in subquery or range selector, expected number, duration, step(), or range()"#,
        ),
        ("foo @ start", "1:12", "unexpected end of input in @, expected timestamp"),
        ("foo @ start(5)", "1:13", r#"unexpected number "5" in @, expected timestamp"#),
        (
            "foo[ ]",
            "1:6",
            r#"unexpected "]" in subquery or range selector, expected number, duration, step(), or range()"#,
        ),
        ("a anchored smoothed", "1:1", "anchored and smoothed modifiers cannot be used together"),
        ("a[5m:] anchored", "1:1", "anchored modifier is not supported for subqueries"),
        ("rate(a) smoothed", "1:1", "smoothed modifier not implemented"),
        (
            "1 offset 5m",
            "1:1",
            "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("sum(x)[5m]", "1:7", "ranges only allowed for vector selectors"),
        ("x[5m][5m]", "1:6", "ranges only allowed for vector selectors"),
        ("x offset 5m [1m]", "1:13", "no offset modifiers allowed before range"),
        ("x @ 5 [1m]", "1:7", "no @ modifiers allowed before range"),
    ]);
}

/// Arithmetic on durations.
#[test]
fn duration_arithmetic() {
    check(&[
        ("foo[0m]", "1:5", "duration must be greater than 0"),
        ("foo[-1]", "1:5", "duration must be greater than 0"),
        ("foo[step()/0d]", "1:11", "division by zero"),
        ("foo[5s/0d]", "1:7", "division by zero"),
        ("foo offset (4d/0)", "1:15", "division by zero"),
        ("foo[5s%0d]", "1:7", "modulo by zero"),
        ("foo offset 9.5e10", "1:12", "duration out of range"),
        ("foo[9.5e10]", "1:5", "duration out of range"),
        ("foo offset -9.5e10", "1:12", "duration out of range"),
        ("foo[1/0s]", "1:6", "division by zero"),
    ]);
}

/// What comes where an operand or an operator has to stand.
#[test]
fn operators() {
    check(&[
        ("1+", "1:3", "unexpected end of input"),
        ("1 /", "1:4", "unexpected end of input"),
        ("*1", "1:1", "unexpected <op:*>"),
        ("*test", "1:1", "unexpected <op:*>"),
        ("a - on(b) ignoring(c) d", "1:11", "unexpected <ignoring>"),
        ("foo + group_left(baz) bar", "1:7", "unexpected <group_left>"),
        ("sum some_metric by (test)", "1:5", r#"unexpected identifier "some_metric""#),
        ("MIN keep_common (some_metric)", "1:5", r#"unexpected identifier "keep_common""#),
        ("MIN (some_metric) keep_common", "1:19", r#"unexpected identifier "keep_common""#),
        ("sum (some_metric) without (test) by (test)", "1:34", "unexpected <by>"),
        ("sum without (test) (some_metric) by (test)", "1:34", "unexpected <by>"),
        ("*1", "1:1", "unexpected <op:*>"),
        ("-=", "1:2", r#"unexpected "=""#),
        ("++-++-+-+-<", "1:11", "unexpected <op:<>"),
        ("e-+=/(0)", "1:4", r#"unexpected "=""#),
        ("sum(a b)", "1:7", r#"unexpected identifier "b" in aggregation"#),
        ("sum by (a) b", "1:12", r#"unexpected identifier "b" in aggregation"#),
        ("rate(x[5m]) by (job)", "1:13", "unexpected <by>"),
        ("a fill(1) b", "1:3", "unexpected <fill>"),
        ("fill(1)", "1:5", r#"unexpected "(""#),
        ("group_left", "1:1", "unexpected <group_left>"),
        ("on (x)", "1:1", "unexpected <on>"),
        ("a == bool bool b", "1:11", "unexpected <bool>"),
        ("# c\n  foo bar", "2:7", r#"unexpected identifier "bar""#),
        ("foo\n  + ,", "2:5", r#"unexpected ",""#),
    ]);
}

/// Functions, aggregations, and their arguments.
#[test]
fn calls() {
    check(&[
        ("sum () by (test)", "1:1", "no arguments for aggregate expression provided"),
        (
            "topk(some_metric)",
            "1:1",
            "wrong number of arguments for aggregate expression provided, expected 2, got 1",
        ),
        ("topk(some_metric,)", "1:17", "trailing commas not allowed in function call args"),
        ("floor()", "1:1", r#"expected 1 argument(s) in call to "floor", got 0"#),
        ("floor(some_metric, other_metric)", "1:1", r#"expected 1 argument(s) in call to "floor", got 2"#),
        ("floor(some_metric, 1)", "1:1", r#"expected 1 argument(s) in call to "floor", got 2"#),
        (
            "hour(some_metric, some_metric, some_metric)",
            "1:1",
            r#"expected at most 1 argument(s) in call to "hour", got 3"#,
        ),
        ("time(some_metric)", "1:1", r#"expected 0 argument(s) in call to "time", got 1"#),
        (
            "non_existent_function_far_bar()",
            "1:1",
            r#"unknown function with name "non_existent_function_far_bar""#,
        ),
        ("a>b()", "1:3", r#"unknown function with name "b""#),
        ("sum() by (a) §", "1:1", "no arguments for aggregate expression provided"),
        ("f(a,) §", "1:4", "trailing commas not allowed in function call args"),
        ("f(a, * b)", "1:4", "trailing commas not allowed in function call args"),
        ("unknown(x) + )", "1:1", r#"unknown function with name "unknown""#),
        ("unknown(x) + * y", "1:1", r#"unknown function with name "unknown""#),
        ("sum(unknown(x), y)", "1:5", r#"unknown function with name "unknown""#),
        ("sum() + unknown(x)", "1:1", "no arguments for aggregate expression provided"),
        ("time(1)", "1:1", r#"expected 0 argument(s) in call to "time", got 1"#),
        ("rate()", "1:1", r#"expected 1 argument(s) in call to "rate", got 0"#),
        ("round(x, 1, 2)", "1:1", r#"expected at most 2 argument(s) in call to "round", got 3"#),
        ("label_join(x)", "1:1", r#"expected at least 3 argument(s) in call to "label_join", got 1"#),
        ("days_in_month(x, y)", "1:1", r#"expected at most 1 argument(s) in call to "days_in_month", got 2"#),
        ("START()", "1:1", r#"unknown function with name "START""#),
    ]);
}

/// Operands, arguments and clauses that do not fit.
#[test]
fn types() {
    check(&[
        ("1 and 1", "1:1", r#"set operator "and" not allowed in binary scalar expression"#),
        ("1 == 1", "1:3", "comparisons between scalars must use BOOL modifier"),
        ("1 or 1", "1:1", r#"set operator "or" not allowed in binary scalar expression"#),
        ("1 unless 1", "1:1", r#"set operator "unless" not allowed in binary scalar expression"#),
        (
            r#"-"string""#,
            "1:1",
            r#"unary expression only allowed on expressions of type scalar or instant vector, got "string""#,
        ),
        (
            "-test[5m]",
            "1:1",
            r#"unary expression only allowed on expressions of type scalar or instant vector, got "range vector""#,
        ),
        ("foo and 1", "1:1", r#"set operator "and" not allowed in binary scalar expression"#),
        ("1 and foo", "1:1", r#"set operator "and" not allowed in binary scalar expression"#),
        ("foo or 1", "1:1", r#"set operator "or" not allowed in binary scalar expression"#),
        ("1 or foo", "1:1", r#"set operator "or" not allowed in binary scalar expression"#),
        ("foo unless 1", "1:1", r#"set operator "unless" not allowed in binary scalar expression"#),
        ("1 unless foo", "1:1", r#"set operator "unless" not allowed in binary scalar expression"#),
        ("1 or on(bar) foo", "1:1", "vector matching only allowed between instant vectors"),
        ("foo == on(bar) 10", "1:1", "vector matching only allowed between instant vectors"),
        ("foo and on(bar) group_left(baz) bar", "1:1", r#"no grouping allowed for "and" operation"#),
        ("foo and on(bar) group_right(baz) bar", "1:1", r#"no grouping allowed for "and" operation"#),
        ("foo or on(bar) group_left(baz) bar", "1:1", r#"no grouping allowed for "or" operation"#),
        ("foo or on(bar) group_right(baz) bar", "1:1", r#"no grouping allowed for "or" operation"#),
        ("foo unless on(bar) group_left(baz) bar", "1:1", r#"no grouping allowed for "unless" operation"#),
        ("foo unless on(bar) group_right(baz) bar", "1:1", r#"no grouping allowed for "unless" operation"#),
        (
            r#"http_requests{group="production"} + on(instance) group_left(job,instance) cpu_count{type="smp"}"#,
            "1:35",
            r#"label "instance" must not occur in ON and GROUP clause at once"#,
        ),
        ("foo + bool bar", "1:5", "bool modifier can only be used on comparison operators"),
        ("foo + bool 10", "1:5", "bool modifier can only be used on comparison operators"),
        ("foo and bool 10", "1:5", "bool modifier can only be used on comparison operators"),
        (
            r#"http_requests{group="production"} + on(instance) group_left(job,instance) cpu_count{type="smp"}"#,
            "1:35",
            r#"label "instance" must not occur in ON and GROUP clause at once"#,
        ),
        (
            "topk(some_metric, other_metric)",
            "1:6",
            "expected type scalar in aggregation parameter, got instant vector",
        ),
        (
            "count_values(5, other_metric)",
            "1:14",
            "expected type string in aggregation parameter, got scalar",
        ),
        ("floor(1)", "1:7", r#"expected type instant vector in call to function "floor", got scalar"#),
        (
            "rate(some_metric)",
            "1:6",
            r#"expected type range vector in call to function "rate", got instant vector"#,
        ),
        ("rate(avg)", "1:6", r#"expected type range vector in call to function "rate", got instant vector"#),
        ("info(x, 1)", "1:1", r#"expected type instant vector in call to function "info", got scalar"#),
        (
            r#"info(1, {a="b"})"#,
            "1:6",
            r#"expected type instant vector in call to function "info", got scalar"#,
        ),
        ("a or 1", "1:1", r#"set operator "or" not allowed in binary scalar expression"#),
        ("1 and 2", "1:1", r#"set operator "and" not allowed in binary scalar expression"#),
        ("a and on(x) group_left b", "1:1", r#"no grouping allowed for "and" operation"#),
        ("1 == 2", "1:3", "comparisons between scalars must use BOOL modifier"),
        ("1 + bool 2", "1:3", "bool modifier can only be used on comparison operators"),
        ("a + on (x) group_left (x) b", "1:3", r#"label "x" must not occur in ON and GROUP clause at once"#),
        ("a + on (x) 1", "1:1", "vector matching only allowed between instant vectors"),
        ("topk(a, b)", "1:6", "expected type scalar in aggregation parameter, got instant vector"),
        ("count_values(1, b)", "1:14", "expected type string in aggregation parameter, got scalar"),
        (
            r#"-"x""#,
            "1:1",
            r#"unary expression only allowed on expressions of type scalar or instant vector, got "string""#,
        ),
        (r#""a" + "b""#, "1:1", "binary expression must contain only scalar and instant vector types"),
        ("x[5m] + 1", "1:1", "binary expression must contain only scalar and instant vector types"),
    ]);
}

#[test]
fn what_is_no_text() {
    check(&[
        ("foo{a=\"\u{fffd}\"}", "1:7", "invalid UTF-8 rune"),
        (r#"foo{a=~"b\xff"}"#, "1:5", "error parsing regexp: invalid UTF-8: `\u{fffd}`"),
        (r#"sum by ("\xff") (foo)"#, "1:9", r#"invalid label name for grouping: "\xff""#),
    ]);
    assert!(parse_and_check(r#"foo{a="\xff"}"#, &FEATURES).is_ok());
}

#[test]
fn a_number_that_is_too_large() {
    let query = "9".repeat(309);
    let message =
        format!("error parsing number: strconv.ParseFloat: parsing \"{query}\": value out of range");
    assert_eq!(first_error(&query, &FEATURES), ("1:1".to_owned(), message));
}

/// What is experimental is refused until it is switched on.
#[test]
fn gates() {
    let table = [
        (
            "sort_by_label(x, \"a\")",
            "1:1",
            "function \"sort_by_label\" is not enabled",
            "promql-experimental-functions",
        ),
        (
            "1 + limitk(1, x)",
            "1:5",
            "limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
            "promql-experimental-functions",
        ),
        (
            "rate(x[5m] anchored)",
            "1:6",
            "anchored modifier is experimental and not enabled",
            "promql-extended-range-selectors",
        ),
        (
            "x smoothed",
            "1:1",
            "smoothed modifier is experimental and not enabled",
            "promql-extended-range-selectors",
        ),
        (
            "a + (b * fill(0) c)",
            "1:6",
            "binop fill modifiers are experimental and not enabled",
            "promql-binop-fill-modifiers",
        ),
    ];
    for (query, place, message, feature) in table {
        let expected = (place.to_owned(), message.to_owned());
        assert_eq!(first_error(query, &Features::default()), expected, "{query}");
        let features = Features::from_names([feature]).unwrap();
        assert!(parse_and_check(query, &features).is_ok(), "{query}");
    }
    assert!(parse_and_check("rate(x[5m + step()] offset (1h / 2))", &Features::default()).is_ok());
}

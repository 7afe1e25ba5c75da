//! The macro: an assertion in the fewest words.

/// Asserts that a query has this answer; if not, the panic tells what was expected and what came, why there is nothing if
/// there is nothing, and a `.test` script that fails alike.
///
/// ```
/// use promqlite::assert_promql;
/// use promqlite::testing::Timeline;
///
/// let mut timeline = Timeline::every("15s");
/// for n in [0, 30, 60, 90, 120] {
///     timeline.scrape(format!("requests_total{{code=\"200\"}} {n}\nrequests_total{{code=\"500\"}} {}\n", n / 30));
/// }
///
/// // Exactly these series with exactly these values.
/// assert_promql!(timeline, "increase(requests_total[1m])", {
///     r#"{code="200"}"# => 120.0,
///     r#"{code="500"}"# => 4.0,
/// });
/// // Values up to a millionth, or any other part, of their magnitude.
/// assert_promql!(timeline, "rate(requests_total[1m]) / 3", approx {
///     r#"{code="200"}"# => 0.6666667,
///     r#"{code="500"}"# => 0.0222222,
/// });
/// assert_promql!(timeline, "rate(requests_total[1m])", approx(0.1) {
///     r#"{code="200"}"# => 1.9,
///     r#"{code="500"}"# => 0.07,
/// });
/// // There may be other series too.
/// assert_promql!(timeline, "requests_total", contains { r#"requests_total{code="500"}"# => 4 });
/// // In this order.
/// assert_promql!(timeline, "sort_desc(requests_total)", ordered {
///     r#"requests_total{code="200"}"# => 120,
///     r#"requests_total{code="500"}"# => 4,
/// });
/// // A value within bounds.
/// assert_promql!(timeline, "requests_total", {
///     r#"requests_total{code="200"}"# => 100.0..,
///     r#"requests_total{code="500"}"# => 1.0..=5.0,
/// });
/// // All samples, or any, on one side of a threshold. There has to be one.
/// assert_promql!(timeline, "requests_total", all > 0.0);
/// assert_promql!(timeline, "requests_total", any >= 120.0);
/// // No series.
/// assert_promql!(timeline, "requests_total > 1000", empty);
/// // A scalar, or the value of the only series.
/// assert_promql!(timeline, "sum(requests_total)", 124.0);
/// assert_promql!(timeline, "scalar(sum(requests_total))", approx 124.00001);
/// // A string.
/// assert_promql!(timeline, "'up'", string "up");
/// // An error.
/// assert_promql!(timeline, "rate(requests_total)", error "expected type range vector");
///
/// // Without a time, the query is asked at the newest scrape; or at another time,
/// assert_promql!(timeline, "sum(requests_total)", at "15s", 31.0);
/// // or over a range, both ends included: a value for each step, or one for all.
/// assert_promql!(timeline, "requests_total", range "0s".."1m" step "30s", {
///     r#"requests_total{code="200"}"# => [0, 60, 120],
///     r#"requests_total{code="500"}"# => "0 2 4",
/// });
/// assert_promql!(timeline, "count(requests_total)", range "0s".."1m" step "15s", 2.0);
/// ```
///
/// The first argument is a [`Timeline`](crate::testing::Timeline), a store, or an engine and a store: a
/// [`Subject`](crate::testing::Subject). Labels are written as a query or a script writes them, values as
/// [`ExpectedValue`](crate::testing::ExpectedValue) says, times as [`TestTime`](crate::testing::TestTime) says. The times
/// of a range are single tokens; put longer expressions into parentheses. `contains` and `ordered` stand before `approx`.
///
/// [`check_promql`](crate::testing::check_promql) does the same without the panic.
#[macro_export]
macro_rules! assert_promql {
    (@expected empty $(,)?) => { $crate::testing::Expected::series() };
    (@expected { $($labels:expr => $value:expr),* $(,)? } $(,)?) => {
        $crate::testing::Expected::series()$(.with($labels, $value))*
    };
    (@expected contains $($rest:tt)+) => { $crate::assert_promql!(@expected $($rest)+).contains() };
    (@expected ordered $($rest:tt)+) => { $crate::assert_promql!(@expected $($rest)+).ordered() };
    (@expected approx ($tolerance:expr) $($rest:tt)+) => {
        $crate::assert_promql!(@expected $($rest)+).within($tolerance)
    };
    (@expected approx $($rest:tt)+) => { $crate::assert_promql!(@expected $($rest)+).approximately() };
    (@expected all $comparison:tt $bound:expr $(,)?) => {
        $crate::testing::Expected::all($crate::assert_promql!(@comparison $comparison), $bound)
    };
    (@expected any $comparison:tt $bound:expr $(,)?) => {
        $crate::testing::Expected::any($crate::assert_promql!(@comparison $comparison), $bound)
    };
    (@expected string $text:expr $(,)?) => { $crate::testing::Expected::string($text) };
    (@expected error $text:expr $(,)?) => { $crate::testing::Expected::error($text) };
    (@expected $value:expr $(,)?) => { $crate::testing::Expected::value($value) };

    (@comparison >) => { $crate::testing::Comparison::Above };
    (@comparison >=) => { $crate::testing::Comparison::AtLeast };
    (@comparison <) => { $crate::testing::Comparison::Below };
    (@comparison <=) => { $crate::testing::Comparison::AtMost };
    (@comparison ==) => { $crate::testing::Comparison::Equal };
    (@comparison !=) => { $crate::testing::Comparison::NotEqual };

    ($subject:expr, $query:expr, at $time:expr, $($expected:tt)+) => {
        $crate::testing::enforce_promql(
            &$subject,
            $query,
            $crate::testing::When::at($time),
            $crate::assert_promql!(@expected $($expected)+),
        )
    };
    ($subject:expr, $query:expr, range $start:tt .. $end:tt step $step:tt, $($expected:tt)+) => {{
        #[allow(unused_parens)]
        let when = $crate::testing::When::range($start, $end, $step);
        $crate::testing::enforce_promql(
            &$subject,
            $query,
            when,
            $crate::assert_promql!(@expected $($expected)+),
        )
    }};
    ($subject:expr, $query:expr, range $start:tt ..= $end:tt step $step:tt, $($expected:tt)+) => {
        $crate::assert_promql!($subject, $query, range $start .. $end step $step, $($expected)+)
    };
    ($subject:expr, $query:expr, $($expected:tt)+) => {
        $crate::testing::enforce_promql(
            &$subject,
            $query,
            $crate::testing::When::NEWEST,
            $crate::assert_promql!(@expected $($expected)+),
        )
    };
}

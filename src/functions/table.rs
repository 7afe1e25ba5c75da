//! The table of functions, sorted by name.
//!
//! A row says all there is to say: its name, the types and the names of its arguments, the type of its result,
//! its body and its summary, and behind them what is out of the ordinary: `row("round", ...).optional()` may be
//! called without its last argument.

use std::sync::LazyLock;

use super::record::{Arity, Body, Function, Special, WindowBody, WindowFunction};
use super::{
    calendar, changes, clamp, histogram, instant_rate, math, over_time, rate, regression, rounding, scalar,
    smoothing, trigonometry,
};
use crate::model::ValueType::{self, Matrix, Scalar, String, Vector};

/// All functions, sorted by name.
pub static FUNCTIONS: &[Function] = &[
    of_vector("abs", Body::Map(math::abs), "The absolute value of each sample."),
    of_vector(
        "absent",
        Body::Special(Special::Absent),
        "1, with the labels that the selector asks for with `=`, where the vector is empty; nothing \
         where it is not.",
    ),
    row(
        "absent_over_time",
        &[Matrix],
        &["v"],
        Vector,
        Body::Special(Special::AbsentOverTime),
        "1, with the labels that the selector asks for with `=`, where no series has a sample in its \
         window; else nothing.",
    ),
    of_vector("acos", Body::Map(trigonometry::acos), "The arc cosine of each sample, in radians."),
    of_vector("acosh", Body::Map(trigonometry::acosh), "The inverse hyperbolic cosine of each sample."),
    of_vector("asin", Body::Map(trigonometry::asin), "The arc sine of each sample, in radians."),
    of_vector("asinh", Body::Map(trigonometry::asinh), "The inverse hyperbolic sine of each sample."),
    of_vector("atan", Body::Map(trigonometry::atan), "The arc tangent of each sample, in radians."),
    of_vector("atanh", Body::Map(trigonometry::atanh), "The inverse hyperbolic tangent of each sample."),
    of_windows("avg_over_time", over_time::avg, "The mean of each window."),
    of_vector("ceil", Body::Map(rounding::ceil), "Each sample rounded up to a whole number."),
    of_windows("changes", changes::changes, "How often the value changed within each window.").anchored(),
    row(
        "clamp",
        &[Vector, Scalar, Scalar],
        &["v", "min", "max"],
        Vector,
        Body::MapWith(clamp::clamp),
        "Each sample, but at least `min` and at most `max`. Nothing if `min` is above `max`.",
    ),
    row(
        "clamp_max",
        &[Vector, Scalar],
        &["v", "max"],
        Vector,
        Body::MapWith(clamp::clamp_max),
        "Each sample, but at most `max`.",
    ),
    row(
        "clamp_min",
        &[Vector, Scalar],
        &["v", "min"],
        Vector,
        Body::MapWith(clamp::clamp_min),
        "Each sample, but at least `min`.",
    ),
    of_vector("cos", Body::Map(trigonometry::cos), "The cosine of each sample, taken as radians."),
    of_vector("cosh", Body::Map(trigonometry::cosh), "The hyperbolic cosine of each sample."),
    of_windows("count_over_time", over_time::count, "How many samples each window has."),
    of_time("day_of_month", calendar::day_of_month, "The day of the month, 1 to 31, in UTC."),
    of_time("day_of_week", calendar::day_of_week, "The day of the week, 0 (Sunday) to 6, in UTC."),
    of_time("day_of_year", calendar::day_of_year, "The day of the year, 1 to 366, in UTC."),
    of_time("days_in_month", calendar::days_in_month, "How many days the month has, 28 to 31, in UTC."),
    of_vector("deg", Body::Map(math::deg), "Radians as degrees."),
    of_windows(
        "delta",
        rate::delta,
        "How much a gauge changed over each window, extrapolated to the ends of the window.",
    )
    .anchored()
    .smoothed(),
    of_windows(
        "deriv",
        regression::deriv,
        "The slope per second of a straight line through the samples of each window.",
    ),
    row(
        "double_exponential_smoothing",
        &[Matrix, Scalar, Scalar],
        &["v", "sf", "tf"],
        Vector,
        windows(smoothing::double_exponential_smoothing, 0),
        "The smoothed value at the end of each window: the larger `sf`, the more the newest samples \
         count, the larger `tf`, the more their trend. Both are between 0 and 1.",
    )
    .experimental(),
    of_query("end", Special::End, "The time of the last step of the query, in seconds."),
    of_vector("exp", Body::Map(math::exp), "e to the power of each sample."),
    of_windows("first_over_time", over_time::first, "The oldest sample of each window.").keeps_name(),
    of_vector("floor", Body::Map(rounding::floor), "Each sample rounded down to a whole number."),
    of_vector(
        "histogram_avg",
        Body::FromHistogramStats(histogram::average),
        "The mean of the observations in each native histogram.",
    ),
    of_vector(
        "histogram_count",
        Body::FromHistogramStats(|h| h.count),
        "The number of observations in each native histogram.",
    ),
    row(
        "histogram_fraction",
        &[Scalar, Scalar, Vector],
        &["lower", "upper", "b"],
        Vector,
        Body::Special(Special::HistogramFraction),
        "The estimated share of observations between two bounds, from native histograms or classic \
         buckets.",
    ),
    row(
        "histogram_quantile",
        &[Scalar, Vector],
        &["φ", "b"],
        Vector,
        Body::Special(Special::HistogramQuantile),
        "The estimated φ-quantile of the observations in native histograms or classic buckets.",
    ),
    row(
        "histogram_quantiles",
        &[Vector, String, Scalar, Scalar],
        &["v", "label", "φ", "φ"],
        Vector,
        Body::Special(Special::HistogramQuantiles),
        "Up to ten quantiles at once: a series for each, with the quantile in the label that is \
         named.",
    )
    .up_to(9)
    .experimental(),
    of_vector(
        "histogram_stddev",
        Body::FromHistogram(histogram::standard_deviation),
        "The estimated standard deviation of the observations in each native histogram.",
    ),
    of_vector(
        "histogram_stdvar",
        Body::FromHistogram(histogram::variance),
        "The estimated variance of the observations in each native histogram.",
    ),
    of_vector(
        "histogram_sum",
        Body::FromHistogramStats(|h| h.sum),
        "The sum of the observations in each native histogram.",
    ),
    of_time("hour", calendar::hour, "The hour of the day, 0 to 23, in UTC."),
    of_windows(
        "idelta",
        instant_rate::idelta,
        "How much a gauge changed between the last two samples of each window.",
    ),
    of_windows(
        "increase",
        rate::increase,
        "How much a counter rose over each window, resets made up for, extrapolated to the ends of \
         the window.",
    )
    .anchored()
    .smoothed(),
    row(
        "info",
        &[Vector, Vector],
        &["v", "selector"],
        Vector,
        Body::Special(Special::Info),
        "Adds labels of the info series with the same `instance` and `job`; the selector says which.",
    )
    .optional()
    .experimental(),
    of_windows(
        "irate",
        instant_rate::irate,
        "How much a counter rose per second between the last two samples of each window.",
    ),
    row(
        "label_join",
        &[Vector, String, String, String],
        &["v", "dst_label", "separator", "src_label"],
        Vector,
        Body::Special(Special::LabelJoin),
        "Sets the label `dst_label` to the values of the `src_label`s, with the separator between \
         them.",
    )
    .variadic(),
    row(
        "label_replace",
        &[Vector, String, String, String, String],
        &["v", "dst_label", "replacement", "src_label", "regex"],
        Vector,
        Body::Special(Special::LabelReplace),
        "Where the regex matches all of the label `src_label`, sets the label `dst_label` to the \
         replacement, in which `$1` is what the first group matched.",
    ),
    of_windows("last_over_time", over_time::last, "The newest sample of each window.").keeps_name(),
    of_vector("ln", Body::Map(math::ln), "The natural logarithm of each sample."),
    of_vector("log10", Body::Map(math::log10), "The decimal logarithm of each sample."),
    of_vector("log2", Body::Map(math::log2), "The binary logarithm of each sample."),
    of_windows(
        "mad_over_time",
        over_time::mad,
        "The median distance of the samples of each window from their median.",
    )
    .experimental(),
    row(
        "max_of",
        &[Scalar, Scalar],
        &["a", "b"],
        Scalar,
        Body::Scalar(scalar::max),
        "The larger of two numbers.",
    )
    .experimental(),
    of_windows("max_over_time", over_time::max, "The largest sample of each window."),
    row(
        "min_of",
        &[Scalar, Scalar],
        &["a", "b"],
        Scalar,
        Body::Scalar(scalar::min),
        "The smaller of two numbers.",
    )
    .experimental(),
    of_windows("min_over_time", over_time::min, "The smallest sample of each window."),
    of_time("minute", calendar::minute, "The minute of the hour, 0 to 59, in UTC."),
    of_time("month", calendar::month, "The month of the year, 1 to 12, in UTC."),
    row("pi", &[], &[], Scalar, Body::Scalar(scalar::pi), "The number π."),
    row(
        "predict_linear",
        &[Matrix, Scalar],
        &["v", "t"],
        Vector,
        windows(regression::predict_linear, 0),
        "Where the straight line through the samples of each window is `t` seconds from the time of \
         evaluation.",
    )
    .depends_on_time(),
    of_windows("present_over_time", over_time::present, "1 where the window has any sample."),
    row(
        "quantile_over_time",
        &[Scalar, Matrix],
        &["φ", "v"],
        Vector,
        windows(over_time::quantile, 1),
        "The φ-quantile of each window.",
    ),
    of_vector("rad", Body::Map(math::rad), "Degrees as radians."),
    of_query("range", Special::Range, "The time from the first step of the query to the last, in seconds."),
    of_windows(
        "rate",
        rate::rate,
        "How much a counter rose per second over each window, resets made up for, extrapolated to the \
         ends of the window.",
    )
    .anchored()
    .smoothed(),
    of_windows("resets", changes::resets, "How often a counter was reset within each window.").anchored(),
    row(
        "round",
        &[Vector, Scalar],
        &["v", "to_nearest"],
        Vector,
        Body::MapWith(rounding::round),
        "Each sample rounded to the nearest multiple of `to_nearest`, which is 1 if left out; ties go \
         up.",
    )
    .optional(),
    row(
        "scalar",
        &[Vector],
        &["v"],
        Scalar,
        Body::Special(Special::Scalar),
        "The value of the only float in the vector as a scalar; NaN if there is not exactly one.",
    ),
    of_vector("sgn", Body::Map(math::sgn), "The sign of each sample: 1, -1 or 0."),
    of_vector("sin", Body::Map(trigonometry::sin), "The sine of each sample, taken as radians."),
    of_vector("sinh", Body::Map(trigonometry::sinh), "The hyperbolic sine of each sample."),
    of_vector(
        "sort",
        Body::Special(Special::Sort { descending: false }),
        "The floats of the vector, smallest first, NaN last. For instant queries.",
    ),
    row(
        "sort_by_label",
        &[Vector, String],
        &["v", "label"],
        Vector,
        Body::Special(Special::SortByLabel { descending: false }),
        "Sorts by the values of labels, numbers in them by size. For instant queries.",
    )
    .variadic()
    .experimental(),
    row(
        "sort_by_label_desc",
        &[Vector, String],
        &["v", "label"],
        Vector,
        Body::Special(Special::SortByLabel { descending: true }),
        "As `sort_by_label`, the other way round.",
    )
    .variadic()
    .experimental(),
    of_vector(
        "sort_desc",
        Body::Special(Special::Sort { descending: true }),
        "The floats of the vector, largest first, NaN last. For instant queries.",
    ),
    of_vector("sqrt", Body::Map(math::sqrt), "The square root of each sample."),
    of_query("start", Special::Start, "The time of the first step of the query, in seconds."),
    of_vector(
        "start_timestamp",
        Body::Special(Special::StartTimestamp),
        "When the counter behind each selected sample began, in seconds, where that is known.",
    )
    .experimental(),
    of_windows(
        "stddev_over_time",
        over_time::stddev,
        "The standard deviation of each window, as of a whole population.",
    ),
    of_windows(
        "stdvar_over_time",
        over_time::stdvar,
        "The variance of each window, as of a whole population.",
    ),
    of_query("step", Special::Step, "The distance of the query's steps, in seconds."),
    of_windows("sum_over_time", over_time::sum, "The sum of each window."),
    of_vector("tan", Body::Map(trigonometry::tan), "The tangent of each sample, taken as radians."),
    of_vector("tanh", Body::Map(trigonometry::tanh), "The hyperbolic tangent of each sample."),
    row("time", &[], &[], Scalar, Body::Special(Special::Time), "The time of evaluation, in seconds.")
        .depends_on_time(),
    of_vector(
        "timestamp",
        Body::Special(Special::Timestamp),
        "The time of each sample of a selector, in seconds; for other expressions the time of \
         evaluation.",
    )
    .depends_on_time(),
    of_windows(
        "ts_of_first_over_time",
        over_time::ts_of_first,
        "The time of the oldest sample of each window, in seconds.",
    )
    .experimental(),
    of_windows(
        "ts_of_last_over_time",
        over_time::ts_of_last,
        "The time of the newest sample of each window, in seconds.",
    )
    .experimental(),
    of_windows(
        "ts_of_max_over_time",
        over_time::ts_of_max,
        "When each window's largest sample was, the last of them, in seconds.",
    )
    .experimental(),
    of_windows(
        "ts_of_min_over_time",
        over_time::ts_of_min,
        "When each window's smallest sample was, the last of them, in seconds.",
    )
    .experimental(),
    row(
        "vector",
        &[Scalar],
        &["s"],
        Vector,
        Body::Special(Special::Vector),
        "The scalar as a vector of one sample without labels.",
    ),
    of_time("year", calendar::year, "The year, in UTC."),
];

/// The function with this name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    /// Where the functions with each first letter begin, and at last where all end.
    static INITIALS: LazyLock<[usize; 27]> = LazyLock::new(|| {
        let begins = |letter| FUNCTIONS.partition_point(|f| f.name.as_bytes()[0] < b'a' + letter as u8);
        std::array::from_fn(begins)
    });
    let letter = usize::from(name.as_bytes().first()?.checked_sub(b'a')?);
    let candidates = &FUNCTIONS[*INITIALS.get(letter)?..*INITIALS.get(letter + 1)?];
    // To call what compares long texts would take longer than to compare a name.
    candidates.iter().find(|f| f.name.len() == name.len() && f.name.bytes().eq(name.bytes()))
}

const fn row(
    name: &'static str,
    args: &'static [ValueType],
    arg_names: &'static [&'static str],
    returns: ValueType,
    body: Body,
    summary: &'static str,
) -> Function {
    Function {
        name,
        args,
        arg_names,
        arity: Arity::Exact,
        returns,
        experimental: false,
        depends_on_time: false,
        summary,
        body,
    }
}

/// A function of one instant vector.
const fn of_vector(name: &'static str, body: Body, summary: &'static str) -> Function {
    row(name, &[Vector], &["v"], Vector, body, summary)
}

/// A function of one range vector.
const fn of_windows(name: &'static str, body: WindowBody, summary: &'static str) -> Function {
    row(name, &[Matrix], &["v"], Vector, windows(body, 0), summary)
}

/// A function of the windows of argument `range_arg` and of scalars.
const fn windows(body: WindowBody, range_arg: usize) -> Body {
    Body::Window(WindowFunction { body, range_arg, keeps_name: false, anchored: false, smoothed: false })
}

/// A part of a date.
const fn of_time(name: &'static str, body: fn(&mut [f64]), summary: &'static str) -> Function {
    row(name, &[Vector], &["v"], Vector, Body::Calendar(body), summary).optional().depends_on_time()
}

/// A property of the query.
const fn of_query(name: &'static str, special: Special, summary: &'static str) -> Function {
    row(name, &[], &[], Scalar, Body::Special(special), summary).experimental().depends_on_time()
}

impl Function {
    const fn optional(mut self) -> Self {
        self.arity = Arity::Optional;
        self
    }

    const fn up_to(mut self, times: usize) -> Self {
        self.arity = Arity::UpTo(times);
        self
    }

    const fn variadic(mut self) -> Self {
        self.arity = Arity::Variadic;
        self
    }

    const fn experimental(mut self) -> Self {
        self.experimental = true;
        self
    }

    const fn depends_on_time(mut self) -> Self {
        self.depends_on_time = true;
        self
    }

    const fn anchored(mut self) -> Self {
        if let Body::Window(window) = &mut self.body {
            window.anchored = true;
        }
        self
    }

    const fn smoothed(mut self) -> Self {
        if let Body::Window(window) = &mut self.body {
            window.smoothed = true;
        }
        self
    }

    const fn keeps_name(mut self) -> Self {
        if let Body::Window(window) = &mut self.body {
            window.keeps_name = true;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_whole() {
        for pair in FUNCTIONS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
        for function in FUNCTIONS {
            assert_eq!(function.args.len(), function.arg_names.len(), "{}", function.name);
            assert!(function.summary.ends_with('.'), "{}", function.name);
            if let Body::Window(window) = function.body {
                assert_eq!(function.args[window.range_arg], Matrix, "{}", function.name);
            }
            assert_eq!(lookup(function.name).map(|found| found.name), Some(function.name));
        }
        assert!(lookup("rat").is_none());
    }
}

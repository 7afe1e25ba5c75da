//! Functions of the samples in a window.

use crate::numbers::{add, mean, quantile, regression};
use crate::table::Stop;

/// The floats of one series in one window, and where the window lies.
pub(crate) struct Window<'a> {
    /// Times in ms and values, in order of time; at least one.
    pub(crate) samples: &'a [(i64, f64)],
    /// Open on the left, in ms.
    pub(crate) start: i64,
    /// Closed on the right, in ms.
    pub(crate) end: i64,
    /// When the expression is evaluated, in ms: not the end of the window where there is an offset.
    pub(crate) time: i64,
}

/// The value of the function `name` with the scalar arguments `args`; `None` where the window is too short for it.
pub(crate) fn call(name: &str, args: &[f64], window: &Window<'_>) -> Result<Option<f64>, Stop> {
    let samples = window.samples;
    let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    let last = samples.len() - 1;
    if name == "double_exponential_smoothing" && args.iter().any(|factor| *factor <= 0.0 || *factor >= 1.0) {
        return Err(Stop::Error("invalid factor".to_owned()));
    }
    Ok(Some(match name {
        "last_over_time" => values[last],
        "first_over_time" => values[0],
        "count_over_time" => values.len() as f64,
        "present_over_time" | "absent_over_time" => 1.0,
        "sum_over_time" => {
            let (sum, rest) = values.iter().fold((0.0, 0.0), |total, &value| add(value, total));
            if sum.is_infinite() { sum } else { sum + rest }
        }
        "avg_over_time" => mean(&values),
        "min_over_time" => extreme(samples, |value, best| value < best || best.is_nan()).1,
        "max_over_time" => extreme(samples, |value, best| value > best || best.is_nan()).1,
        "ts_of_min_over_time" => seconds(extreme(samples, |value, best| value <= best || best.is_nan()).0),
        "ts_of_max_over_time" => seconds(extreme(samples, |value, best| value >= best || best.is_nan()).0),
        "ts_of_first_over_time" => seconds(samples[0].0),
        // Never before the epoch.
        "ts_of_last_over_time" => seconds(samples[last].0.max(0)),
        "stdvar_over_time" => variance(&values),
        "stddev_over_time" => variance(&values).sqrt(),
        "quantile_over_time" => quantile(args[0], &values),
        "mad_over_time" => deviation(&values),
        "changes" => {
            let changed = |pair: &&[f64]| pair[1] != pair[0] && !(pair[0].is_nan() && pair[1].is_nan());
            values.windows(2).filter(changed).count() as f64
        }
        "resets" => values.windows(2).filter(|pair| pair[1] < pair[0]).count() as f64,
        "rate" => {
            return Ok(extrapolated(window, true).map(|(value, factor)| value * (factor / width(window))));
        }
        "increase" => return Ok(extrapolated(window, true).map(|(value, factor)| value * factor)),
        "delta" => return Ok(extrapolated(window, false).map(|(value, factor)| value * factor)),
        _ if last == 0 => return Ok(None),
        "irate" => {
            let rise =
                if values[last] < values[last - 1] { values[last] } else { values[last] - values[last - 1] };
            rise / seconds(samples[last].0 - samples[last - 1].0)
        }
        "idelta" => values[last] - values[last - 1],
        "deriv" => regression(samples, samples[0].0).0,
        "predict_linear" => {
            let (slope, now) = regression(samples, window.time);
            slope * args[0] + now
        }
        "double_exponential_smoothing" => smoothed(&values, args[0], args[1]),
        _ => unreachable!("{name} is no function of windows"),
    }))
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn width(window: &Window<'_>) -> f64 {
    seconds(window.end - window.start)
}

fn extreme(samples: &[(i64, f64)], better: impl Fn(f64, f64) -> bool) -> (i64, f64) {
    samples.iter().fold(samples[0], |best, &sample| if better(sample.1, best.1) { sample } else { best })
}

fn variance(values: &[f64]) -> f64 {
    let (mut mean, mut squares) = ((0.0, 0.0), (0.0, 0.0));
    for (i, &value) in values.iter().enumerate() {
        let delta = value - (mean.0 + mean.1);
        mean = add(delta / (i + 1) as f64, mean);
        squares = add(delta * (value - (mean.0 + mean.1)), squares);
    }
    (squares.0 + squares.1) / values.len() as f64
}

/// The median of the distances from the median.
fn deviation(values: &[f64]) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let median = quantile(0.5, values);
    let distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    quantile(0.5, &distances)
}

/// The rise within the samples, and the factor by which the window is wider than them.
fn extrapolated(window: &Window<'_>, counter: bool) -> Option<(f64, f64)> {
    let samples = window.samples;
    let gaps = samples.len() - 1;
    let (first, last) = (samples[0], samples[gaps]);
    if gaps == 0 {
        return None;
    }
    let mut rise = last.1 - first.1;
    if counter {
        for pair in samples.windows(2).filter(|pair| pair[1].1 < pair[0].1) {
            rise += pair[0].1;
        }
    }
    let sampled = seconds(last.0 - first.0);
    let average = sampled / gaps as f64;
    let near = average * 1.1;
    let mut before = seconds(first.0 - window.start);
    if before >= near {
        before = average / 2.0;
    }
    if counter && rise > 0.0 && first.1 >= 0.0 {
        let since_zero = sampled * (first.1 / rise);
        if since_zero < before {
            before = since_zero;
        }
    }
    let mut after = seconds(window.end - last.0);
    if after >= near {
        after = average / 2.0;
    }
    Some((rise, if sampled == 0.0 { 1.0 } else { (sampled + before + after) / sampled }))
}

fn smoothed(values: &[f64], smoothing: f64, trending: f64) -> f64 {
    let (mut before, mut level, mut trend) = (0.0, values[0], values[1] - values[0]);
    for (i, &value) in values.iter().enumerate().skip(1) {
        if i > 1 {
            trend = trending * (level - before) + (1.0 - trending) * trend;
        }
        let next = smoothing * value + (1.0 - smoothing) * (level + trend);
        (before, level) = (level, next);
    }
    level
}

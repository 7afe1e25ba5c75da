//! Arithmetic where the order of every addition counts.

/// Adds `value` to the compensated total `(sum, rest)`.
pub(crate) fn add(value: f64, (sum, rest): (f64, f64)) -> (f64, f64) {
    let total = sum + value;
    if total.is_infinite() {
        (total, 0.0)
    } else if sum.abs() >= value.abs() {
        (total, rest + ((sum - total) + value))
    } else {
        (total, rest + ((value - total) + sum))
    }
}

/// The mean: the sum divided by the count, or a running mean from where the sum would be infinite.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let mut total = (values[0], 0.0);
    let mut running: Option<(f64, f64)> = None;
    for (i, &value) in values.iter().enumerate().skip(1) {
        let count = (i + 1) as f64;
        if running.is_none() {
            let next = add(value, total);
            if !next.0.is_infinite() {
                total = next;
                continue;
            }
            running = Some((total.0 / (count - 1.0), total.1 / (count - 1.0)));
        }
        running = running.map(|(mean, rest)| {
            let share = (count - 1.0) / count;
            add(value / count, (share * mean, share * rest))
        });
    }
    let count = values.len() as f64;
    match running {
        Some((mean, rest)) => mean + rest,
        None => total.0 / count + total.1 / count,
    }
}

/// The quantile between the two values around its rank; NaN sorts first.
pub(crate) fn quantile(q: f64, values: &[f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan())));
    let rank = q * (sorted.len() as f64 - 1.0);
    let lower = rank.floor().max(0.0) as usize;
    let upper = (lower + 1).min(sorted.len() - 1);
    let weight = rank - rank.floor();
    sorted[lower] * (1.0 - weight) + sorted[upper] * weight
}

/// Slope and value at `origin` of the straight line through the samples.
pub(crate) fn regression(samples: &[(i64, f64)], origin: i64) -> (f64, f64) {
    let first = samples[0].1;
    let (mut x_sum, mut y_sum, mut xy_sum, mut xx_sum) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0));
    for &(time, y) in samples {
        let x = (time - origin) as f64 / 1000.0;
        x_sum = add(x, x_sum);
        y_sum = add(y, y_sum);
        xy_sum = add(x * y, xy_sum);
        xx_sum = add(x * x, xx_sum);
    }
    if samples.iter().skip(1).all(|(_, y)| *y == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let n = samples.len() as f64;
    let total = |(sum, rest): (f64, f64)| sum + rest;
    let (x, y, xy, xx) = (total(x_sum), total(y_sum), total(xy_sum), total(xx_sum));
    let slope = (xy - x * y / n) / (xx - x * x / n);
    (slope, y / n - slope * x / n)
}

/// The larger one; NaN if one is NaN, unless the other is +Inf.
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

/// The smaller one; NaN if one is NaN, unless the other is -Inf.
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    -larger(-a, -b)
}

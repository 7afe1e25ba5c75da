//! Round numbers for the value axis, times of day for the time axis.

use chrono::{DateTime, Utc};

use super::{Axis, Unit};
use crate::model::Timestamp;

/// Round values with the row each belongs to, from the top; some one in three rows.
pub(super) fn value_ticks(axis: Axis, height: usize, unit: Unit) -> Vec<(usize, String)> {
    let wanted = (height / 3).max(1) as f64;
    let step =
        round_step((axis.high / wanted - axis.low / wanted) / unit.base(axis.high)) * unit.base(axis.high);
    if !(step.is_finite() && step > 0.0) {
        return Vec::new();
    }
    let mut ticks: Vec<(usize, String)> = Vec::new();
    let first = (axis.high / step).floor();
    for i in 0..=height {
        // Multiples of the step, not sums of it: those gather errors.
        let value = (first - i as f64) * step;
        if value < axis.low {
            break;
        }
        let row = ((1.0 - axis.share(value)) * (height * 4 - 1) as f64).round() as usize / 4;
        if ticks.last().is_none_or(|(last, _)| *last < row) {
            ticks.push((row, unit.format(if value == 0.0 { 0.0 } else { value }, step)));
        }
    }
    ticks
}

/// The smallest of 1, 2 and 5 times a power of ten that is no less than `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// Start, end and as many times between them as there is room for, with the column each belongs to.
pub(super) fn time_ticks(start: Timestamp, end: Timestamp, width: usize) -> Vec<(usize, String)> {
    let span = end.abs_diff(start) as i128;
    let pattern = match span {
        ..60_000 => "%H:%M:%S%.3f",
        60_000..600_000 => "%H:%M:%S",
        600_000..86_400_000 => "%H:%M",
        _ => "%m-%d %H:%M",
    };
    let text = |time: Timestamp| match DateTime::<Utc>::from_timestamp_millis(time) {
        Some(date) => date.format(pattern).to_string(),
        None => crate::model::go_format::json_timestamp(time),
    };
    let room = text(start).len().max(text(end).len()) + 4;
    let parts = (width / room).clamp(1, 6) as i128;
    (0..=parts)
        .map(|i| {
            let time = i128::from(start) + span * i / parts;
            let column = (width as i128 - 1) * i / parts;
            (column as usize, text(time as Timestamp))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_round() {
        let ticks = |low, high| {
            let ticks = value_ticks(Axis { low, high }, 12, Unit::None);
            ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(ticks(0.0, 100.0), ["100", "50", "0"]);
        assert_eq!(ticks(0.0, 0.37), ["0.3", "0.2", "0.1", "0"]);
        assert_eq!(ticks(-1.0, 1.0), ["1", "0.5", "0", "-0.5", "-1"]);
        assert_eq!(ticks(1e9, 1.2e9), ["1200000000", "1150000000", "1100000000", "1050000000", "1000000000"]);
        let bytes = value_ticks(Axis { low: 0.0, high: 3.5 * 1024.0 * 1024.0 }, 12, Unit::Bytes);
        assert_eq!(
            bytes.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
            ["3 MiB", "2 MiB", "1 MiB", "0"]
        );
    }

    #[test]
    fn times_fit() {
        let ticks = time_ticks(0, 3_600_000, 60);
        assert_eq!(ticks.first(), Some(&(0, "00:00".to_owned())));
        assert_eq!(ticks.last(), Some(&(59, "01:00".to_owned())));
        assert_eq!(time_ticks(0, 172_800_000, 20).len(), 2);
        assert_eq!(time_ticks(i64::MIN, i64::MAX, 20).len(), 2);
    }
}

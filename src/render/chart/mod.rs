//! Line charts made of characters, for range results.
//!
//! A character of Braille has two by four dots, so a chart of 60 by 10 characters has 120 by 40 points:
//!
//! ```text
//!  20 ┤⢀⠤⠊⠉⠒⢄
//!     │     ⠑⢄⡀
//!  10 ┤        ⠈⠒⠤⣀⣀⣀⠤
//!     └┬───────┬───────┬
//!      12:00   12:30   13:00
//! ```
//!
//! [`Chart::of`] places the dots and chooses the axes; which series a character belongs to is told beside it, for those
//! who paint in colours.

mod dots;
mod ticks;
mod unit;

pub use unit::Unit;

use dots::Dots;
use ticks::{time_ticks, value_ticks};

use crate::model::Timestamp;
use crate::model::value::MatrixSeries;

/// A chart, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The rows of the drawing, all of one width.
    pub rows: Vec<Vec<Cell>>,
    /// What stands at the value axis, with the row it stands at.
    pub values: Vec<(usize, String)>,
    /// What stands at the time axis, with the column it stands at.
    pub times: Vec<(usize, String)>,
}

/// One character of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The character; a space where there is nothing.
    pub glyph: char,
    /// The series that is drawn there, the last one if several are.
    pub series: usize,
}

/// The room for a drawing, in characters, axes not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Chart {
    /// Draws the floats of `matrix`. `None` if there are not two times with a finite value, or no room.
    ///
    /// ```
    /// use promqlite::Labels;
    /// use promqlite::model::value::MatrixSeries;
    /// use promqlite::render::chart::{Chart, Size};
    ///
    /// let series = MatrixSeries::new(Labels::empty(), [(0, 0.0), (60_000, 7.0)].into_iter().collect());
    /// let chart = Chart::of(&[series], Size { width: 4, height: 2 }).unwrap();
    /// let rows: Vec<String> = chart.rows.iter().map(|row| row.iter().map(|cell| cell.glyph).collect()).collect();
    /// assert_eq!(rows, ["  ⡠⠊", "⡠⠊  "]);
    /// ```
    pub fn of(matrix: &[MatrixSeries], size: Size) -> Option<Chart> {
        if size.width < 2 || size.height < 2 {
            return None;
        }
        let finite = || {
            let points = matrix.iter().flat_map(|series| series.floats.iter());
            points.filter(|(_, value)| value.is_finite())
        };
        let start = finite().map(|(time, _)| time).min()?;
        let end = finite().map(|(time, _)| time).max().filter(|end| *end > start)?;
        let low = finite().map(|(_, value)| value).fold(f64::INFINITY, f64::min);
        let high = finite().map(|(_, value)| value).fold(f64::NEG_INFINITY, f64::max);
        let axis = Axis::around(low, high);

        let mut dots = Dots::new(size);
        for (i, series) in matrix.iter().enumerate() {
            draw(series, i, &mut dots, (start, end), axis);
        }
        let unit = Unit::of_series(matrix);
        Some(Chart {
            rows: dots.into_rows(),
            values: value_ticks(axis, size.height, unit),
            times: time_ticks(start, end, size.width),
        })
    }
}

/// The values between which a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Axis {
    /// Zero is on the axis if it is not far from the values; a flat line runs in the middle.
    fn around(low: f64, high: f64) -> Axis {
        if low == high {
            let margin = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            return Axis { low: low - margin, high: high + margin };
        }
        if low > 0.0 && low < high / 2.0 {
            return Axis { low: 0.0, high };
        }
        if high < 0.0 && high > low / 2.0 {
            return Axis { low, high: 0.0 };
        }
        Axis { low, high }
    }

    /// How far up `value` lies: 0 at the low end, 1 at the high one.
    pub(super) fn share(self, value: f64) -> f64 {
        // Halved before they are subtracted: the distance of two floats may be infinite.
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }
}

/// Joins neighbouring points with lines; a step without a value is a gap.
fn draw(
    series: &MatrixSeries,
    index: usize,
    dots: &mut Dots,
    (start, end): (Timestamp, Timestamp),
    axis: Axis,
) {
    let width = end.abs_diff(start) as f64;
    let place = |time: Timestamp, value: f64| {
        let x = time.abs_diff(start) as f64 / width * (dots.width() - 1) as f64;
        let y = (1.0 - axis.share(value)) * (dots.height() - 1) as f64;
        (x.round() as i64, y.round() as i64)
    };
    let points: Vec<(Timestamp, f64)> = series.floats.iter().collect();
    let step = points.windows(2).map(|pair| pair[1].0.abs_diff(pair[0].0)).min();
    let mut before: Option<(Timestamp, (i64, i64))> = None;
    let mut lines = Vec::new();
    for (time, value) in points {
        if !value.is_finite() {
            before = None;
            continue;
        }
        let here = place(time, value);
        let joined = before.filter(|(earlier, _)| Some(time.abs_diff(*earlier)) <= step);
        lines.push((joined.map_or(here, |(_, there)| there), here));
        before = Some((time, here));
    }
    for (from, to) in lines {
        dots.line(from, to, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn series(points: &[(i64, f64)]) -> MatrixSeries {
        MatrixSeries::new(Labels::empty(), points.iter().copied().collect())
    }

    fn rows(chart: &Chart) -> Vec<String> {
        chart.rows.iter().map(|row| row.iter().map(|cell| cell.glyph).collect()).collect()
    }

    #[test]
    fn gaps_stay_open() {
        let points = [(0, 1.0), (1, 1.0), (2, f64::NAN), (3, 1.0), (7, 1.0)];
        let chart = Chart::of(&[series(&points)], Size { width: 4, height: 2 }).expect("a chart");
        assert_eq!(rows(&chart), ["    ", "⠉⠈ ⠈"]);
    }

    #[test]
    fn the_last_series_owns_a_character() {
        let both = [series(&[(0, 0.0), (1, 10.0)]), series(&[(0, 10.0), (1, 0.0)])];
        let chart = Chart::of(&both, Size { width: 4, height: 2 }).expect("a chart");
        assert_eq!(rows(&chart), ["⠑⢄⡠⠊", "⡠⠊⠑⢄"]);
        let owners: Vec<usize> = chart.rows.iter().flatten().map(|cell| cell.series).collect();
        assert_eq!(owners, [1, 1, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn nothing_to_draw() {
        let size = Size { width: 10, height: 5 };
        assert_eq!(Chart::of(&[], size), None);
        assert_eq!(Chart::of(&[series(&[(0, 1.0)])], size), None);
        assert_eq!(Chart::of(&[series(&[(0, 1.0), (1, f64::NAN)])], size), None);
        assert_eq!(Chart::of(&[series(&[(0, 1.0), (1, 2.0)])], Size { width: 1, height: 5 }), None);
        let extremes = series(&[(i64::MIN, f64::MIN), (i64::MAX, f64::MAX)]);
        assert!(Chart::of(&[extremes], size).is_some());
    }
}

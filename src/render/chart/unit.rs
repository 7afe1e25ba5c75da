//! What the numbers of a chart count, as far as the names of the metrics tell.

use crate::model::value::MatrixSeries;
use crate::render::table::brief;

/// What numbers count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Not known.
    #[default]
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Parts of a whole.
    Ratio,
}

const SECONDS: [(f64, &str); 7] =
    [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
const BYTES: [(f64, &str); 6] = [
    (1_125_899_906_842_624.0, "PiB"),
    (1_099_511_627_776.0, "TiB"),
    (1_073_741_824.0, "GiB"),
    (1_048_576.0, "MiB"),
    (1024.0, "KiB"),
    (1.0, "B"),
];
const RATIO: [(f64, &str); 1] = [(0.01, "%")];

impl Unit {
    /// The unit that the names of all series end in: `_seconds`, `_bytes`, `_ratio`.
    pub fn of_series(matrix: &[MatrixSeries]) -> Unit {
        let of_name = |name: &str| match name.rsplit('_').next() {
            Some("seconds") => Unit::Seconds,
            Some("bytes") => Unit::Bytes,
            Some("ratio") => Unit::Ratio,
            _ => Unit::None,
        };
        let mut units = matrix.iter().map(|series| of_name(series.labels.metric_name()));
        let first = units.next().unwrap_or_default();
        if units.all(|unit| unit == first) { first } else { Unit::None }
    }

    fn multiples(self) -> &'static [(f64, &'static str)] {
        match self {
            Unit::None => &[(1.0, "")],
            Unit::Seconds => &SECONDS,
            Unit::Bytes => &BYTES,
            Unit::Ratio => &RATIO,
        }
    }

    /// The multiple of the unit in which `value` is written.
    pub(super) fn base(self, value: f64) -> f64 {
        self.multiple(value).0
    }

    fn multiple(self, value: f64) -> (f64, &'static str) {
        let multiples = self.multiples();
        let fits = multiples.iter().find(|(multiple, _)| value.abs() >= *multiple);
        fits.or(multiples.last()).copied().unwrap_or((1.0, ""))
    }

    /// `value` in the multiple that suits it, to three digits.
    ///
    /// ```
    /// use promqlite::render::chart::Unit;
    ///
    /// assert_eq!(Unit::Seconds.rounded(0.012345), "12.3 ms");
    /// assert_eq!(Unit::Bytes.rounded(1234567.0), "1.18 MiB");
    /// ```
    pub fn rounded(self, value: f64) -> String {
        if value == 0.0 || !value.is_finite() { brief(value) } else { self.format(value, value.abs()) }
    }

    /// `value` in the multiple that suits it, of which no digits are shown beyond those that tell steps apart.
    pub(super) fn format(self, value: f64, step: f64) -> String {
        let (multiple, name) = self.multiple(value);
        // A multiple of a decimal step has no exact digits; those of the step are enough.
        let decimals = (2.0 - (step / multiple).log10().floor()).clamp(0.0, 12.0) as usize;
        let number = format!("{:.decimals$}", value / multiple).parse().unwrap_or(value / multiple);
        if value == 0.0 || name.is_empty() { brief(number) } else { format!("{} {name}", brief(number)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_the_multiple_that_suits() {
        let table = [
            (Unit::None, 1234.5, "1234.5"),
            (Unit::Seconds, 0.25, "250 ms"),
            (Unit::Seconds, 90.0, "1.5 min"),
            (Unit::Seconds, 3e-7, "300 ns"),
            (Unit::Bytes, 1536.0, "1.5 KiB"),
            (Unit::Bytes, 12.0, "12 B"),
            (Unit::Ratio, 0.25, "25 %"),
            (Unit::Ratio, 0.001, "0.1 %"),
            (Unit::Bytes, 0.0, "0"),
        ];
        for (unit, value, text) in table {
            assert_eq!(unit.format(value, value / 1000.0), text);
        }
    }
}

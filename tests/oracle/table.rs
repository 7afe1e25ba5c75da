//! What an expression is worth over all steps: the simplest form that will do.

use promqlite::Labels;

/// The steps that an expression is evaluated at, in ms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) step: i64,
}

impl Grid {
    pub(crate) fn times(self) -> Vec<i64> {
        let mut times = Vec::new();
        let mut time = self.start;
        while time <= self.end {
            times.push(time);
            time += self.step;
        }
        times
    }

    /// The first step alone.
    pub(crate) fn first(self) -> Grid {
        Grid { end: self.start, ..self }
    }

    pub(crate) fn is_single(self) -> bool {
        self.start == self.end
    }
}

/// One series and its value at each step, if it has one there.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) values: Vec<Option<f64>>,
    /// The name is to be dropped at the end of the query.
    pub(crate) drop_name: bool,
}

/// The value of an expression at all steps.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Vec<f64>),
    Text(String),
    Vector(Vec<Series>),
}

/// Why a query has no answer, or none that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    /// Prometheus answers with an error.
    Error(String),
    /// The rules leave the answer open, such as which of two equal series is among the top ones.
    Open,
}

pub(crate) const SAME_LABELS: &str = "vector cannot contain metrics with the same labelset";

/// What one step gives: series with one value each.
pub(crate) type Row = Vec<Cell>;

/// A series at one step.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) labels: Labels,
    pub(crate) value: f64,
    pub(crate) drop_name: bool,
    /// The place of the series that it comes from. Results are in the order of what they come from.
    pub(crate) place: usize,
}

/// The rows of all steps as series, in order of their places. Two equal series in one row are an error, but with a
/// single step only if names are dropped at once.
pub(crate) fn from_rows(rows: Vec<Row>, grid: Grid, delayed: bool) -> Result<Vec<Series>, Stop> {
    let steps = rows.len();
    let mut series: Vec<(usize, Series)> = Vec::new();
    for (step, row) in rows.into_iter().enumerate() {
        for Cell { labels, value, drop_name, place } in row {
            match series.iter_mut().find(|(_, series)| series.labels == labels) {
                Some((first, known)) if known.values[step].is_none() => {
                    known.values[step] = Some(value);
                    *first = place.min(*first);
                }
                Some(_) if !(grid.is_single() && delayed) => return Err(Stop::Error(SAME_LABELS.to_owned())),
                _ => {
                    let mut values = vec![None; steps];
                    values[step] = Some(value);
                    series.push((place, Series { labels, values, drop_name }));
                }
            }
        }
    }
    series.sort_by_key(|(place, _)| *place);
    Ok(series.into_iter().map(|(_, series)| series).collect())
}

/// What the series give at one step.
pub(crate) fn row(series: &[Series], step: usize) -> Row {
    let cell = |(place, series): (usize, &Series)| {
        let value = series.values[step]?;
        Some(Cell { labels: series.labels.clone(), value, drop_name: series.drop_name, place })
    };
    series.iter().enumerate().filter_map(cell).collect()
}

/// Joins series with equal labels into one; a step at which two of them have a value is an error.
pub(crate) fn merge(series: Vec<Series>) -> Result<Vec<Series>, Stop> {
    let mut merged: Vec<Series> = Vec::new();
    for series in series {
        let Some(known) = merged.iter_mut().find(|known| known.labels == series.labels) else {
            merged.push(series);
            continue;
        };
        for (known, value) in known.values.iter_mut().zip(series.values) {
            if known.is_some() && value.is_some() {
                return Err(Stop::Error(SAME_LABELS.to_owned()));
            }
            *known = known.or(value);
        }
    }
    Ok(merged)
}

/// Without series that have no value at all.
pub(crate) fn without_empty(mut series: Vec<Series>) -> Vec<Series> {
    series.retain(|series| series.values.iter().any(Option::is_some));
    series
}

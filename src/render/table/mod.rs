//! Tables for people: the labels that all series share are told once, above; each label that varies is a column.
//!
//! ```text
//! up{job="node"}
//!  instance │ value
//! ──────────┼───────
//!  a:9090   │     1
//!  b:9090   │     0
//! 2 series at 2023-11-14T22:13:20Z
//! ```
//!
//! [`Table::of`] arranges a value into plain data, which a front end may paint as it likes; [`Table::paint`] is the
//! painter for everything that shows characters in columns of one width. A matrix shows every sample when its series
//! were read as they are (`up[5m]`), one column for each step when a range query has a few, and otherwise a line for
//! each series with its first, last, lowest and highest value and its course.

mod arrange;
mod brief;
mod histogram;
mod paint;

pub use brief::brief;
pub use paint::Style;

use super::format::{Answer, Format};
use crate::model::Value;
use crate::model::value::MatrixSeries;

/// Tables for people.
pub const FORMAT: Format = Format {
    name: "table",
    summary: "A table with one column for each label that varies.",
    for_people: true,
    answer,
    error: None,
};

/// A value arranged in rows and columns. Nothing in it holds a control character.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The labels that all series share, as a selector; empty if there are none.
    pub shared: String,
    /// The columns from left to right; none if there is nothing to show.
    pub columns: Vec<Column>,
    /// The rows, each with one cell for each column.
    pub rows: Vec<Vec<String>>,
    /// How much this is, and of when; may be empty.
    pub footer: String,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// How its cells line up.
    pub align: Align,
}

/// How the cells of a column line up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Align {
    /// Text: at the left, and cut where room is short.
    Text,
    /// Numbers: their decimal points one below the other; never cut.
    Number,
    /// At the left, and never cut: dates, and pictures made of characters.
    Fixed,
}

impl Table {
    /// A table of these columns and rows, below which `footer` stands.
    pub fn new<const COLUMNS: usize>(
        columns: [(&str, Align); COLUMNS],
        rows: impl IntoIterator<Item = Vec<String>>,
        footer: impl Into<String>,
    ) -> Table {
        Table {
            shared: String::new(),
            columns: columns.map(|(title, align)| Column::new(title, align)).into(),
            rows: rows.into_iter().collect(),
            footer: footer.into(),
        }
    }

    /// Arranges `value`.
    pub fn of(value: &Value) -> Table {
        arrange::arrange(value)
    }

    /// Whether [`Table::of`] shows all values of a range query's answer, rather than their course.
    pub fn shows_every_step(matrix: &[MatrixSeries]) -> bool {
        matrix.iter().all(|series| series.floats.len() <= arrange::MOST_STEP_COLUMNS)
    }

    /// Whether each row is painted in a line, rather than as a record, in this style.
    pub fn fits(&self, style: &Style) -> bool {
        paint::fits(self, style)
    }

    /// The table as text, each line with its newline.
    pub fn paint(&self, style: &Style) -> String {
        paint::paint(self, style)
    }
}

fn answer(answer: &Answer<'_>, out: &mut String) {
    out.push_str(&Table::of(answer.value).paint(&Style::default()));
}

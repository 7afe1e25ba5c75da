//! Tables for documents: the same rows and columns as on a screen, in GitHub's Markdown.
//!
//! ```text
//! `up{job="node"}`
//!
//! | instance | value |
//! | :--- | ---: |
//! | a:9090 | 1 |
//!
//! 1 series at 2023-11-14T22:13:20Z
//! ```

use super::format::{Answer, Format};
use super::table::{Align, Table};

/// Tables for documents.
pub const FORMAT: Format = Format {
    name: "markdown",
    summary: "The table in Markdown, for documents and issues.",
    for_people: false,
    answer,
    error: None,
};

fn answer(answer: &Answer<'_>, out: &mut String) {
    let table = Table::of(answer.value);
    if !table.shared.is_empty() {
        out.push_str(&format!("`{}`\n\n", table.shared.replace('`', "\\`")));
    }
    if !table.columns.is_empty() {
        push_row(out, table.columns.iter().map(|column| column.title.as_str()));
        push_row(
            out,
            table.columns.iter().map(|column| if column.align == Align::Number { "---:" } else { ":---" }),
        );
        for row in &table.rows {
            push_row(out, row.iter().map(String::as_str));
        }
        out.push('\n');
    }
    out.push_str(&table.footer);
    out.push_str("\n\n");
}

fn push_row<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for cell in cells {
        out.push_str("| ");
        out.push_str(&cell.replace('\\', "\\\\").replace('|', "\\|"));
        out.push(' ');
    }
    out.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;
    use crate::model::value::{InstantSample, SampleValue, Value};

    #[test]
    fn a_table_of_two() {
        let sample = |path: &str, value| InstantSample {
            labels: Labels::from_pairs([("__name__", "up"), ("path", path)]),
            timestamp: 0,
            value: SampleValue::Float(value),
        };
        let vector = Value::from(vec![sample("a|b", 1.0), sample("c", 0.5)]);
        let expected = "`up`\n\n| path | value |\n| :--- | ---: |\n| a\\|b | 1 |\n| c | 0.5 |\n\n\
                        2 series at 1970-01-01T00:00:00Z\n\n";
        assert_eq!(FORMAT.text(&Answer::of(&vector)), expected);
        assert_eq!(FORMAT.text(&Answer::of(&Value::Vector([].into()))), "no series\n\n");
    }
}

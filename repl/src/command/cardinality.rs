//! `.cardinality`: what makes the many series.

use std::collections::{BTreeMap, BTreeSet};

use promqlite::render::printable;
use promqlite::render::table::{Align, Table};

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::explore::series_of;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".cardinality",
    arguments: &[],
    summary: "Show the metrics with most series and the labels with most values.",
    details: "",
    run,
};

/// So many metrics and labels are shown.
const SHOWN: usize = 10;

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let series = series_of(session.store(), &[])?;
    let mut metrics: BTreeMap<&str, usize> = BTreeMap::new();
    let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for series in &series {
        *metrics.entry(series.metric_name()).or_default() += 1;
        for (name, value) in series.iter().filter(|(name, _)| *name != "__name__") {
            labels.entry(name).or_default().insert(value);
        }
    }
    let labels = labels.into_iter().map(|(name, values)| (name, values.len()));
    let metrics =
        largest("metric", "series", metrics, |count| format!("{} series of {count} metrics", series.len()));
    let labels = largest("label", "values", labels, |count| format!("{count} labels"));
    output.answer(&metrics.paint(&output.style()))?;
    Ok(output.answer(&labels.paint(&output.style()))?)
}

/// The entries with the largest counts; `footer` is told how many entries there are.
fn largest<'a>(
    what: &str,
    counted: &str,
    entries: impl IntoIterator<Item = (&'a str, usize)>,
    footer: impl Fn(usize) -> String,
) -> Table {
    let mut entries: Vec<(&str, usize)> = entries.into_iter().collect();
    entries.sort_by_key(|(name, count)| (usize::MAX - count, *name));
    let rows =
        entries.iter().take(SHOWN).map(|(name, count)| vec![printable(name).into_owned(), count.to_string()]);
    Table::new([(what, Align::Text), (counted, Align::Number)], rows, footer(entries.len()))
}

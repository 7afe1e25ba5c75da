//! `.metrics [PATTERN]`: the metrics that there are.

use std::collections::BTreeMap;

use promqlite::render::printable;
use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::explore::{describe, glob_matches, series_of};
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".metrics",
    arguments: &[Argument::optional("PATTERN", Kind::Metric)],
    summary: "List the metrics with type, number of series, and help.",
    details: "PATTERN is part of a name, or a whole name with `*` for anything: `.metrics http`, `.metrics *_total`.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let pattern = arguments.get(0).unwrap_or("*");
    let mut metrics: BTreeMap<String, usize> = BTreeMap::new();
    for labels in series_of(session.store(), &[])? {
        *metrics.entry(labels.metric_name().to_owned()).or_default() += 1;
    }
    metrics.retain(|name, _| glob_matches(pattern, name));
    let columns =
        [("metric", Align::Fixed), ("type", Align::Text), ("series", Align::Number), ("help", Align::Text)];
    let rows = metrics.iter().map(|(name, count)| {
        let metadata = describe(session.store(), name);
        let (kind, help) = metadata.map(|m| (m.metric_type.clone(), m.help.clone())).unwrap_or_default();
        vec![
            printable(name).into_owned(),
            printable(&kind).into_owned(),
            count.to_string(),
            printable(&help).into_owned(),
        ]
    });
    let table = Table::new(columns, rows, format!("{} metrics", metrics.len()));
    Ok(output.answer(&table.paint(&output.style()))?)
}

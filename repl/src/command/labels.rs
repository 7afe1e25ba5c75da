//! `.labels [SELECTOR]`: the labels of series.

use promqlite::model::TimeRange;
use promqlite::render::printable;
use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".labels",
    arguments: &[Argument::optional("SELECTOR", Kind::Query)],
    summary: "List the labels of the series that a selector selects, or of all.",
    details: "",
    run,
};

/// So many values of a label are shown.
const VALUES_SHOWN: usize = 8;

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let matchers = session.matchers(arguments.get(0).unwrap_or_default())?;
    let store = session.store();
    let names = store.label_names(&matchers, TimeRange::ALL)?;
    let mut rows = Vec::with_capacity(names.len());
    for name in &names {
        let values = store.label_values(name, &matchers, TimeRange::ALL)?;
        let shown: Vec<_> = values.iter().take(VALUES_SHOWN).map(|value| printable(value)).collect();
        let more = if values.len() > VALUES_SHOWN { ", ..." } else { "" };
        rows.push(vec![
            printable(name).into_owned(),
            values.len().to_string(),
            format!("{}{more}", shown.join(", ")),
        ]);
    }
    let columns = [("label", Align::Text), ("values", Align::Number), ("which are", Align::Text)];
    let table = Table::new(columns, rows, format!("{} labels", names.len()));
    Ok(output.answer(&table.paint(&output.style()))?)
}

//! `.values LABEL [SELECTOR]`: the values of a label.

use std::collections::BTreeMap;

use promqlite::model::TimeRange;
use promqlite::render::printable;
use promqlite::render::table::{Align, Table};
use promqlite::similar::nearest;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::explore::series_of;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".values",
    arguments: &[Argument::required("LABEL", Kind::Label), Argument::optional("SELECTOR", Kind::Query)],
    summary: "List the values of a label and how many series have each.",
    details: "With a selector only its series count.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let label = arguments.get(0).unwrap_or_default();
    let matchers = session.matchers(arguments.get(1).unwrap_or_default())?;
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for labels in series_of(session.store(), &matchers)? {
        if let Some(value) = labels.get(label) {
            *values.entry(value.to_owned()).or_default() += 1;
        }
    }
    if values.is_empty() {
        let names = session.store().label_names(&matchers, TimeRange::ALL)?;
        let near = nearest(label, names.iter().map(String::as_str), 1);
        let near = near.first().map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        let help = format!("{near}`.labels` lists those that there are");
        return Err(ShellError::Unknown { what: format!("label {label:?}"), help });
    }
    let rows = values.iter().map(|(value, count)| vec![printable(value).into_owned(), count.to_string()]);
    let columns = [(label, Align::Text), ("series", Align::Number)];
    let table = Table::new(columns, rows, format!("{} values", values.len()));
    Ok(output.answer(&table.paint(&output.style()))?)
}

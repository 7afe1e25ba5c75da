//! `.tree QUERY`: what each part of a query comes to.

use promqlite::inspect::{Part, tree};
use promqlite::model::ValueType;
use promqlite::render::printable;
use promqlite::render::table::{Align, Table, brief};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".tree",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Show each part of a query with its series, their labels, and one of them.",
    details: "Each part is evaluated by itself, at the times at which the query would be. Of a range vector the number \
              of samples in the last window is shown.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = &*session.expand(arguments.get(0).unwrap_or_default())?;
    let part = session.inspect(query, |engine, store, times| tree(engine, query, store, times))?;
    let columns = [
        ("part", Align::Text),
        ("series", Align::Number),
        ("labels", Align::Text),
        ("for example", Align::Text),
        ("", Align::Number),
    ];
    let mut table = Table::new(columns, [], "");
    add(&part, "", "", &mut table);
    // The shape of the tree is what matters most: it is cut only where it is wide.
    if table.rows.iter().all(|row| row[0].chars().count() <= WIDEST_WHOLE) {
        table.columns[0].align = Align::Fixed;
    }
    Ok(output.answer(&table.paint(&output.style()))?)
}

/// Parts up to this width are never cut.
const WIDEST_WHOLE: usize = 48;

/// Adds the row of a part and those of its parts, which hang below it.
fn add(part: &Part, branch: &str, below: &str, table: &mut Table) {
    let (example, value) = match &part.example {
        Some((labels, value)) => (labels.to_string(), value.map(brief).unwrap_or_default()),
        None => (String::new(), String::new()),
    };
    let value = match (part.value_type, value.is_empty()) {
        (ValueType::Matrix, false) => format!("{value} samples"),
        _ => value,
    };
    table.rows.push(vec![
        format!("{branch}{}", printable(&part.head)),
        part.series.map(|series| series.to_string()).unwrap_or_default(),
        printable(&part.labels.join(", ")).into_owned(),
        example,
        value,
    ]);
    for (i, child) in part.parts.iter().enumerate() {
        let (branch, rest) =
            if i + 1 == part.parts.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        add(child, &format!("{below}{branch}"), &format!("{below}{rest}"), table);
    }
}

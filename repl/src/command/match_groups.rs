//! `.match QUERY`: which series of the two sides of an operator meet.

use promqlite::Labels;
use promqlite::inspect::{MatchGroup, match_groups};
use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".match",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Show which series on the two sides of the outermost operator meet.",
    details: "Series meet that agree in the labels of the group. The groups without a partner come last.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = &*session.expand(arguments.get(0).unwrap_or_default())?;
    let groups = session.inspect(query, |engine, store, times| match_groups(engine, query, store, times))?;
    let Some(groups) = groups else {
        return Err(COMMAND.misuse("there is no operator between two vectors in this query"));
    };
    let matched = groups.iter().filter(|group| group.is_matched()).count();
    let columns = [("group", Align::Text), ("left", Align::Text), ("right", Align::Text)];
    let footer = format!("{matched} of {} groups have series on both sides", groups.len());
    let table = Table::new(columns, groups.iter().map(row), footer);
    Ok(output.answer(&table.paint(&output.style()))?)
}

fn row(group: &MatchGroup) -> Vec<String> {
    vec![group.labels.to_string(), side(&group.left), side(&group.right)]
}

/// The one series of a side, or the first and how many there are.
fn side(series: &[Labels]) -> String {
    match series {
        [] => "none".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

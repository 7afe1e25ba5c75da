//! `.series SELECTOR`: the series that a selector selects.

use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::explore::series_of;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".series",
    arguments: &[Argument::required("SELECTOR", Kind::Query)],
    summary: "List the series that a selector selects, whenever they have samples.",
    details: "",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let matchers = session.matchers(arguments.get(0).unwrap_or_default())?;
    let series = series_of(session.store(), &matchers)?;
    let rows = series.iter().map(|labels| vec![labels.to_string()]);
    let table = Table::new([("series", Align::Fixed)], rows, format!("{} series", series.len()));
    Ok(output.answer(&table.paint(&output.style()))?)
}

//! `.expand QUERY`: a query with what its names stand for.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".expand",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Show a query with what the names that `.let` gave stand for.",
    details: "This is the text that is evaluated, and that errors are told about.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = session.expand(arguments.get(0).unwrap_or_default())?;
    Ok(output.answer(&format!("{query}\n"))?)
}

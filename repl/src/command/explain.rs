//! `.explain QUERY`: what the engine is going to do.

use promqlite::inspect::explain;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".explain",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Show the plan of a query: what is read, when, and what is done with it.",
    details: "",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = &*session.expand(arguments.get(0).unwrap_or_default())?;
    let plan = session.inspect(query, |engine, _, times| Ok(explain(engine, query, times)?.to_string()))?;
    Ok(output.answer(&plan)?)
}

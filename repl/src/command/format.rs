//! `.format QUERY`: a query as one would write it.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".format",
    arguments: &[Argument::optional("QUERY", Kind::Query)],
    summary: "Show a query, or the last one, neatly, on several lines if it is long.",
    details: "It is broken and indented as Prometheus\' own formatter does it. Comments are lost, and names that `.let` \
              gave are replaced.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = arguments.get(0).unwrap_or(session.last_query()).to_owned();
    if query.is_empty() {
        return Err(COMMAND.misuse("there was no query yet"));
    }
    let pretty = session.formatted(&query)?;
    Ok(output.answer(&format!("{pretty}\n"))?)
}

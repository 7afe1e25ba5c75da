//! `.why [QUERY]`: why there is no answer.

use promqlite::why::why;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".why",
    arguments: &[Argument::optional("QUERY", Kind::Query)],
    summary: "Explain why the answer to a query, or to the last one, is empty.",
    details: "The likeliest reason comes first, each with the part of the query that is to blame. At the prompt an \
              empty answer tells its likeliest reason by itself.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = arguments.get(0).unwrap_or(session.last_query()).to_owned();
    if query.is_empty() {
        return Err(COMMAND.misuse("there was no query yet"));
    }
    let query = session.expand(&query)?;
    let findings = session.inspect(&query, |engine, store, times| why(engine, &query, store, times))?;
    if findings.is_empty() {
        return Ok(output.answer("the answer is not empty, or nothing is known about why\n")?);
    }
    for finding in findings {
        output.answer(&finding.diagnostic().render(&query))?;
    }
    Ok(())
}

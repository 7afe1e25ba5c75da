//! `.explain QUERY`: what the engine is going to do.

use promqlite::inspect::Times;
use promqlite::plan::node::QueryTimes;
use promqlite::plan::{self, explain::explain};

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
    let plan = session.inspect(query, |engine, _, Times { start, end, step }| {
        let options = engine.options();
        let times = QueryTimes {
            start,
            end,
            step,
            lookback: options.lookback_ms,
            default_subquery_step: options.default_subquery_step_ms,
        };
        Ok(explain(&plan::build(engine.prepare(query)?.expr(), times)?).to_string())
    })?;
    Ok(output.answer(&plan)?)
}

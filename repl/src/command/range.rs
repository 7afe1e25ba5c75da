//! `.range START END STEP`: queries become range queries.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".range",
    arguments: &[
        Argument::required("START", Kind::Time),
        Argument::required("END", Kind::Time),
        Argument::required("STEP", Kind::Duration),
    ],
    summary: "Evaluate queries at each step from START to END.",
    details: "START and END are times as `.at` takes them, STEP is a duration as in `30s`, or seconds: \
              `.range -1h end 1m` is the last hour of the data. `.instant` goes back to one time.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let start = arguments.parse(0, &COMMAND)?;
    let end = arguments.parse(1, &COMMAND)?;
    let step = arguments.parse(2, &COMMAND)?;
    if let (Some(start), Some(end), Some(step)) = (start, end, step) {
        session.evaluate_range(start, end, step)?;
    }
    session.say_when(output)
}

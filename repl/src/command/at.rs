//! `.at TIME|now`: at which time queries are evaluated.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".at",
    arguments: &[Argument::required("TIME|now", Kind::Time)],
    summary: "Evaluate queries at this time.",
    details: "TIME is Unix seconds, RFC 3339, or relative to the newest sample (`end-1h`, or `-1h` for short), to the \
              oldest (`start+5m`) or to the clock (`now-5m`). `.at end` is what a session starts with.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    session.evaluate_at(arguments.parse(0, &COMMAND)?);
    session.say_when(output)
}

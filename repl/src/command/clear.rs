//! `.clear`: forget all series.

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".clear",
    arguments: &[],
    summary: "Forget all series that were loaded.",
    details: "",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    session.clear();
    session.say(format_args!("no series"), output)
}

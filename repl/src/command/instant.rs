//! `.instant`: one answer for each query again, after `.range`.

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".instant",
    arguments: &[],
    summary: "Evaluate queries at one time again, after `.range`.",
    details: "That time is the one of the last `.at`, or the newest sample.",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    session.evaluate_at(None);
    session.say_when(output)
}

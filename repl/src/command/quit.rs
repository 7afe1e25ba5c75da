//! `.quit`: leave.

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".quit",
    arguments: &[],
    summary: "Leave the shell; so does Ctrl-D.",
    details: "In a script, what stands behind it is not run.",
    run,
};

/// What other shells call it.
pub(super) const EXIT: Command = Command { name: ".exit", summary: "The same as `.quit`.", ..COMMAND };

fn run(session: &mut Session, _: &Arguments, _: &mut Output<'_>) -> Result<(), ShellError> {
    session.leave();
    Ok(())
}

//! `.timer on|off`: say what each query took.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".timer",
    arguments: &[Argument::required("on|off", Kind::Switch)],
    summary: "Say below each answer how long it took and how much was read.",
    details: "",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, _: &mut Output<'_>) -> Result<(), ShellError> {
    let on = match arguments.get(0) {
        Some("on") => true,
        Some("off") => false,
        other => {
            return Err(COMMAND.misuse(format!(".timer is on or off, not {:?}", other.unwrap_or_default())));
        }
    };
    session.preferences_mut().timer = on;
    Ok(())
}

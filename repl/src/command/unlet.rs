//! `.unlet NAME`: forget a name that `.let` gave.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".unlet",
    arguments: &[Argument::required("NAME", Kind::Variable)],
    summary: "Forget a name that `.let` gave.",
    details: "",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let name = arguments.get(0).unwrap_or_default().trim_start_matches('$');
    if !session.variables_mut().forget(name) {
        return Err(COMMAND.misuse(format!("${name} stands for nothing")));
    }
    session.say(format_args!("${name} is forgotten"), output)
}

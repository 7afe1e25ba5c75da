//! `.output FORMAT [FILE]`: how answers are written, and where to.

use std::fs::File;
use std::path::Path;

use promqlite::render::{self, FORMATS};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::source::SourceError;

pub(super) const COMMAND: Command = Command {
    name: ".output",
    arguments: &[Argument::required("FORMAT", Kind::Format), Argument::optional("FILE", Kind::File)],
    summary: "Write answers in this format, and into a file if one is given.",
    details: "A file that is there is written over. `.output table` goes back to the screen.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let name = arguments.get(0).unwrap_or_default();
    let Some(format) = render::lookup(name) else {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        return Err(COMMAND.misuse(format!("there is no format {name:?}: take one of {}", names.join(", "))));
    };
    let file = match arguments.get(1) {
        Some(path) => {
            Some(File::create(path).map_err(|error| SourceError::unreadable(Path::new(path), error))?)
        }
        None => None,
    };
    session.write_answers(format, file);
    match arguments.get(1) {
        Some(path) => session.say(format_args!("answers go to {path} as {name}"), output),
        None => session.say(format_args!("answers are written as {name}"), output),
    }
}

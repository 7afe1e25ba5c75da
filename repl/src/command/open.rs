//! `.open [DIR]`: query a data directory.

use std::path::Path;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::source::Loaded;

pub(super) const COMMAND: Command = Command {
    name: ".open",
    arguments: &[Argument::optional("DIR", Kind::File)],
    summary: "Query a Prometheus data directory, or one block, instead of what there is.",
    details: "The directory is only read, as it is at this moment: a server may go on writing to it. `.open` alone reads \
              it again. `.load` adds a directory to what there is.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    match arguments.get(0) {
        Some(path) => {
            let loaded = session.open(Path::new(path))?;
            session.say(format_args!("{path}: {loaded}"), output)?;
        }
        None if session.data().directories().len() == 0 => {
            return Err(COMMAND.misuse("no data directory is open, so that none can be read again"));
        }
        None => {
            session.reopen()?;
            for directory in session.data().directories() {
                let loaded = Loaded::of_directory(directory);
                session.say(format_args!("{}: {loaded}", directory.path().display()), output)?;
            }
        }
    }
    for torn in session.data().directories().flat_map(|directory| directory.torn()) {
        session.say(format_args!("cut off while it was written, and read up to there: {torn}"), output)?;
    }
    Ok(())
}

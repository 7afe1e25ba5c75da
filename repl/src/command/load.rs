//! `.load FILE [TIME]`: add the series of a file.

use std::path::Path;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".load",
    arguments: &[Argument::required("FILE", Kind::File), Argument::optional("TIME", Kind::Time)],
    summary: "Add a scrape, an OpenMetrics file, a `.test` script's `load` blocks, or a data directory.",
    details: "Samples that have no time of their own get TIME, or the time of the clock. A file with an error in it \
              is not loaded at all.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let path = Path::new(arguments.get(0).unwrap_or_default());
    let time = arguments.parse(1, &COMMAND)?;
    let loaded = session.load(path, time)?;
    session.say(format_args!("{}: {loaded}", path.display()), output)
}

//! `.lookback DURATION`: how far back an instant selector looks for a sample.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::moment::Millis;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".lookback",
    arguments: &[Argument::required("DURATION", Kind::Duration)],
    summary: "Look so far back for the newest sample of a series.",
    details: "A session starts with 5m, as Prometheus does.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    if let Some(Millis(lookback)) = arguments.parse(0, &COMMAND)? {
        session.set_lookback(lookback);
        session.say(format_args!("selectors look back {}", Millis(lookback)), output)?;
    }
    Ok(())
}

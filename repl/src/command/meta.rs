//! `.meta METRIC`: what is known of a metric beyond its samples.

use promqlite::model::TimeRange;
use promqlite::similar::nearest;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::explore::describe;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".meta",
    arguments: &[Argument::required("METRIC", Kind::Metric)],
    summary: "Show a metric's type, unit and help.",
    details: "They come from the `# TYPE`, `# UNIT` and `# HELP` lines of a scrape.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let name = arguments.get(0).unwrap_or_default();
    let Some(metadata) = describe(session.store(), name) else {
        let names = session.store().label_values("__name__", &[], TimeRange::ALL)?;
        if names.iter().any(|known| known == name) {
            return Ok(output.answer(&format!("{name}: nothing is known but its samples\n"))?);
        }
        let near = nearest(name, names.iter().map(String::as_str), 1);
        let near = near.first().map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        let help = format!("{near}`.metrics` lists those that there are");
        return Err(ShellError::Unknown { what: format!("metric {name:?}"), help });
    };
    let told = [("type", &metadata.metric_type), ("unit", &metadata.unit), ("help", &metadata.help)];
    let lines = told.iter().filter(|(_, text)| !text.is_empty());
    let text: String = lines.map(|(what, text)| format!("  {what}  {text}\n")).collect();
    Ok(output.answer(&format!("{name}\n{text}"))?)
}

//! `.show`: the settings and the data of the session.

use promqlite::SeriesStore;
use promqlite::render::rfc3339;

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::settings::SETTINGS;
use crate::source::Loaded;

pub(super) const COMMAND: Command = Command {
    name: ".show",
    arguments: &[],
    summary: "Show the settings, and how much data there is.",
    details: "`.set` changes the settings.",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let memory = session.data().memory();
    let stats = memory.stats();
    let data = match memory.time_range() {
        Some(range) => format!(
            "{} samples of {} series, {} to {}",
            stats.samples,
            stats.series,
            rfc3339(range.start),
            rfc3339(range.end)
        ),
        None => "none".to_owned(),
    };
    let features = session.feature_names().join(", ");
    let directories = session.data().directories().map(|directory| {
        ("directory", format!("{}: {}", directory.path().display(), Loaded::of_directory(directory)))
    });
    let mut lines: Vec<(&str, String)> = directories.collect();
    if lines.is_empty() || stats.series > 0 {
        lines.insert(0, ("data", data));
    }
    lines.extend(session.scrapers().iter().map(|scraper| {
        let status = scraper.status();
        let state = status.error.unwrap_or_else(|| format!("{} samples", status.samples));
        ("scrape", format!("{} every {}: {state}", scraper.target().url(), scraper.interval()))
    }));
    lines.push(("queries", format!("evaluated {}", session.settings().evaluation)));
    lines.push(("features", if features.is_empty() { "none".to_owned() } else { features }));
    let others = SETTINGS.iter().filter(|setting| setting.name != "at");
    lines.extend(others.map(|setting| (setting.name, (setting.get)(session))));
    let text: String = lines.iter().map(|(what, value)| format!("{what:<9} {value}\n")).collect();
    Ok(output.answer(&text)?)
}

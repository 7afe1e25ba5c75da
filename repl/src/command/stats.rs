//! `.stats`: how much there is, and what it takes.

use promqlite::SeriesStore;
use promqlite::model::TimeRange;
use promqlite::render::rfc3339;
use promqlite::render::table::{Align, Table};
use promqlite::store::disk::{DataDirectory, PartStats};

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::size::Bytes;

pub(super) const COMMAND: Command = Command {
    name: ".stats",
    arguments: &[],
    summary: "Count series, samples and bytes of what is queried.",
    details: "Of a data directory: those of its blocks, of its head, and of both; series that several of them have count \
              once in the last line. The bytes are those of its files.",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let memory = session.data().memory();
    let stats = memory.stats();
    if session.data().directories().len() == 0 || stats.series > 0 {
        let range = span(memory.time_range());
        output
            .answer(&format!("in memory: {} series, {} samples, {range}\n", stats.series, stats.samples))?;
    }
    for directory in session.data().directories() {
        output.answer(&of_directory(directory)?.paint(&output.style()))?;
    }
    Ok(())
}

fn of_directory(directory: &DataDirectory) -> Result<Table, ShellError> {
    let stats = directory.stats()?;
    let blocks = format!("{} block{}", stats.block_count, if stats.block_count == 1 { "" } else { "s" });
    let mut parts = vec![(blocks.as_str(), stats.blocks)];
    if stats.head.bytes > 0 {
        parts.push(("head", stats.head));
    }
    if parts.len() + stats.block_count > 2 {
        parts.push(("together", stats.total()));
    }
    let columns = [
        ("part", Align::Fixed),
        ("from", Align::Fixed),
        ("to", Align::Fixed),
        ("series", Align::Number),
        ("samples", Align::Number),
        ("size", Align::Fixed),
        ("bytes a sample", Align::Number),
    ];
    let rows = parts.into_iter().map(|(part, stats)| row(part, &stats));
    Ok(Table::new(columns, rows, directory.path().display().to_string()))
}

fn row(part: &str, stats: &PartStats) -> Vec<String> {
    let (from, to) = match stats.range {
        Some(range) => (rfc3339(range.start), rfc3339(range.end)),
        None => (String::new(), String::new()),
    };
    let per_sample = stats.bytes_per_sample().map(|bytes| format!("{bytes:.2}")).unwrap_or_default();
    let (series, samples) = (stats.series.to_string(), stats.samples.to_string());
    vec![part.to_owned(), from, to, series, samples, Bytes(stats.bytes).to_string(), per_sample]
}

fn span(range: Option<TimeRange>) -> String {
    match range {
        Some(range) => format!("{} to {}", rfc3339(range.start), rfc3339(range.end)),
        None => "nothing".to_owned(),
    }
}

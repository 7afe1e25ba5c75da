//! `.blocks`: the blocks of data directories.

use promqlite::render::rfc3339;
use promqlite::render::table::{Align, Table};
use promqlite::store::disk::{BlockMeta, DataDirectory};

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::size::Bytes;

pub(super) const COMMAND: Command = Command {
    name: ".blocks",
    arguments: &[],
    summary: "List the blocks of the data directories that are open.",
    details: "A block has the samples from one time up to, and without, another. Its level tells how often it was \
              compacted. `late` marks blocks of samples that came out of order, `2 deleted` two stretches of series \
              that are deleted.",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    if session.data().directories().len() == 0 {
        return Err(COMMAND.misuse("no data directory is open: `.open DIR` opens one"));
    }
    for directory in session.data().directories() {
        let rows = directory.blocks().map(|meta| row(directory, meta));
        let blocks = directory.blocks().len();
        let plural = if blocks == 1 { "" } else { "s" };
        let footer = format!("{blocks} block{plural} in {}", directory.path().display());
        let columns = [
            ("block", Align::Fixed),
            ("from", Align::Fixed),
            ("to", Align::Fixed),
            ("level", Align::Number),
            ("series", Align::Number),
            ("samples", Align::Number),
            ("size", Align::Fixed),
            ("remarks", Align::Fixed),
        ];
        let mut table = Table::new(columns, rows, footer);
        if table.rows.iter().all(|row| row.last().is_some_and(String::is_empty)) {
            table.columns.pop();
            table.rows.iter_mut().for_each(|row| row.truncate(table.columns.len()));
        }
        output.answer(&table.paint(&output.style()))?;
    }
    Ok(())
}

fn row(directory: &DataDirectory, meta: &BlockMeta) -> Vec<String> {
    let stats = meta.stats;
    let mut remarks: Vec<String> = Vec::new();
    if !meta.is_in_order() {
        remarks.push("late".to_owned());
    }
    if stats.tombstones > 0 {
        remarks.push(format!("{} deleted", stats.tombstones));
    }
    let size = directory.block_size_bytes(meta.ulid).unwrap_or_default();
    vec![
        meta.ulid.to_string(),
        rfc3339(meta.min_time),
        rfc3339(meta.max_time),
        meta.compaction.level.to_string(),
        stats.series.to_string(),
        stats.samples.to_string(),
        Bytes(size).to_string(),
        remarks.join(", "),
    ]
}

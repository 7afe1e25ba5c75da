//! `.analyze QUERY`: what each operator of a query takes.

use promqlite::inspect::{Operator, analyze};
use promqlite::render::chart::Unit;
use promqlite::render::printable;
use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::size::Bytes;

pub(super) const COMMAND: Command = Command {
    name: ".analyze",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Run a query and show what each of its operators took.",
    details: "`own` is the time in the operator itself, `time` that in its inputs, too. `read` counts samples of the store, \
              `samples` and `bytes` what the operator handed on. It runs on one thread, so that the times add up, and each \
              measurement takes a little time of its own.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = &*session.expand(arguments.get(0).unwrap_or_default())?;
    let stopwatch = session.settings().stopwatch;
    let analysis =
        session.inspect(query, |engine, store, times| analyze(engine, query, store, times, stopwatch))?;
    let columns = [
        ("operator", Align::Text),
        ("own", Align::Fixed),
        ("time", Align::Fixed),
        ("series", Align::Number),
        ("read", Align::Number),
        ("samples", Align::Number),
        ("bytes", Align::Fixed),
    ];
    let stats = analysis.result.stats;
    let footer = format!(
        "{} in all, {} samples read, at most {} held",
        seconds(analysis.time),
        stats.samples_read,
        Bytes(stats.peak_bytes)
    );
    let mut table = Table::new(columns, [], footer);
    add(&analysis.root, "", "", &mut table);
    Ok(output.answer(&table.paint(&output.style()))?)
}

fn seconds(time: std::time::Duration) -> String {
    Unit::Seconds.rounded(time.as_secs_f64())
}

/// Adds the row of an operator and those of its inputs, which hang below it.
fn add(operator: &Operator, branch: &str, below: &str, table: &mut Table) {
    // The selector says all of itself; here its name is enough to tell it.
    let text = operator.text.split(": ").next().unwrap_or_default();
    let mut row = vec![format!("{branch}{}", printable(text))];
    match operator.cost {
        Some(cost) => row.extend([
            seconds(cost.own),
            seconds(cost.time),
            cost.series.to_string(),
            if cost.read > 0 { cost.read.to_string() } else { String::new() },
            cost.samples.to_string(),
            Bytes(cost.bytes).to_string(),
        ]),
        None => row.extend(std::iter::repeat_n(String::new(), 6)),
    }
    table.rows.push(row);
    for (i, input) in operator.inputs.iter().enumerate() {
        let last = i + 1 == operator.inputs.len();
        let (branch, rest) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        add(input, &format!("{below}{branch}"), &format!("{below}{rest}"), table);
    }
}

//! `promqlite export DIR...`: samples as OpenMetrics text.

use std::io;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use promqlite::MemoryStore;
use promqlite::export::{ExportError, Exported, open_metrics};
use promqlite::model::{Matcher, TimeRange};
use promqlite::syntax::{self, Expr, Features};

use super::Subcommand;
use crate::data::Data;
use crate::moment::{Moment, Reference};
use crate::output::Output;
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "export", flags: Flags::augment_args, run };

/// Write samples as OpenMetrics text to standard output.
///
/// What OpenMetrics cannot say is left out, and told on standard error: native histograms, stale markers, and series
/// without a metric name. Exemplars, start times and metadata are not written either. `promqlite import` reads the text,
/// and so does `promtool tsdb create-blocks-from openmetrics`.
#[derive(Debug, Args)]
struct Flags {
    /// Where the samples are: a data directory, or anything else that can be queried; several are merged
    #[arg(value_name = "DIR", required = true)]
    sources: Vec<PathBuf>,

    /// Only series that this selector selects; may be given several times
    #[arg(long = "match", value_name = "SELECTOR", value_parser = selector)]
    selectors: Vec<Selector>,

    /// No samples before this time: Unix seconds, RFC 3339, `end-1h` for an hour before the newest sample
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    start: Option<Moment>,

    /// No samples after this time
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    end: Option<Moment>,
}

/// The conditions that a selector such as `up{job="node"}` sets.
#[derive(Clone, Debug)]
struct Selector(Vec<Matcher>);

fn selector(text: &str) -> Result<Selector, String> {
    match syntax::parse(text, &Features::ALL) {
        Ok(Expr::Vector(selector)) => Ok(Selector(selector.matchers.to_vec())),
        Ok(_) => Err("this is not a selector such as up{job=\"node\"}".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn run(arguments: &ArgMatches, clock: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let now = clock();
    let mut data = Data::new(MemoryStore::new());
    for source in &flags.sources {
        if let Err(error) = data.load(source, now) {
            output.remark(&format!("error: {error}\n"))?;
            return Ok(false);
        }
    }
    let known = data.store().time_range();
    let (oldest, newest) = (known.map(|range| range.start), known.map(|range| range.end));
    let reference = Reference { now, newest, oldest };
    let at = |moment: Option<Moment>, open| moment.map_or(open, |moment| moment.resolve(&reference));
    let range = TimeRange::new(at(flags.start, TimeRange::ALL.start), at(flags.end, TimeRange::ALL.end));

    let selectors: Vec<&[Matcher]> = flags.selectors.iter().map(|selector| &*selector.0).collect();
    let selectors = if selectors.is_empty() { vec![&[][..]] } else { selectors };
    let exported = open_metrics(data.store(), &selectors, range, &mut output.lines());
    match exported {
        Ok(exported) => {
            output.remark(&left_out(&exported))?;
            Ok(true)
        }
        Err(ExportError::Write(error)) => Err(error),
        Err(error) => {
            output.remark(&format!("error: {error}\n"))?;
            Ok(false)
        }
    }
}

/// Tells what the text has not; empty if it has all.
fn left_out(exported: &Exported) -> String {
    let plural = |count| if count == 1 { "" } else { "s" };
    let Exported { histograms, stale_markers, nameless_series, .. } = *exported;
    let parts = [
        (histograms, format!("{histograms} native histogram{}", plural(histograms))),
        (stale_markers, format!("{stale_markers} stale marker{}", plural(stale_markers))),
        (nameless_series, format!("{nameless_series} series without a metric name")),
    ];
    let texts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    match (texts.is_empty(), exported.samples) {
        (true, 0) => "warning: there are no such samples\n".to_owned(),
        (true, _) => String::new(),
        (false, _) => {
            format!("warning: OpenMetrics cannot say these, so they are left out: {}\n", texts.join(", "))
        }
    }
}

//! The command line.
//!
//! ```text
//! promqlite node.prom -c 'count by (mode) (node_cpu_seconds_total)' -o csv
//! promqlite --demo --start end-1h --end end --step 1m -f queries.promql
//! curl -s localhost:9100/metrics | promqlite - -c up
//! ```

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use promqlite::render::{self, Format};
use promqlite::syntax::Features;

use crate::evaluation::Evaluation;
use crate::moment::{Millis, Moment, Reference};
use crate::subcommand::{self, SUBCOMMANDS, Subcommand};

/// The features that are on without being asked for: those that only add to the language.
const DEFAULT_FEATURES: [&str; 3] =
    ["promql-experimental-functions", "promql-extended-range-selectors", "promql-binop-fill-modifiers"];

/// Query metrics with PromQL: a Prometheus data directory, a saved scrape, a test script, or the demo data set.
///
/// Without -c, -f or a script on standard input, a prompt opens.
#[derive(Debug, Parser)]
#[command(name = "promqlite", version, max_term_width = 100, after_long_help = AFTER_HELP)]
#[command(
    after_help = "Try `promqlite --demo`, and there `.help`. --help says more of each option, and has examples."
)]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "SUBCOMMAND")]
#[command(subcommand_help_heading = "Subcommands")]
struct Flags {
    /// What to query: a Prometheus data directory or a block of one, an exposition or OpenMetrics file, a `.test` script
    /// (its `load` blocks), or `-` for exposition text on standard input; several are merged. Samples that have no time of their own get the one of --time or --end, or else of the
    /// clock
    #[arg(value_name = "SOURCE")]
    sources: Vec<PathBuf>,

    /// Load the demo data set that comes with the program
    #[arg(long)]
    demo: bool,

    /// Run these lines and exit; may be given several times
    #[arg(short = 'c', long = "command", value_name = "QUERY", allow_hyphen_values = true)]
    commands: Vec<String>,

    /// Run the lines of this file and exit; `-` is standard input
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Evaluate at this time: Unix seconds, RFC 3339, `now` for the clock; without it, at the newest sample loaded
    #[arg(long, value_name = "T", allow_hyphen_values = true, conflicts_with_all = ["start", "end", "step"])]
    time: Option<Moment>,

    /// First step of a range query
    #[arg(long, value_name = "T", allow_hyphen_values = true, requires_all = ["end", "step"])]
    start: Option<Moment>,

    /// Last step of a range query
    #[arg(long, value_name = "T", allow_hyphen_values = true, requires_all = ["start", "step"])]
    end: Option<Moment>,

    /// Distance of the steps of a range query, as in `30s`, or in seconds
    #[arg(long, value_name = "D", requires_all = ["start", "end"])]
    step: Option<Millis>,

    /// How answers are written; without it `table` on a terminal and `promql` on a pipe
    #[arg(short, long, value_name = "FORMAT", value_parser = format_names())]
    output: Option<String>,

    /// Stop at the first line that fails
    #[arg(long)]
    bail: bool,

    /// Run the lines of this file first, in scripts too; a prompt has one of its own (see `promqlite config`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Run no configuration file
    #[arg(long, conflicts_with = "config")]
    no_config: bool,

    /// Switch on a feature by its name in Prometheus; may be given several times, and take several with commas.
    /// Experimental functions, extended range selectors and fill modifiers are on in the shell without it
    #[arg(long = "enable-feature", value_name = "NAME", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(Features::NAMES))]
    features: Vec<String>,
}

const AFTER_HELP: &str = "\
Examples:
  promqlite --demo               a prompt, and data: try `up == 0`, `.help`, Tab
  promqlite node.prom            a prompt, on a page that curl saved
  promqlite /var/lib/prometheus  a prompt, on the data directory of a server
  promqlite                      a prompt: try `.scrape localhost:9100`
  promqlite test rules/          unit tests of queries, as Prometheus has them

  promqlite node.prom -c 'topk(3, node_filesystem_size_bytes)' -c 'count(up)'
                                 two questions
  promqlite --demo --start -1h --end end --step 5m -o csv -c 'sum(up)'
                                 the last hour of the data, as CSV
  promqlite node.prom -f queries.promql -o json
                                 a line of JSON for each line of a file
  curl -s localhost:9100/metrics | promqlite - -c node_load1
                                 what a page says at this moment

In a script one line is one query or one dot-command (`promqlite -c .help` lists them); a backslash at the end continues \
it. Empty lines and lines that begin with # are skipped. A line that fails is told on standard error, and the next one runs.

A file that is called like a subcommand is given with its directory, as in ./check.

Exit status: 0 when all went well, 1 when a query or a file failed, 2 when the command line is wrong.";

fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(render::FORMATS.iter().map(|format| format.name))
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// To query.
    Shell(Args),
    /// Something else, and the arguments for it.
    Subcommand(&'static Subcommand, ArgMatches),
}

/// What is asked and of what, checked.
#[derive(Debug)]
pub struct Args {
    /// What to load, in this order.
    pub sources: Vec<PathBuf>,
    /// Whether to load the demo data set, before all sources.
    pub demo: bool,
    /// What to run, in this order; nothing was asked for if it is empty.
    pub scripts: Vec<Script>,
    /// When queries are evaluated.
    pub evaluation: Evaluation,
    /// How answers are written, if it was said.
    pub format: Option<&'static Format>,
    /// Whether to stop at the first line that fails.
    pub bail: bool,
    /// What is switched on.
    pub features: Features,
    /// What is run first.
    pub config: Config,
}

/// Which configuration file is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Config {
    /// That of the user, if a prompt opens.
    Usual,
    /// None.
    None,
    /// This one.
    File(PathBuf),
}

/// Lines to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// The text itself.
    Text(String),
    /// A file, or standard input if it is called `-`.
    File(PathBuf),
}

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// The whole command line as clap describes it.
pub fn command() -> clap::Command {
    Flags::command().subcommands(SUBCOMMANDS.iter().map(Subcommand::command))
}

impl Invocation {
    /// Reads the arguments of a command line, the first of which is the program's name. The error prints itself as
    /// clap's do: help and version to standard output with status 0, misuse to standard error with status 2.
    pub fn parse<I, T>(arguments: I) -> Result<Invocation, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<std::ffi::OsString> + Clone,
    {
        let mut matches = command().try_get_matches_from(arguments)?;
        if let Some((name, arguments)) = matches.remove_subcommand()
            && let Some(subcommand) = subcommand::lookup(&name)
        {
            return Ok(Invocation::Subcommand(subcommand, arguments));
        }
        Args::of(&matches).map(Invocation::Shell)
    }
}

impl Args {
    fn of(matches: &ArgMatches) -> Result<Args, clap::Error> {
        let flags = Flags::from_arg_matches(matches)?;
        let misuse = |message: String| Err(command().error(ErrorKind::ValueValidation, message));

        let mut scripts: Vec<(usize, Script)> = Vec::new();
        let indices = |id| matches.indices_of(id).into_iter().flatten();
        scripts.extend(indices("commands").zip(flags.commands.into_iter().map(Script::Text)));
        scripts.extend(indices("files").zip(flags.files.into_iter().map(Script::File)));
        scripts.sort_by_key(|(index, _)| *index);
        let scripts: Vec<Script> = scripts.into_iter().map(|(_, script)| script).collect();

        let readers = flags.sources.iter().filter(|path| path.as_os_str() == STDIN).count()
            + scripts.iter().filter(|script| **script == Script::File(STDIN.into())).count();
        if readers > 1 {
            return misuse("standard input can be read only once, and `-` is given several times".to_owned());
        }
        if flags.sources.iter().any(|path| path.as_os_str() == STDIN) && scripts.is_empty() {
            return misuse("`-` takes data from standard input: give the queries with -c or -f".to_owned());
        }

        let evaluation = match (flags.start, flags.end, flags.step) {
            (Some(start), Some(end), Some(step)) => {
                let range = Evaluation::Range { start, end, step };
                let nowhere = Reference { now: 0, newest: None, oldest: None };
                if let (true, Err(error)) =
                    (start.is_absolute() && end.is_absolute(), range.resolve(&nowhere))
                {
                    return misuse(error.to_string());
                }
                range
            }
            _ => Evaluation::Instant(flags.time.unwrap_or(Moment::NEWEST)),
        };
        let names = DEFAULT_FEATURES.into_iter().chain(flags.features.iter().map(String::as_str));
        let features = match Features::from_names(names) {
            Ok(features) => features,
            Err(unknown) => return misuse(unknown.to_string()),
        };
        Ok(Args {
            sources: flags.sources,
            demo: flags.demo,
            scripts,
            evaluation,
            format: flags.output.as_deref().and_then(render::lookup),
            bail: flags.bail,
            features,
            config: match (flags.config, flags.no_config) {
                (Some(path), _) => Config::File(path),
                (None, true) => Config::None,
                (None, false) => Config::Usual,
            },
        })
    }
}

//! `promqlite man`: the manual.

use std::io;

use clap::{ArgMatches, Args, FromArgMatches};
use clap_mangen::Man;

use super::{SUBCOMMANDS, Subcommand};
use crate::args;
use crate::output::Output;
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "man", flags: Flags::augment_args, run };

/// Write the manual page, of the program or of one of its subcommands.
///
/// `promqlite man | man -l -` reads it; `promqlite man > ~/.local/share/man/man1/promqlite.1` installs it.
#[derive(Debug, Args)]
struct Flags {
    /// A subcommand
    #[arg(value_name = "SUBCOMMAND", value_parser = names())]
    subcommand: Option<String>,
}

fn names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(SUBCOMMANDS.iter().map(|subcommand| subcommand.name))
}

fn run(arguments: &ArgMatches, _: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let mut whole = args::command();
    whole.build();
    let command = flags.subcommand.as_deref().and_then(|name| whole.find_subcommand(name)).unwrap_or(&whole);
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    output.answer(&String::from_utf8_lossy(&page)).map(|()| true)
}

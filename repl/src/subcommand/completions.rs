//! `promqlite completions SHELL`: completion of the command line in other shells.

use std::io;

use clap::{ArgMatches, Args, FromArgMatches};
use clap_complete::Shell;

use super::Subcommand;
use crate::args;
use crate::output::Output;
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "completions", flags: Flags::augment_args, run };

/// Write a script that completes the command line of promqlite in a shell.
///
/// For bash: `promqlite completions bash > ~/.local/share/bash-completion/completions/promqlite`; for zsh: into a file
/// `_promqlite` in a directory of $fpath; for fish: `~/.config/fish/completions/promqlite.fish`.
#[derive(Debug, Args)]
struct Flags {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

fn run(arguments: &ArgMatches, _: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut args::command(), "promqlite", &mut script);
    output.answer(&String::from_utf8_lossy(&script)).map(|()| true)
}

//! `promqlite config`: where the configuration file is, and what can stand in it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use clap::{ArgMatches, Args, FromArgMatches};

use super::Subcommand;
use crate::config;
use crate::output::Output;
use crate::start::Clock;
use crate::xdg;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "config", flags: Flags::augment_args, run };

/// Show a configuration file with every setting, as it is without one.
///
/// The file belongs to $XDG_CONFIG_HOME/promqlite/config, or else ~/.config/promqlite/config. Its lines are run when a
/// prompt opens.
#[derive(Debug, Args)]
struct Flags {
    /// Write it to where it belongs, unless there is one
    #[arg(long)]
    init: bool,

    /// Show where it belongs, and nothing else
    #[arg(long, conflicts_with = "init")]
    path: bool,
}

fn run(arguments: &ArgMatches, _: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let path = xdg::config_file();
    let text = config::template(path.as_deref());
    if !flags.init && !flags.path {
        return output.answer(&text).map(|()| true);
    }
    let Some(path) = path else {
        output.remark("error: there is neither $XDG_CONFIG_HOME nor $HOME\n")?;
        return Ok(false);
    };
    if flags.path {
        return output.answer(&format!("{}\n", path.display())).map(|()| true);
    }
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => output.answer(&format!("{}\n", path.display())).map(|()| true),
        Err(error) => output.remark(&format!("error: {}: {error}\n", path.display())).map(|()| false),
    }
}

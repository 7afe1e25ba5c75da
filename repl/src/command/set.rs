//! `.set [NAME] [VALUE]`: the settings of the session.

use promqlite::render::table::{Align, Table};

use super::table::did_you_mean;
use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::settings::{SETTINGS, lookup};

pub(super) const COMMAND: Command = Command {
    name: ".set",
    arguments: &[Argument::optional("NAME", Kind::Setting), Argument::optional("VALUE", Kind::Value)],
    summary: "Change a setting, show one, or list them all.",
    details: "The configuration file has lines such as `.set pager off`; `promqlite config` shows where it is and what \
              can stand in it.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let Some(name) = arguments.get(0) else {
        let row = |setting: &crate::settings::Setting| {
            vec![
                setting.name.to_owned(),
                (setting.get)(session),
                setting.values.to_owned(),
                setting.summary.to_owned(),
            ]
        };
        let columns =
            [("name", Align::Fixed), ("value", Align::Fixed), ("can be", Align::Text), ("", Align::Text)];
        let table = Table::new(columns, SETTINGS.iter().map(row), "");
        return Ok(output.answer(&table.paint(&output.style()))?);
    };
    let Some(setting) = lookup(name) else {
        let near = did_you_mean(name, SETTINGS.iter().map(|setting| setting.name));
        let help = format!("{near}`.set` lists the settings");
        return Err(ShellError::Unknown { what: format!("setting {name:?}"), help });
    };
    match arguments.get(1) {
        Some(value) => {
            (setting.set)(session, value).map_err(|reason| COMMAND.misuse(reason))?;
            session.say(format_args!("{name} is {}", (setting.get)(session)), output)
        }
        None => Ok(output.answer(&format!("{name} is {}\n", (setting.get)(session)))?),
    }
}

//! `.let [NAME = QUERY]`: give a piece of a query a name.

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".let",
    arguments: &[Argument::optional("NAME = QUERY", Kind::Definition)],
    summary: "Write $NAME for a query, a selector or a duration; alone it lists the names.",
    details: "`.let w = 5m` and `.let errors = rate(http_errors_total[$w])`, and then `sum($errors) > 1`. What a name stands \
              for is looked up when a query runs; names in strings and in comments are left alone. `.expand` shows \
              the query that is run, `.unlet` forgets a name.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let Some(definition) = arguments.get(0) else { return list(session, output) };
    let Some((name, text)) = definition.split_once('=') else {
        let name = definition.trim_start_matches('$');
        return match session.variables().get(name) {
            Some(text) => Ok(output.answer(&format!("${name} = {text}\n"))?),
            None => Err(COMMAND.misuse(format!("${name} stands for nothing"))),
        };
    };
    let (name, text) = (name.trim().trim_start_matches('$').to_owned(), text.trim());
    if text.is_empty() {
        return Err(COMMAND.misuse(format!("there is nothing that {name} could stand for")));
    }
    // What is no query by itself would be a mistake that is told again and again.
    if let Ok(query) = session.expand(text) {
        session.check_syntax(&query)?;
    }
    session.variables_mut().define(&name, text).map_err(|error| COMMAND.misuse(error))?;
    session.say(format_args!("${name} = {text}"), output)
}

fn list(session: &Session, output: &mut Output<'_>) -> Result<(), ShellError> {
    let text: String = session.variables().iter().map(|(name, text)| format!("${name} = {text}\n")).collect();
    let text = if text.is_empty() { "no names: `.let w = 5m` gives one\n" } else { &text };
    Ok(output.answer(text)?)
}

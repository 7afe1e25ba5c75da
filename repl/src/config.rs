//! The configuration file: lines that are run before the first one is typed.
//!
//! Each is a line as at the prompt, mostly `.set` and `.let`; nothing is said of those that go well. What is told of one
//! that fails ends with where it stands, and the lines behind it run all the same.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use promqlite::MemoryStore;
use promqlite::render;
use promqlite::syntax::Features;

use crate::error::ShellError;
use crate::evaluation::Evaluation;
use crate::moment::Moment;
use crate::output::Output;
use crate::script::Lines;
use crate::session::{Outcome, Session, Settings};
use crate::settings::SETTINGS;
use crate::source::SourceError;

/// Runs the lines of the file; tells whether it could be read.
pub fn run(session: &mut Session, path: &Path, output: &mut Output<'_>) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            let error = ShellError::Source(SourceError::unreadable(path, error));
            return session.tell(&error, output).map(|()| false);
        }
    };
    let talkative = session.set_talkative(false);
    let mut number = 1;
    for line in Lines::new(BufReader::new(file)) {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                session.set_talkative(talkative);
                let error = ShellError::Source(SourceError::unreadable(path, error));
                return session.tell(&error, output).map(|()| false);
            }
        };
        if session.run(&line, output)? == Outcome::Failed {
            output.remark(&format!("this is line {number} of {}\n", path.display()))?;
        }
        number += 1 + line.matches('\n').count();
    }
    session.set_talkative(talkative);
    Ok(true)
}

/// A file that changes nothing: each setting as it is, behind a `#`. `path` is where it belongs.
pub fn template(path: Option<&Path>) -> String {
    let place =
        path.map_or_else(|| "the configuration directory".to_owned(), |path| path.display().to_string());
    let mut text = format!(
        "# Read when a prompt opens, from {place}; `--no-config` leaves it out, `--config FILE`\n\
         # reads another one, in scripts too. Each line is one as at the prompt. Take away the # of those that are to count.\n"
    );
    let session = Session::new(MemoryStore::new(), defaults());
    for setting in SETTINGS {
        let value = (setting.get)(&session);
        text += &format!(
            "\n# {} It can be {}.\n#.set {} {value}\n",
            setting.summary, setting.values, setting.name
        );
    }
    text += "\n# Names for pieces of queries: `rate(http_requests_total[$w])`.\n#.let w = 5m\n";
    text
}

/// What a session at a prompt starts with.
fn defaults() -> Settings {
    Settings {
        features: Features::default(),
        format: &render::table::FORMAT,
        evaluation: Evaluation::Instant(Moment::NEWEST),
        talkative: true,
        clock: || 0,
        stopwatch: || std::time::Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// What is told of a file, and the settings behind it.
    fn told(text: &str) -> (String, Vec<String>) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("it is written");
        let mut session = Session::new(MemoryStore::new(), defaults());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = Output::new(&mut out, &mut err, None);
        assert!(run(&mut session, file.path(), &mut output).expect("streams"));
        let settings = SETTINGS.iter().map(|setting| (setting.get)(&session)).collect();
        let all = [out, err].concat();
        (String::from_utf8(all).expect("UTF-8").replace(&file.path().display().to_string(), "FILE"), settings)
    }

    #[test]
    fn the_template_changes_nothing_with_and_without_its_signs() {
        let text = template(None);
        let (said, untouched) = told("");
        assert_eq!(said, "");
        assert_eq!(told(&text), (String::new(), untouched.clone()));
        assert_eq!(told(&text.replace("#.", ".")), (String::new(), untouched));
        assert_eq!(text.matches("\n#.set ").count(), SETTINGS.len());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let (said, settings) = told(".set pager off\n\n.set rows \\\n many\n.set hints off\n.let = 5\n");
        assert!(
            said.contains("this is line 3 of FILE\n") && said.contains("this is line 6 of FILE\n"),
            "{said}"
        );
        assert!(settings.contains(&"off".to_owned()), "{settings:?}");
    }
}

//! What a line of input is, and when a prompt has all of it.

use promqlite::syntax::is_unfinished;

use crate::command::lookup;
use crate::variables::masked;

/// One line of a script, or what was typed at the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Nothing to run: empty, or a comment.
    Nothing,
    /// A dot-command: its name with the dot, and the text behind it.
    Command(&'a str, &'a str),
    /// Anything else is a query.
    Query(&'a str),
}

impl<'a> Input<'a> {
    /// Tells apart what a line can be. A dot before a letter makes a command; `.5` is a query.
    ///
    /// ```
    /// use promqlite_repl::input::Input;
    ///
    /// assert_eq!(Input::of(" .at now "), Input::Command(".at", "now"));
    /// assert_eq!(Input::of(".5 + up"), Input::Query(".5 + up"));
    /// assert_eq!(Input::of("# up"), Input::Nothing);
    /// ```
    pub fn of(line: &'a str) -> Self {
        let line = line.trim();
        match line.as_bytes() {
            [] | [b'#', ..] => Input::Nothing,
            [b'.', letter, ..] if letter.is_ascii_alphabetic() => {
                let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                Input::Command(name, rest.trim())
            }
            _ => Input::Query(line),
        }
    }
}

/// Whether all of an input is there: a prompt asks for another line until brackets and strings are closed, and after a
/// backslash at the end of the line. A bracket too many is complete too; the parser says what is wrong with it.
///
/// ```
/// use promqlite_repl::input::is_complete;
///
/// assert!(!is_complete("sum by (job) ("));
/// assert!(is_complete("sum by (job) (up)"));
/// assert!(is_complete(".load ("));
/// ```
pub fn is_complete(text: &str) -> bool {
    match Input::of(text) {
        Input::Query(query) => {
            !query.ends_with('\\') && !is_unfinished(&masked(&without_continuations(text)))
        }
        Input::Command(name, rest) => match lookup(name).and_then(|command| command.arguments.last()) {
            Some(last) if last.kind.takes_the_rest() => {
                !rest.ends_with('\\') && !is_unfinished(&masked(&without_continuations(rest)))
            }
            _ => true,
        },
        Input::Nothing => true,
    }
}

/// Joins the lines of an input that was continued with backslashes, keeping the line breaks, so that positions in
/// messages are those of the text that was typed.
pub fn without_continuations(text: &str) -> String {
    text.replace("\\\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_or_not() {
        for (text, complete) in [
            ("", true),
            ("# (", true),
            ("up \\", false),
            ("sum(\\\nup)", true),
            ("rate(up[5m]", false),
            ("up)", true),
            ("sum($x", false),
            ("rate(up[$w])", true),
            (".let x = sum(", false),
            (".let x = sum(\nup)", true),
            (".tree up + \\", false),
        ] {
            assert_eq!(is_complete(text), complete, "{text:?}");
        }
    }

    #[test]
    fn kinds_of_lines() {
        let table = [
            ("", Input::Nothing),
            ("  \t", Input::Nothing),
            ("  # x", Input::Nothing),
            (".quit", Input::Command(".quit", "")),
            (".load  a b ", Input::Command(".load", "a b")),
            ("..", Input::Query("..")),
            (".", Input::Query(".")),
            (" up ", Input::Query("up")),
        ];
        for (line, input) in table {
            assert_eq!(Input::of(line), input, "{line:?}");
        }
    }
}

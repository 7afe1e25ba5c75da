//! The words behind a command.

use std::fmt;
use std::str::FromStr;

use super::Command;
use crate::error::ShellError;

/// One argument of a command, as its row describes it.
#[derive(Debug)]
pub struct Argument {
    /// What usage lines call it.
    pub name: &'static str,
    /// What stands there.
    pub kind: Kind,
    /// Whether it must be given. None that may be left out stands before one that must be given.
    pub required: bool,
}

/// What an argument is, for those who complete it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of a file.
    File,
    /// A point in time.
    Time,
    /// A length of time.
    Duration,
    /// A function, an aggregation or a command.
    Topic,
    /// A format of answers.
    Format,
    /// `on` or `off`.
    Switch,
    /// The name of a metric.
    Metric,
    /// The name of a label.
    Label,
    /// The name of a setting.
    Setting,
    /// A value of the setting that stands before it.
    Value,
    /// A page to scrape.
    Scrape,
    /// Any word.
    Word,
    /// The name of a variable.
    Variable,
    /// A query: all the rest of the line, quotes included. It is the last argument.
    Query,
    /// A name, `=`, and a query: all the rest of the line. It is the last argument.
    Definition,
}

impl Kind {
    /// Whether it is all the rest of the line.
    pub fn takes_the_rest(self) -> bool {
        matches!(self, Kind::Query | Kind::Definition)
    }
}

impl Argument {
    /// One that must be given.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Argument { name, kind, required: true }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Argument { name, kind, required: false }
    }
}

/// The words behind a command, unquoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(Vec<String>);

/// A quote that is never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenQuote(char);

impl fmt::Display for OpenQuote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the quote {} is not closed", self.0)
    }
}

impl std::error::Error for OpenQuote {}

impl Arguments {
    /// Splits at white space. What stands in single or double quotes is one word.
    ///
    /// ```
    /// use promqlite_repl::command::Arguments;
    ///
    /// let arguments = Arguments::split(r#"my.prom "a b".prom"#).unwrap();
    /// assert_eq!(arguments.get(1), Some("a b.prom"));
    /// ```
    pub fn split(text: &str) -> Result<Self, OpenQuote> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' | '\'' => {
                    let word = word.get_or_insert_default();
                    loop {
                        match chars.next() {
                            None => return Err(OpenQuote(c)),
                            Some(end) if end == c => break,
                            Some(inside) => word.push(inside),
                        }
                    }
                }
                c if c.is_whitespace() => words.extend(word.take()),
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        Ok(Arguments(words))
    }

    /// The first words of `text`, so many at most, and then the rest of it as one argument, quotes included.
    pub(super) fn with_rest(text: &str, words: usize) -> Result<Self, OpenQuote> {
        let mut arguments = Vec::new();
        let mut rest = text.trim();
        while arguments.len() < words && !rest.is_empty() {
            let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            arguments.extend(Arguments::split(word)?.0);
            rest = behind.trim_start();
        }
        if !rest.is_empty() {
            arguments.push(rest.to_owned());
        }
        Ok(Arguments(arguments))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The argument at place `i`, if it was given.
    pub fn get(&self, i: usize) -> Option<&str> {
        self.0.get(i).map(String::as_str)
    }

    /// The argument at place `i` read as a `T`, if it was given.
    pub fn parse<T>(&self, i: usize, command: &Command) -> Result<Option<T>, ShellError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.get(i).map(|text| text.parse().map_err(|error: T::Err| command.misuse(error))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes() {
        let table: [(&str, &[&str]); 5] = [
            ("", &[]),
            ("  a\t b ", &["a", "b"]),
            (r#"'it is' "so""#, &["it is", "so"]),
            (r#"C:\dir 'a'"b"c"#, &["C:\\dir", "abc"]),
            ("''", &[""]),
        ];
        for (text, words) in table {
            assert_eq!(
                Arguments::split(text).map(|arguments| arguments.0),
                Ok(words.iter().map(|w| w.to_string()).collect())
            );
        }
        assert_eq!(Arguments::split("a 'b"), Err(OpenQuote('\'')));
        let with_rest = |text, words| Arguments::with_rest(text, words).map(|arguments| arguments.0);
        assert_eq!(with_rest(" up{a='b c'} ", 0), Ok(vec!["up{a='b c'}".to_owned()]));
        assert_eq!(with_rest("job up{a = \"b\"}", 1), Ok(vec!["job".to_owned(), "up{a = \"b\"}".to_owned()]));
        assert_eq!(with_rest("job", 1), Ok(vec!["job".to_owned()]));
        assert_eq!(with_rest("", 1), Ok(vec![]));
    }
}

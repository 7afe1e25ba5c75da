//! Names for pieces of queries: `.let w = 5m`, and from then on `rate(up[$w])`.
//!
//! ```
//! use promqlite_repl::variables::Variables;
//!
//! let mut variables = Variables::default();
//! variables.define("w", "5m").unwrap();
//! variables.define("errors", "a + b").unwrap();
//! assert_eq!(variables.expand("rate(up[$w]) / $errors").unwrap(), "rate(up[5m]) / (a + b)");
//! assert_eq!(variables.expand(r#"up{job="$w"} # $w"#).unwrap(), r#"up{job="$w"} # $w"#);
//! ```
//!
//! A name stands for text, and what it stands for is looked up when a query is run. Only an operator comes in
//! parentheses, so that what is put together still means what it meant by itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use promqlite::similar::nearest;
use promqlite::syntax::{self, Expr, Features};
use promqlite::{Diagnostic, Severity, Span};

/// The names and what they stand for.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, String>);

/// So many bytes a query may have when all names in it are replaced.
const LONGEST: usize = 1 << 17;

/// Names may stand for names this deep.
const DEEPEST: usize = 64;

impl Variables {
    /// Lets `name` stand for `text` from now on.
    ///
    /// # Errors
    ///
    /// The name is no name, or the text, with all names in it replaced, would be endless.
    pub fn define(&mut self, name: &str, text: &str) -> Result<(), VariableError> {
        let refuse = |kind| Err(VariableError { kind, span: Span::default() });
        if !is_name(name) {
            return refuse(VariableErrorKind::NoName(name.to_owned()));
        }
        let before = self.0.insert(name.to_owned(), text.to_owned());
        match self.expand(&format!("${name}")) {
            // What is not there yet may be there when it is needed.
            Ok(_) | Err(VariableError { kind: VariableErrorKind::Unknown { .. }, .. }) => Ok(()),
            Err(VariableError { kind, .. }) => {
                match before {
                    Some(before) => self.0.insert(name.to_owned(), before),
                    None => self.0.remove(name),
                };
                refuse(kind)
            }
        }
    }

    /// Forgets a name; tells whether there was one.
    pub fn forget(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// What `name` stands for.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All names and what they stand for, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// `text` with what the names in it stand for. Names in strings and in comments are left alone.
    ///
    /// # Errors
    ///
    /// A name stands for nothing, or for itself.
    pub fn expand<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, VariableError> {
        let mut out = String::new();
        let mut done = 0;
        for dollar in dollars(text) {
            let whole = text.trim().len() == dollar.range.len();
            let at = |kind| VariableError { kind, span: dollar.span() };
            let piece = self.stands_for(dollar.name(text), whole, &mut Vec::new()).map_err(at)?;
            out.push_str(&text[done..dollar.range.start]);
            out.push_str(&piece);
            done = dollar.range.end;
            if out.len() > LONGEST {
                return Err(at(VariableErrorKind::TooLong));
            }
        }
        if done == 0 {
            return Ok(Cow::Borrowed(text));
        }
        out.push_str(&text[done..]);
        Ok(Cow::Owned(out))
    }

    /// What to write in place of `$name`; `outer` are the names that it is a part of.
    fn stands_for<'a>(
        &'a self,
        name: &'a str,
        whole: bool,
        outer: &mut Vec<&'a str>,
    ) -> Result<String, VariableErrorKind> {
        let Some(text) = self.0.get(name) else {
            let near =
                nearest(name, self.0.keys().map(String::as_str), 1).first().map(|near| (*near).to_owned());
            return Err(VariableErrorKind::Unknown { name: name.to_owned(), near });
        };
        if outer.contains(&name) {
            return Err(VariableErrorKind::Endless(name.to_owned()));
        }
        if outer.len() == DEEPEST {
            return Err(VariableErrorKind::TooDeep);
        }
        outer.push(name);
        let mut out = String::new();
        let mut done = 0;
        for dollar in dollars(text) {
            out.push_str(&text[done..dollar.range.start]);
            out.push_str(&self.stands_for(dollar.name(text), false, outer)?);
            done = dollar.range.end;
            if out.len() > LONGEST {
                return Err(VariableErrorKind::TooLong);
            }
        }
        out.push_str(&text[done..]);
        outer.pop();
        if !whole && matches!(syntax::parse(&out, &Features::ALL), Ok(Expr::Binary(_) | Expr::Unary(_))) {
            out = format!("({out})");
        }
        Ok(out)
    }

    /// `text` with what the names in it stand for, and a number in place of those that stand for nothing, for those
    /// who look at queries that are still being typed.
    pub fn expand_known<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.expand(text) {
            Ok(expanded) => expanded,
            Err(_) => masked(text),
        }
    }
}

/// Whether a variable can have this name.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A `$` outside of strings and comments, with the name behind it, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dollar {
    /// From the `$` to the end of the name.
    pub(crate) range: Range<usize>,
}

impl Dollar {
    fn name<'t>(&self, text: &'t str) -> &'t str {
        &text[self.range.start + 1..self.range.end]
    }

    fn span(&self) -> Span {
        Span { start: self.range.start as u32, end: self.range.end as u32 }
    }
}

/// The `$`s with their names in `text`, in order.
pub(crate) fn dollars(text: &str) -> Vec<Dollar> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut quote = None;
    let mut i = 0;
    while i < bytes.len() {
        match (quote, bytes[i]) {
            (Some(b'"' | b'\''), b'\\') => i += 1,
            (Some(end), byte) if byte == end || (end == b'#' && byte == b'\n') => quote = None,
            (Some(_), _) => {}
            (None, b'$') => {
                let name = bytes[i + 1..].iter().take_while(|byte| is_name_byte(**byte)).count();
                found.push(Dollar { range: i..i + 1 + name });
                i += name;
            }
            (None, byte @ (b'"' | b'\'' | b'`' | b'#')) => quote = Some(byte),
            _ => {}
        }
        i += 1;
    }
    found
}

/// `text` with a number and spaces in place of its `$` names, all else where it was: so the lexer gets past them.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let dollars = dollars(text);
    if dollars.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    for Dollar { range } in dollars {
        let number = format!("{:<1$}", "1", range.len());
        out.replace_range(range, &number);
    }
    Cow::Owned(out)
}

/// A name that cannot be replaced, or not be defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableError {
    kind: VariableErrorKind,
    span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum VariableErrorKind {
    NoName(String),
    Unknown { name: String, near: Option<String> },
    Endless(String),
    TooLong,
    TooDeep,
}

impl VariableError {
    /// The error with its place in the text that was to be expanded, and help.
    pub fn diagnostic(&self) -> Diagnostic {
        let help = match &self.kind {
            VariableErrorKind::Unknown { near: Some(near), .. } => {
                Some(format!("did you mean ${near}? `.let` lists them"))
            }
            VariableErrorKind::Unknown { name, near: None } => {
                Some(format!("`.let {name} = ...` defines it"))
            }
            _ => None,
        };
        let span = (self.span != Span::default()).then_some(self.span);
        Diagnostic { severity: Severity::Error, message: self.to_string(), span, help }
    }
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            VariableErrorKind::NoName(name) => {
                write!(f, "{name:?} is no name: take letters, digits and _, a letter first")
            }
            VariableErrorKind::Unknown { name, .. } if name.is_empty() => {
                f.write_str("there is no name behind the $")
            }
            VariableErrorKind::Unknown { name, .. } => write!(f, "${name} stands for nothing"),
            VariableErrorKind::Endless(name) => write!(f, "${name} would stand for itself"),
            VariableErrorKind::TooLong => {
                write!(f, "what the names stand for is longer than {LONGEST} bytes")
            }
            VariableErrorKind::TooDeep => write!(f, "names stand for names, more than {DEEPEST} deep"),
        }
    }
}

impl std::error::Error for VariableError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let mut variables = Variables::default();
        for (name, text) in pairs {
            variables.define(name, text).expect("a definition");
        }
        variables
    }

    #[test]
    fn expansions() {
        let variables = variables(&[
            ("w", "5m"),
            ("sum", "a + b"),
            ("neg", "-a"),
            ("sel", "{job=\"x\"}"),
            ("deep", "$sum * $neg"),
            ("noted", "a # all of them\n"),
        ]);
        let table = [
            ("up", "up"),
            ("rate(up[$w])", "rate(up[5m])"),
            ("up$sel", "up{job=\"x\"}"),
            ("$sum", "a + b"),
            (" $sum ", " a + b "),
            ("2 * $sum", "2 * (a + b)"),
            ("2 ^ $neg", "2 ^ (-a)"),
            ("$deep / 2", "((a + b) * (-a)) / 2"),
            ("$noted+ 1", "a # all of them\n+ 1"),
            (r#"f("$w", '\'$w', `$w`) # $w"#, r#"f("$w", '\'$w', `$w`) # $w"#),
            ("# $w\n$w", "# $w\n5m"),
            ("ü $w", "ü 5m"),
        ];
        for (text, expanded) in table {
            assert_eq!(variables.expand(text).as_deref(), Ok(expanded), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_expanded() {
        let variables = variables(&[("window", "5m")]);
        let told =
            |text: &'static str| variables.expand(text).map_err(|error| error.diagnostic().render(text));
        let unknown = "error: $windo stands for nothing\n  up[$windo]\n     ^^^^^^\nhelp: did you mean $window? `.let` lists them\n";
        assert_eq!(told("up[$windo]"), Err(unknown.to_owned()));
        assert!(
            told("up[$]").is_err_and(
                |text| text.starts_with("error: there is no name behind the $\n  up[$]\n     ^\n")
            )
        );
    }

    #[test]
    fn definitions_end() {
        let mut variables = variables(&[("a", "1"), ("b", "$a"), ("c", "$b + $later")]);
        for (name, text) in [("a", "$c"), ("a", "$a"), ("later", "$c"), ("1a", "1"), ("", "1"), ("a b", "1")]
        {
            assert!(variables.define(name, text).is_err(), "{name} = {text}");
        }
        assert_eq!(variables.expand("$b").as_deref(), Ok("1"));
        assert!(variables.define("later", "2").is_ok() && variables.forget("a") && !variables.forget("a"));
        assert!(variables.expand("$c").is_err());

        let mut name = "x0".to_owned();
        variables.define(&name, "up").expect("a definition");
        let grown = (1..100).find_map(|i| {
            let text = format!("${name} + ${name}");
            name = format!("x{i}");
            variables.define(&name, &text).err().map(|error| (i, error.kind))
        });
        assert!(matches!(grown, Some((10..30, VariableErrorKind::TooLong))), "{grown:?}");
    }

    #[test]
    fn a_mask_moves_nothing() {
        for text in ["$a + up{x=\"$b\"} - $cc # $d", "$", "ü$x", "up"] {
            assert_eq!(masked(text).len(), text.len());
        }
        assert_eq!(masked("rate(up[$window]) + $"), "rate(up[1      ]) + 1");
    }
}

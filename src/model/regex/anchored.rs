//! The compiled expression that matchers and `label_replace` hold.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::error::{RegexError, RegexErrorKind};
use super::expand::expand;
use super::parse::parse;
use super::sequence::Sequence;
use super::shape::{Shape, without_anchors};
use super::translate::translate;
use super::tree::{Node, Tree};

/// Most memory in bytes that the engine's program for one expression may take.
const MAX_PROGRAM_BYTES: usize = 128 << 20;

/// The engine compiles a tree by recursion. Trees up to this height are compiled on the caller's stack, higher ones
/// on a stack of their own.
const MAX_HEIGHT_ON_CALLERS_STACK: usize = 16;
/// Bytes of stack for each level of a high tree; several times what an unoptimised build needs.
const STACK_BYTES_PER_LEVEL: usize = 64 << 10;

/// Up to this many instructions an expression takes a few megabytes at most, so it is compiled only when it is used.
const SMALL: u64 = 100;

/// An expression that has to match the whole of a text.
#[derive(Clone, Debug)]
pub struct AnchoredRegex {
    shape: Shape,
    sequence: Option<Sequence>,
    prefix: String,
    engine: Engine,
}

/// The engine of Rust's `regex`, compiled when it is first needed.
#[derive(Clone, Debug)]
struct Engine {
    pattern: String,
    anchors: Anchors,
    names: Vec<Option<String>>,
    height: usize,
    compiled: OnceLock<Option<Regex>>,
}

/// Where the anchors of an expression are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchors {
    /// They are to be put around what was read.
    Around,
    /// They are part of the text that is read.
    Within,
}

impl AnchoredRegex {
    /// Reads an expression as a matcher means it: `^(?s:pattern)$` in RE2's syntax.
    pub fn new(pattern: &str) -> Result<Self, RegexError> {
        AnchoredRegex::read(pattern.to_owned(), Anchors::Around)
    }

    /// Reads an expression as `label_replace` means it: the text `^(?s:pattern)$`, put together before it is read.
    ///
    /// That is the same as [`new`](AnchoredRegex::new) unless `pattern` closes a parenthesis that it did not open.
    pub fn for_label_replace(pattern: &str) -> Result<Self, RegexError> {
        AnchoredRegex::read(format!("^(?s:{pattern})$"), Anchors::Within)
    }

    fn read(pattern: String, anchors: Anchors) -> Result<Self, RegexError> {
        let tree = anchors.parse(&pattern)?;
        let (height, size) = (tree.height, tree.size);
        // The tree is dropped there too, which recurses.
        let found = on_sufficient_stack(height, move || {
            let anchored = match (&tree.root, anchors) {
                (_, Anchors::Around) => true,
                (Node::Concat(nodes), _) => without_anchors(&tree.root).len() + 2 == nodes.len(),
                _ => false,
            };
            if !anchored {
                return (Shape::Other, None, String::new(), tree.names);
            }
            let shape = Shape::of(&tree.root);
            let prefix = shape.prefix(&tree.root);
            (shape, Sequence::of(without_anchors(&tree.root)), prefix, tree.names)
        });
        let Some((shape, sequence, prefix, names)) = found else {
            return Err(RegexErrorKind::Large.at(&pattern));
        };
        let engine = Engine { pattern, anchors, names, height, compiled: OnceLock::new() };
        // What the engine is not needed for is so small that it compiles whenever it has to.
        let may_wait = size <= SMALL || shape != Shape::Other;
        if may_wait || engine.compiled().is_some() {
            Ok(AnchoredRegex { shape, sequence, prefix, engine })
        } else {
            Err(RegexErrorKind::Large.at(&engine.pattern))
        }
    }

    /// The same without anything that spares the engine.
    #[cfg(test)]
    pub(super) fn with_engine_alone(self) -> Self {
        AnchoredRegex { shape: Shape::Other, sequence: None, prefix: String::new(), ..self }
    }

    /// The sequence that the expression is, if that is the way to match `text`.
    fn sequence_for(&self, text: &str) -> Option<&Sequence> {
        self.sequence.as_ref().filter(|_| text.len() <= Sequence::LONGEST_TEXT)
    }

    /// Whether the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.shape.is_match(text).unwrap_or_else(|| match self.sequence_for(text) {
            _ if !text.starts_with(&self.prefix) => false,
            Some(sequence) => sequence.is_match(text),
            None => self.engine.compiled().is_some_and(|engine| engine.is_match(text)),
        })
    }

    /// Fills in `template` with what the groups matched in `text`, as Go's `Expand` does, or `None` where the
    /// expression does not match.
    ///
    /// ```
    /// use promqlite::model::regex::AnchoredRegex;
    ///
    /// let regex = AnchoredRegex::for_label_replace(r"(?P<host>[^:]+):(\d+)")?;
    /// assert_eq!(regex.replace("db-1:5432", "$2 of ${host}").as_deref(), Some("5432 of db-1"));
    /// assert_eq!(regex.replace("db-1", "$1"), None);
    /// # Ok::<(), promqlite::model::regex::RegexError>(())
    /// ```
    pub fn replace(&self, text: &str, template: &str) -> Option<String> {
        let names = &self.engine.names;
        if let Some(sequence) = self.sequence_for(text) {
            let groups = sequence.groups(text)?;
            return Some(expand(template, names, |group| groups.get(group).copied()));
        }
        let captures = self.engine.compiled()?.captures(text)?;
        Some(expand(template, names, |group| captures.get(group).map(|found| found.as_str())))
    }

    /// All texts that match, sorted, if the expression is a list of them such as `a|b`, `(a|b)c` or `a[0-2]`.
    pub fn literals(&self) -> Option<&[String]> {
        match &self.shape {
            Shape::Literals(literals) => Some(literals),
            _ => None,
        }
    }

    /// The text that everything that matches begins with; often empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether the expression is `.*`: every text matches.
    pub fn matches_everything(&self) -> bool {
        self.shape == Shape::Everything
    }

    /// Whether the expression is `.+`: every text but the empty one matches.
    pub fn matches_non_empty(&self) -> bool {
        self.shape == Shape::NonEmpty
    }
}

impl Engine {
    /// The program, or `None` if it would take more memory than is granted.
    fn compiled(&self) -> Option<&Regex> {
        let compile = || {
            let tree = self.anchors.parse(&self.pattern).ok()?;
            let source = match self.anchors {
                Anchors::Around => format!("\\A(?:{})\\z", translate(&tree.root)),
                Anchors::Within => translate(&tree.root),
            };
            let mut builder = RegexBuilder::new(&source);
            builder.nest_limit(u32::MAX).size_limit(MAX_PROGRAM_BYTES).build().ok()
        };
        self.compiled.get_or_init(|| on_sufficient_stack(self.height, compile).flatten()).as_ref()
    }
}

impl Anchors {
    /// A dot matches newline; where the anchors are part of the text, it says so itself.
    fn parse(self, pattern: &str) -> Result<Tree, RegexError> {
        parse(pattern, self == Anchors::Around)
    }
}

/// Runs `work`, which recurses as deep as `height`, where there is stack enough for it; `None` if there is no memory.
fn on_sufficient_stack<T: Send>(height: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if height <= MAX_HEIGHT_ON_CALLERS_STACK {
        return Some(work());
    }
    let stack = height * STACK_BYTES_PER_LEVEL;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

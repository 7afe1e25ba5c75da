//! The compiled expression that matchers and `label_replace` hold.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::error::{RegexError, RegexErrorKind};
use super::expand::expand;
use super::parse::parse;
use super::shape::Shape;
use super::translate::translate;
use super::tree::Tree;

/// Most memory in bytes that the engine's program for one expression may take.
const MAX_PROGRAM_BYTES: usize = 128 << 20;

/// The engine compiles a tree by recursion. Trees up to this height are compiled on the caller's stack, higher ones
/// on a stack of their own.
const MAX_HEIGHT_ON_CALLERS_STACK: usize = 16;
/// Bytes of stack for each level of a high tree; several times what an unoptimised build needs.
const STACK_BYTES_PER_LEVEL: usize = 64 << 10;

/// An expression that has to match the whole of a text.
#[derive(Clone, Debug)]
pub struct AnchoredRegex {
    shape: Shape,
    prefix: String,
    engine: Engine,
}

/// The engine of Rust's `regex`, compiled when it is first needed.
#[derive(Clone, Debug)]
struct Engine {
    /// The expression in Rust's syntax with its anchors.
    source: String,
    names: Vec<Option<String>>,
    height: usize,
    compiled: OnceLock<Option<Regex>>,
}

impl AnchoredRegex {
    /// Reads an expression as a matcher means it: `^(?s:pattern)$` in RE2's syntax.
    pub fn new(pattern: &str) -> Result<Self, RegexError> {
        let tree = parse(pattern, true)?;
        let regex = on_sufficient_stack(tree.height, || {
            let shape = Shape::of(&tree.root);
            let prefix = shape.prefix(&tree.root);
            let engine = Engine::new(format!("\\A(?:{})\\z", translate(&tree.root)), tree);
            AnchoredRegex { shape, prefix, engine }
        });
        // What the engine is not needed for is so small that it compiles whenever it has to.
        regex
            .filter(|regex| regex.shape != Shape::Other || regex.engine.compiled().is_some())
            .ok_or_else(|| RegexErrorKind::Large.at(pattern))
    }

    /// Reads an expression as `label_replace` means it: the text `^(?s:pattern)$`, put together before it is read.
    ///
    /// That is the same as [`new`](AnchoredRegex::new) unless `pattern` closes a parenthesis that it did not open.
    pub fn for_label_replace(pattern: &str) -> Result<Self, RegexError> {
        let wrapped = format!("^(?s:{pattern})$");
        let tree = parse(&wrapped, false)?;
        let engine = on_sufficient_stack(tree.height, || Engine::new(translate(&tree.root), tree));
        engine
            .filter(|engine| engine.compiled().is_some())
            .map(|engine| AnchoredRegex { shape: Shape::Other, prefix: String::new(), engine })
            .ok_or_else(|| RegexErrorKind::Large.at(&wrapped))
    }

    /// Whether the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.shape.is_match(text).unwrap_or_else(|| {
            text.starts_with(&self.prefix)
                && self.engine.compiled().is_some_and(|engine| engine.is_match(text))
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
        let captures = self.engine.compiled()?.captures(text)?;
        Some(expand(template, &self.engine.names, |group| captures.get(group).map(|found| found.as_str())))
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
    /// Drops the tree here, which recurses too.
    fn new(source: String, tree: Tree) -> Engine {
        Engine { source, names: tree.names, height: tree.height, compiled: OnceLock::new() }
    }

    /// The program, or `None` if it would take more memory than is granted.
    fn compiled(&self) -> Option<&Regex> {
        let compile = || {
            let mut builder = RegexBuilder::new(&self.source);
            builder.nest_limit(u32::MAX).size_limit(MAX_PROGRAM_BYTES).build().ok()
        };
        self.compiled.get_or_init(|| on_sufficient_stack(self.height, compile).flatten()).as_ref()
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

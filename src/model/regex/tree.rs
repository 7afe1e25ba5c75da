//! What an expression means: a tree in which flags are resolved and nothing of the notation is left.

use super::class::Class;

/// An expression or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Matches nothing but the empty text.
    Empty,
    /// One character, in either case if `fold`.
    Char { char: char, fold: bool },
    /// Any one character.
    Any,
    /// Any one character but a newline.
    AnyButNewline,
    /// One character of a class.
    Class(Class),
    /// A place in the text.
    Look(Look),
    /// One after the other; at least two.
    Concat(Vec<Node>),
    /// One of several, the earlier ones preferred; at least two.
    Alternate(Vec<Node>),
    /// Again and again: at least `min` times, at most `max` if there is one.
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, greedy: bool },
    /// A group whose text is kept. Groups are counted from 1 in the order of their opening parentheses.
    Capture(Box<Node>),
}

/// A condition on a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    /// Between an ASCII word character and something else.
    WordBoundary,
    NotWordBoundary,
}

/// A whole expression.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Node,
    /// How deep the tree is; 1 for a single node.
    pub(super) height: usize,
    /// How many instructions Go would compile it to.
    pub(super) size: u64,
    /// The name of each capture group, `None` for those without; the first entry is the whole match.
    pub(super) names: Vec<Option<String>>,
}

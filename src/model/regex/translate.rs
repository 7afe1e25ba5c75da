//! Writes a tree down in the syntax of Rust's `regex`, in the few notations that leave nothing to its flags.

use std::fmt::Write;

use super::class::{Class, ClassItem};
use super::tree::{Look, Node};

/// The expression in Rust's syntax, not anchored. Its groups have numbers but no names, since Rust refuses some
/// names that Go takes.
pub(super) fn translate(node: &Node) -> String {
    let mut out = String::new();
    push(&mut out, node);
    out
}

fn push(out: &mut String, node: &Node) {
    match node {
        Node::Empty => {}
        Node::Char { char, fold: false } => push_char(out, u32::from(*char)),
        Node::Char { char, fold: true } => {
            out.push_str("(?i:");
            push_char(out, u32::from(*char));
            out.push(')');
        }
        Node::Any => out.push_str("(?s:.)"),
        Node::AnyButNewline => out.push_str("[^\\n]"),
        Node::Class(class) => push_class(out, class),
        Node::Look(look) => out.push_str(match look {
            Look::TextStart => "\\A",
            Look::TextEnd => "\\z",
            Look::LineStart => "(?m:^)",
            Look::LineEnd => "(?m:$)",
            Look::WordBoundary => "(?-u:\\b)",
            Look::NotWordBoundary => "(?-u:\\B)",
        }),
        Node::Concat(nodes) => {
            for node in nodes {
                push_within(out, node, matches!(node, Node::Alternate(_)));
            }
        }
        Node::Alternate(nodes) => {
            for (i, node) in nodes.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                push(out, node);
            }
        }
        Node::Repeat { node, min, max, greedy } => {
            push_within(out, node, !matches!(**node, Node::Capture(_) | Node::Class(_) | Node::Char { .. }));
            push_counts(out, *min, *max);
            if !greedy {
                out.push('?');
            }
        }
        Node::Capture(node) => {
            out.push('(');
            push(out, node);
            out.push(')');
        }
    }
}

fn push_within(out: &mut String, node: &Node, parentheses: bool) {
    if parentheses {
        out.push_str("(?:");
        push(out, node);
        out.push(')');
    } else {
        push(out, node);
    }
}

fn push_counts(out: &mut String, min: u32, max: Option<u32>) {
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => append(out, format_args!("{{{min},}}")),
        (min, Some(max)) => append(out, format_args!("{{{min},{max}}}")),
    }
}

fn push_char(out: &mut String, code: u32) {
    match char::from_u32(code) {
        Some(c) if c.is_ascii_alphanumeric() => out.push(c),
        _ => append(out, format_args!("\\x{{{code:X}}}")),
    }
}

fn push_class(out: &mut String, class: &Class) {
    if class.fold {
        out.push_str("(?i:");
    }
    out.push_str(if class.negated { "[^" } else { "[" });
    let start = out.len();
    for item in &class.items {
        push_item(out, item);
    }
    if out.len() == start {
        // Nothing but surrogates, which no text contains.
        out.push_str("[^\\x{0}-\\x{10FFFF}]");
    }
    out.push(']');
    if class.fold {
        out.push(')');
    }
}

fn push_item(out: &mut String, item: &ClassItem) {
    const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
    match item {
        ClassItem::Range(low, high) => {
            let low = if SURROGATES.contains(low) { SURROGATES.end() + 1 } else { *low };
            let high = if SURROGATES.contains(high) { SURROGATES.start() - 1 } else { *high };
            push_range(out, low, high);
        }
        ClassItem::Ascii { ranges, negated } => {
            out.push_str(if *negated { "[^" } else { "[" });
            for (low, high) in *ranges {
                push_range(out, u32::from(*low), u32::from(*high));
            }
            out.push(']');
        }
        // The engine has no name for surrogates.
        ClassItem::Unicode { property, negated: false } if property == "gc=Cs" => {}
        ClassItem::Unicode { property, negated: true } if property == "gc=Cs" => out.push_str("\\p{Any}"),
        ClassItem::Unicode { property, negated } => {
            append(out, format_args!("\\{}{{{property}}}", if *negated { 'P' } else { 'p' }));
        }
    }
}

fn push_range(out: &mut String, low: u32, high: u32) {
    if low <= high {
        push_char(out, low);
        out.push('-');
        push_char(out, high);
    }
}

/// Writing to a `String` cannot fail.
fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

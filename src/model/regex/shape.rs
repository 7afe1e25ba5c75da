//! What most expressions come down to: a list of texts, or texts with gaps between them.
//!
//! `(get|post)_[12]` is four texts, `node-.*` is a text and a gap, `.+` is a gap of at least one character. Such
//! expressions are matched by comparing strings, and a store looks their texts up instead of trying each value.
//! Expressions that are anything else keep the engine, behind the literal text that every match begins with.

use super::class::may_fold;
use super::tree::{Look, Node};

/// Most texts that a product such as `[0-9][0-9]` is multiplied out to. An alternation may list any number.
const MAX_PRODUCT: usize = 256;
/// Most alternatives with gaps that are tried one by one.
const MAX_GAPPED: usize = 16;

/// What an expression comes down to when it has to match a whole text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Any text: `.*`
    Everything,
    /// Any text but the empty one: `.+`
    NonEmpty,
    /// One of these texts, sorted, each once.
    Literals(Vec<String>),
    /// One of these patterns.
    Globs(Vec<Glob>),
    /// Something that needs the engine.
    Other,
}

/// Texts and gaps in turn; no text is empty.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Glob(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// Any text, or any but the empty one.
    Gap {
        may_be_empty: bool,
    },
}

impl Shape {
    /// Finds the shape of `root`.
    pub(super) fn of(root: &Node) -> Shape {
        let Some(globs) = globs(without_anchors(root)) else { return Shape::Other };
        if globs.iter().all(Glob::is_literal) {
            let mut literals: Vec<String> = globs.into_iter().map(Glob::into_text).collect();
            literals.sort_unstable();
            literals.dedup();
            return Shape::Literals(literals);
        }
        let gap = |glob: &Glob| match glob.0[..] {
            [Piece::Gap { may_be_empty }] => Some(may_be_empty),
            _ => None,
        };
        if globs.iter().any(|glob| gap(glob) == Some(true)) {
            return Shape::Everything;
        }
        if globs.len() == 1 && gap(&globs[0]) == Some(false) {
            return Shape::NonEmpty;
        }
        if globs.len() <= MAX_GAPPED { Shape::Globs(globs) } else { Shape::Other }
    }

    /// Whether the whole of `text` matches, or `None` if that takes the engine.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        Some(match self {
            Shape::Everything => true,
            Shape::NonEmpty => !text.is_empty(),
            Shape::Literals(literals) => {
                literals.binary_search_by(|literal| literal.as_str().cmp(text)).is_ok()
            }
            Shape::Globs(globs) => globs.iter().any(|glob| glob.is_match(text)),
            Shape::Other => return None,
        })
    }

    /// The text that each match begins with. `root` is the expression of this shape.
    pub(super) fn prefix(&self, root: &Node) -> String {
        let mut starts: Box<dyn Iterator<Item = &str>> = match self {
            Shape::Everything | Shape::NonEmpty => Box::new(std::iter::empty()),
            Shape::Literals(literals) => Box::new(literals.iter().map(String::as_str)),
            Shape::Globs(globs) => Box::new(globs.iter().map(Glob::start)),
            Shape::Other => {
                let mut text = String::new();
                push_leading_text(&mut text, without_anchors(root));
                return text;
            }
        };
        let Some(first) = starts.next() else { return String::new() };
        let common = starts.fold(first, |common, next| {
            let differs = |((at, a), b): &((usize, char), char)| (a != b).then_some(*at);
            let end = common.char_indices().zip(next.chars()).find_map(|pair| differs(&pair));
            &common[..end.unwrap_or(common.len().min(next.len()))]
        });
        common.to_owned()
    }
}

impl Glob {
    fn text(text: &str) -> Glob {
        if text.is_empty() { Glob::default() } else { Glob(vec![Piece::Text(text.to_owned())]) }
    }

    fn is_literal(&self) -> bool {
        matches!(self.0[..], [] | [Piece::Text(_)])
    }

    fn into_text(self) -> String {
        match self.0.into_iter().next() {
            Some(Piece::Text(text)) => text,
            _ => String::new(),
        }
    }

    fn start(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// This pattern and then the other one. Two gaps of at least one character are none that is known here.
    fn then(&self, other: &Glob) -> Option<Glob> {
        let mut pieces = self.0.clone();
        for piece in &other.0 {
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(more),
                (Some(Piece::Gap { may_be_empty: false }), Piece::Gap { may_be_empty: false }) => {
                    return None;
                }
                (Some(Piece::Gap { may_be_empty }), Piece::Gap { may_be_empty: other }) => {
                    *may_be_empty &= *other
                }
                _ => pieces.push(piece.clone()),
            }
        }
        Some(Glob(pieces))
    }

    /// Each text is looked for at the first place it can be at: that leaves the most room for what follows.
    fn is_match(&self, text: &str) -> bool {
        let mut rest = text;
        // The least width in bytes of the gap that lies before this place, if one does.
        let mut gap = None;
        for (i, piece) in self.0.iter().enumerate() {
            match (piece, gap) {
                (Piece::Gap { may_be_empty }, _) => {
                    gap = Some(usize::from(!may_be_empty));
                    continue;
                }
                (Piece::Text(piece), None) => match rest.strip_prefix(piece.as_str()) {
                    Some(after) => rest = after,
                    None => return false,
                },
                (Piece::Text(piece), Some(least)) if i + 1 == self.0.len() => {
                    return rest.ends_with(piece.as_str()) && rest.len() - piece.len() >= least;
                }
                (Piece::Text(piece), Some(least)) => {
                    let skipped = if least == 0 { 0 } else { rest.chars().next().map_or(0, char::len_utf8) };
                    match rest[skipped..].find(piece.as_str()) {
                        Some(at) if skipped >= least => rest = &rest[skipped + at + piece.len()..],
                        _ => return false,
                    }
                }
            }
            gap = None;
        }
        gap.map_or(rest.is_empty(), |least| rest.len() >= least)
    }
}

/// The expression without a `^` at its start and a `$` at its end, which say nothing in an anchored one.
pub(super) fn without_anchors(root: &Node) -> &[Node] {
    let mut nodes = match root {
        Node::Concat(nodes) => nodes,
        node => std::slice::from_ref(node),
    };
    if let [Node::Look(Look::TextStart), rest @ ..] = nodes {
        nodes = rest;
    }
    if let [rest @ .., Node::Look(Look::TextEnd)] = nodes {
        nodes = rest;
    }
    nodes
}

/// All patterns that a sequence of nodes stands for.
fn globs(nodes: &[Node]) -> Option<Vec<Glob>> {
    let mut product = vec![Glob::default()];
    for node in nodes {
        let next = globs_of(node)?;
        product = multiply(&product, &next)?;
    }
    Some(product)
}

fn multiply(left: &[Glob], right: &[Glob]) -> Option<Vec<Glob>> {
    let size = left.len() * right.len();
    if size > MAX_PRODUCT && left.len() > 1 && right.len() > 1 {
        return None;
    }
    left.iter().flat_map(|start| right.iter().map(|end| start.then(end))).collect()
}

fn globs_of(node: &Node) -> Option<Vec<Glob>> {
    match node {
        Node::Empty => Some(vec![Glob::default()]),
        Node::Char { char, fold } if !(*fold && may_fold(*char)) => {
            Some(vec![Glob::text(char.encode_utf8(&mut [0; 4]))])
        }
        Node::Class(class) => {
            let members = class.members(MAX_PRODUCT)?;
            Some(members.iter().map(|c| Glob::text(c.encode_utf8(&mut [0; 4]))).collect())
        }
        Node::Capture(node) => globs_of(node),
        Node::Concat(nodes) => globs(nodes),
        Node::Alternate(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                all.extend(globs_of(node)?);
            }
            Some(all)
        }
        Node::Repeat { node, min: min @ 0..=1, max: None, .. } if **node == Node::Any => {
            Some(vec![Glob(vec![Piece::Gap { may_be_empty: *min == 0 }])])
        }
        Node::Repeat { node, min, max: Some(max), .. } => {
            let once = globs_of(node)?;
            let mut power = vec![Glob::default()];
            let mut all = Vec::new();
            for count in 0..=*max {
                if count > 0 {
                    power = multiply(&power, &once)?;
                }
                if count >= *min {
                    all.extend_from_slice(&power);
                }
                if all.len() + power.len() > MAX_PRODUCT {
                    return None;
                }
            }
            Some(all)
        }
        _ => None,
    }
}

/// Appends the text that a sequence begins with in any case; tells whether all of the sequence is that text.
fn push_leading_text(text: &mut String, nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Empty => true,
        Node::Char { char, fold } if !(*fold && may_fold(*char)) => {
            text.push(*char);
            true
        }
        Node::Capture(node) => push_leading_text(text, std::slice::from_ref(node)),
        Node::Concat(nodes) => push_leading_text(text, nodes),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn shape_and_prefix(pattern: &str) -> (Shape, String) {
        let tree = parse(pattern, true).unwrap();
        let shape = Shape::of(&tree.root);
        let prefix = shape.prefix(&tree.root);
        (shape, prefix)
    }

    #[test]
    fn lists_of_texts() {
        let table: &[(&str, &[&str], &str)] = &[
            ("", &[""], ""),
            ("a", &["a"], "a"),
            ("^abc$", &["abc"], "abc"),
            ("b|a|b", &["a", "b"], ""),
            ("(foo|bar)baz", &["barbaz", "foobaz"], ""),
            ("5(0[0-2]|04)", &["500", "501", "502", "504"], "50"),
            ("colou?r", &["color", "colour"], "colo"),
            ("a{2,3}", &["aa", "aaa"], "aa"),
            ("(?i:1-2)", &["1-2"], "1-2"),
            ("a||b", &["", "a", "b"], ""),
            (r"\Qa.b\E\.c", &["a.b.c"], "a.b.c"),
            ("ä(b|c)", &["äb", "äc"], "ä"),
        ];
        for (pattern, literals, prefix) in table {
            let literals = literals.iter().map(|text| text.to_string()).collect();
            assert_eq!(
                shape_and_prefix(pattern),
                (Shape::Literals(literals), prefix.to_string()),
                "{pattern}"
            );
        }
        let many = (0..5000).map(|i| format!("value-{i}")).collect::<Vec<_>>().join("|");
        let (shape, prefix) = shape_and_prefix(&many);
        assert!(matches!(&shape, Shape::Literals(literals) if literals.len() == 5000));
        assert_eq!(prefix, "value-");
        assert_eq!(shape.is_match("value-4999"), Some(true));
        assert_eq!(shape.is_match("value-5000"), Some(false));
    }

    #[test]
    fn texts_with_gaps() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("a.*", &["a", "ab", "a\nb"], &["", "ba"]),
            ("a.+", &["ab", "aé"], &["a", "b"]),
            (".+a", &["aa", "éa"], &["a", "ab"]),
            (".*a.*b.*", &["ab", "xaybz"], &["ba", "a"]),
            ("a.+a.*a", &["axaa", "axaya"], &["aaa", "aa", "axa"]),
            (".+é.+", &["éééé", "aéa"], &["é", "éa", "aé"]),
            ("(a|b).*c", &["ac", "bxc"], &["c", "dc"]),
            ("a.*|.*b", &["a", "b", "ax"], &["xa", ""]),
            (".*.+x", &["ax"], &["x"]),
        ];
        for (pattern, matching, others) in table {
            let (shape, _) = shape_and_prefix(pattern);
            assert!(matches!(shape, Shape::Globs(_)), "{pattern}: {shape:?}");
            for text in *matching {
                assert_eq!(shape.is_match(text), Some(true), "{pattern} on {text}");
            }
            for text in *others {
                assert_eq!(shape.is_match(text), Some(false), "{pattern} on {text}");
            }
        }
    }

    #[test]
    fn everything_and_other() {
        let table = [
            (".*", Shape::Everything, ""),
            ("^(.*)$", Shape::Everything, ""),
            ("a|.*", Shape::Everything, ""),
            (".+", Shape::NonEmpty, ""),
            ("(.+?)", Shape::NonEmpty, ""),
            ("(?-s).*", Shape::Other, ""),
            ("(?-s:a.*)", Shape::Other, "a"),
            ("foo[0-9]+", Shape::Other, "foo"),
            ("(foo-)bar.", Shape::Other, "foo-bar"),
            ("(?i)foo", Shape::Other, ""),
            ("fo(?i)o", Shape::Other, "fo"),
            (".+.+", Shape::Other, ""),
            ("[0-9]{4}", Shape::Other, ""),
            ("[^a]", Shape::Other, ""),
            ("a^b", Shape::Other, "a"),
        ];
        for (pattern, shape, prefix) in table {
            assert_eq!(shape_and_prefix(pattern), (shape, prefix.to_owned()), "{pattern}");
        }
    }
}

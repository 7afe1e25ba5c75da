//! Expressions that are one thing after another: texts, characters of a kind and how many of them, and groups around
//! any of these. They are matched by going through them, without the engine.
//!
//! `(.*):(\d+)` is a group of any characters, the text `:`, and a group of at least one digit. On `db-1:5432` the first
//! run takes all it can get and gives back until the rest fits: `db-1` and `5432`. That is the match that Go prefers too,
//! because there is but one way to it: no alternatives, and nothing repeated but single characters.
//!
//! A run that has failed to fit from some place on fails there again, so each place is tried once for each run.

use std::ops::Range;

use super::class::{Class, ClassItem, may_fold};
use super::tree::Node;

/// Most steps of a sequence; each may cost a level of recursion.
const MAX_STEPS: usize = 64;

/// An expression without alternatives and without repeated groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    steps: Vec<Step>,
    groups: usize,
}

#[derive(Clone, Debug)]
enum Step {
    /// This text.
    Text(String),
    /// So many characters of a kind, as many or, unless `greedy`, as few as possible.
    Run { kind: Kind, min: u32, max: Option<u32>, greedy: bool },
    /// A group begins.
    Open(usize),
    /// A group ends.
    Close(usize),
}

/// Some characters.
#[derive(Clone, Debug)]
enum Kind {
    Any,
    /// Those whose code points lie in a range, or all others.
    Ranges {
        ranges: Vec<(u32, u32)>,
        negated: bool,
    },
}

impl Sequence {
    /// Longer texts, in bytes, are better left to the engine: time here may grow with the square of the length.
    pub(super) const LONGEST_TEXT: usize = 1000;

    /// The sequence that `nodes` are, if they are one.
    pub(super) fn of(nodes: &[Node]) -> Option<Sequence> {
        let mut sequence = Sequence::default();
        sequence.push_all(nodes)?;
        Some(sequence)
    }

    fn push_all(&mut self, nodes: &[Node]) -> Option<()> {
        nodes.iter().try_for_each(|node| self.push(node))
    }

    fn push(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Empty => return Some(()),
            Node::Char { char, fold } if !(*fold && may_fold(*char)) => {
                if let Some(Step::Text(text)) = self.steps.last_mut() {
                    text.push(*char);
                    return Some(());
                }
                self.steps.push(Step::Text(char.to_string()));
            }
            Node::Concat(nodes) => self.push_all(nodes)?,
            Node::Capture(node) => {
                self.groups += 1;
                let group = self.groups;
                self.steps.push(Step::Open(group));
                self.push(node)?;
                self.steps.push(Step::Close(group));
            }
            Node::Repeat { node, min, max, greedy } => {
                self.steps.push(Step::Run { kind: Kind::of(node)?, min: *min, max: *max, greedy: *greedy });
            }
            node => {
                self.steps.push(Step::Run { kind: Kind::of(node)?, min: 1, max: Some(1), greedy: true });
            }
        }
        (self.steps.len() <= MAX_STEPS).then_some(())
    }

    /// Whether the whole of `text` matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.search(text).is_some()
    }

    /// What each group matches, the whole text as group 0, or `None` if the text does not match.
    pub(super) fn groups<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let groups = self.search(text)?;
        Some(groups.into_iter().map(|group| &text[group]).collect())
    }

    fn search(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let mut groups = vec![0..0; self.groups + 1];
        groups[0] = 0..text.len();
        let mut search = Search { steps: &self.steps, text, groups, failed: Vec::new() };
        search.fits(0, 0).then_some(search.groups)
    }
}

impl Kind {
    /// The characters that a node matches one of.
    fn of(node: &Node) -> Option<Kind> {
        let ranges = |ranges, negated| Some(Kind::Ranges { ranges, negated });
        match node {
            Node::Any => Some(Kind::Any),
            Node::AnyButNewline => ranges(vec![(u32::from('\n'), u32::from('\n'))], true),
            Node::Char { char, fold } if !(*fold && may_fold(*char)) => {
                ranges(vec![(u32::from(*char), u32::from(*char))], false)
            }
            Node::Class(Class { items, negated, fold: false }) => {
                let mut all = Vec::new();
                for item in items {
                    match item {
                        ClassItem::Range(low, high) => all.push((*low, *high)),
                        ClassItem::Ascii { ranges, negated: false } => {
                            all.extend(ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))));
                        }
                        _ => return None,
                    }
                }
                ranges(all, *negated)
            }
            _ => None,
        }
    }

    fn contains(&self, char: char) -> bool {
        let code = u32::from(char);
        match self {
            Kind::Any => true,
            Kind::Ranges { ranges, negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&code)) != *negated
            }
        }
    }
}

/// A search for the way through one text.
struct Search<'s> {
    steps: &'s [Step],
    text: &'s str,
    /// Where each group lies, once the way is found.
    groups: Vec<Range<usize>>,
    /// A bit for each step and place from which on the text does not fit; empty while there is none.
    failed: Vec<u64>,
}

impl Search<'_> {
    /// Whether the text from byte `at` on fits the steps from `step` on.
    fn fits(&mut self, step: usize, at: usize) -> bool {
        let steps = self.steps;
        match steps.get(step) {
            None => at == self.text.len(),
            Some(Step::Text(text)) => {
                self.text[at..].starts_with(text.as_str()) && self.fits(step + 1, at + text.len())
            }
            Some(Step::Open(group)) => {
                let fits = self.fits(step + 1, at);
                self.groups[*group].start = at;
                fits
            }
            Some(Step::Close(group)) => {
                let fits = self.fits(step + 1, at);
                self.groups[*group].end = at;
                fits
            }
            Some(Step::Run { kind, min, max, greedy }) => {
                if self.has_failed(step, at) {
                    return false;
                }
                let fits = match run_ends(&self.text[at..], kind, *min, *max) {
                    None => false,
                    Some(ends) if *greedy => self.fits_behind(step, at, ends.rev()),
                    Some(ends) => self.fits_behind(step, at, ends),
                };
                if !fits {
                    self.note_failure(step, at);
                }
                fits
            }
        }
    }

    /// Whether what comes behind a run fits behind any of its `ends`, which are told from the run's start on.
    fn fits_behind(&mut self, step: usize, at: usize, ends: impl Iterator<Item = usize>) -> bool {
        let text = self.text;
        ends.map(|end| at + end).any(|end| text.is_char_boundary(end) && self.fits(step + 1, end))
    }

    fn has_failed(&self, step: usize, at: usize) -> bool {
        let place = self.place(step, at);
        self.failed.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn note_failure(&mut self, step: usize, at: usize) {
        if self.failed.is_empty() {
            self.failed = vec![0; self.place(self.steps.len(), 0).div_ceil(64)];
        }
        let place = self.place(step, at);
        self.failed[place / 64] |= 1 << (place % 64);
    }

    fn place(&self, step: usize, at: usize) -> usize {
        step * (self.text.len() + 1) + at
    }
}

/// All places where a run from the start of `text` on can end, and those between them that split a character; `None`
/// if there are too few characters.
fn run_ends(text: &str, kind: &Kind, min: u32, max: Option<u32>) -> Option<std::ops::RangeInclusive<usize>> {
    if let (Kind::Any, 0, None) = (kind, min, max) {
        return Some(0..=text.len());
    }
    let most = max.map_or(usize::MAX, |max| max as usize);
    let (mut first, mut count) = (None, 0);
    let mut end = 0;
    let mut chars = text.chars();
    loop {
        if count == min as usize {
            first = Some(end);
        }
        match chars.next() {
            Some(char) if count < most && kind.contains(char) => {
                count += 1;
                end += char.len_utf8();
            }
            _ => return first.map(|first| first..=end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn sequence(pattern: &str) -> Option<Sequence> {
        Sequence::of(std::slice::from_ref(&parse(pattern, true).unwrap().root))
    }

    #[test]
    fn groups_are_those_that_go_prefers() {
        let table: &[(&str, &str, Option<&[&str]>)] = &[
            ("(.*)", "é\n", Some(&["é\n", "é\n"])),
            ("(.*):(.*)", "a:b:c", Some(&["a:b:c", "a:b", "c"])),
            ("(.*?):(.*)", "a:b:c", Some(&["a:b:c", "a", "b:c"])),
            ("(.+):(.*)", ":b", None),
            ("([^:]+):([0-9]+)", "db-1:5432", Some(&["db-1:5432", "db-1", "5432"])),
            (r"((\w+)-)(\d{2,3}).*", "é", None),
            (r"((\w+)-)(\d{2,3}).*", "ab-12345", Some(&["ab-12345", "ab-", "ab", "123"])),
            (r"(\d{2,3}?)(\d*)", "12345", Some(&["12345", "12", "345"])),
            ("(a*)(a*)(a*)a", "aaaa", Some(&["aaaa", "aaa", "", ""])),
            ("(.*)(.*)(.*)b", "aaaa", None),
            ("(.?)()(é{2})", "xéé", Some(&["xéé", "x", "", "éé"])),
            ("x{0}(y?)", "", Some(&["", ""])),
        ];
        for (pattern, text, groups) in table {
            let found = sequence(pattern).unwrap().groups(text);
            assert_eq!(found.as_deref(), *groups, "{pattern} on {text}");
        }
    }

    #[test]
    fn others_are_left_to_the_engine() {
        for pattern in ["a|b", "(ab)*", "(?i)a.*", r"\pL", r"[^\W]", "(?i)[a]", "a^b", r"a\b", "(?m)^a$"] {
            assert!(sequence(pattern).is_none(), "{pattern}");
        }
        assert!(sequence(&"a.".repeat(32)).is_some());
        assert!(sequence(&"a.".repeat(33)).is_none());
    }
}

//! Reads RE2's syntax as Go does: what it accepts, what it refuses, and which part it blames.
//!
//! Groups are kept on a stack of their own, so depth costs no recursion. `(a|b)*c` passes through:
//!
//! | read | open groups, each with finished alternatives and the sequence in the making |
//! | --- | --- |
//! | `(a` | `[] .`, `[] a` |
//! | `\|b` | `[] .`, `[a] b` |
//! | `)` | `[] (a\|b)` |
//! | `*c` | `[] (a\|b)*, c` |
//!
//! The rules are those of `regexp/syntax/parse.go` with the flags `Perl`, and `DotNL` at the start.

use super::class::{Class, ClassItem};
use super::error::{RegexError, RegexErrorKind as Kind};
use super::tree::{Look, Node, Tree};

/// Highest count in `{n,m}`, and highest product of nested counts.
const MAX_REPEAT: u32 = 1000;
/// Highest tree.
const MAX_HEIGHT: usize = 1000;
/// Most instructions that Go is willing to compile to.
const MAX_SIZE: u64 = (128 << 20) / 40;

/// Reads a whole expression; `dot_matches_newline` is the flag `s` at its start.
pub(super) fn parse(pattern: &str, dot_matches_newline: bool) -> Result<Tree, RegexError> {
    let flags = Flags { dot_newline: dot_matches_newline, ..Flags::default() };
    let mut parser = Parser {
        pattern,
        rest: pattern,
        flags,
        open: Vec::new(),
        group: Group::default(),
        names: vec![None],
    };
    parser.run()
}

/// What `(?imsU)` switches.
#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    swap_greed: bool,
}

/// A node with what the limits are about.
struct Piece {
    node: Node,
    /// How high its tree is.
    height: usize,
    /// How many instructions Go would compile it to.
    size: u64,
    /// The highest product of nested counts.
    repeats: u64,
}

impl Piece {
    fn leaf(node: Node) -> Piece {
        Piece { node, height: 1, size: 1, repeats: 1 }
    }
}

/// A group whose closing parenthesis has not been read; the outermost one is the whole expression.
#[derive(Default)]
struct Group {
    alternatives: Vec<Piece>,
    sequence: Vec<Piece>,
    captures: bool,
    /// What held before the group and will hold again after it.
    outer_flags: Flags,
}

struct Parser<'p> {
    pattern: &'p str,
    rest: &'p str,
    flags: Flags,
    open: Vec<Group>,
    group: Group,
    names: Vec<Option<String>>,
}

impl<'p> Parser<'p> {
    fn run(&mut self) -> Result<Tree, RegexError> {
        // Where the repetition operator right before this place starts, if there is one.
        let mut last_repeat: Option<&'p str> = None;
        while let Some(next) = self.rest.chars().next() {
            let before = self.rest;
            let mut repeat = None;
            match next {
                '(' if before.starts_with("(?") => self.perl_group()?,
                '(' => {
                    self.advance(1);
                    self.names.push(None);
                    self.open_group(true);
                }
                '|' => {
                    self.advance(1);
                    let finished = self.take_sequence()?;
                    self.group.alternatives.push(finished);
                }
                ')' => self.close_group()?,
                '^' => {
                    self.push_look(1, if self.flags.multi_line { Look::LineStart } else { Look::TextStart })?
                }
                '$' => {
                    self.push_look(1, if self.flags.multi_line { Look::LineEnd } else { Look::TextEnd })?
                }
                '.' => {
                    self.advance(1);
                    self.push(if self.flags.dot_newline { Node::Any } else { Node::AnyButNewline })?;
                }
                '[' => {
                    let class = self.class()?;
                    self.push(Node::Class(class))?;
                }
                '*' | '+' | '?' => {
                    self.advance(1);
                    let (min, max) = match next {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(before, last_repeat, min, max)?;
                    repeat = Some(before);
                }
                '{' => match self.counts()? {
                    Some((min, max)) => {
                        self.repeat(before, last_repeat, min, max)?;
                        repeat = Some(before);
                    }
                    None => {
                        self.advance(1);
                        self.push_char('{')?;
                    }
                },
                '\\' => self.escape_or_class()?,
                c => {
                    self.advance(c.len_utf8());
                    self.push_char(c)?;
                }
            }
            last_repeat = repeat;
        }
        let root = self.take_group()?;
        if !self.open.is_empty() {
            return Err(Kind::MissingParen.at(self.pattern));
        }
        let names = std::mem::take(&mut self.names);
        Ok(Tree { root: root.node, height: root.height, size: root.size, names })
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// What lies between `before` and the place that has been reached.
    fn since(&self, before: &'p str) -> &'p str {
        &before[..before.len() - self.rest.len()]
    }

    fn push(&mut self, node: Node) -> Result<(), RegexError> {
        self.push_piece(Piece::leaf(node))
    }

    fn push_char(&mut self, char: char) -> Result<(), RegexError> {
        self.push(Node::Char { char, fold: self.flags.fold })
    }

    fn push_look(&mut self, length: usize, look: Look) -> Result<(), RegexError> {
        self.advance(length);
        self.push(Node::Look(look))
    }

    fn push_piece(&mut self, piece: Piece) -> Result<(), RegexError> {
        self.check_limits(&piece)?;
        self.group.sequence.push(piece);
        Ok(())
    }

    fn check_limits(&self, piece: &Piece) -> Result<(), RegexError> {
        match piece {
            Piece { size: MAX_SIZE.., .. } => Err(Kind::Large.at(self.pattern)),
            Piece { height, .. } if *height > MAX_HEIGHT => Err(Kind::NestingDepth.at(self.pattern)),
            _ => Ok(()),
        }
    }

    fn open_group(&mut self, captures: bool) {
        let group = Group { captures, outer_flags: self.flags, ..Group::default() };
        self.open.push(std::mem::replace(&mut self.group, group));
    }

    fn close_group(&mut self) -> Result<(), RegexError> {
        let content = self.take_group()?;
        let Some(outer) = self.open.pop() else {
            return Err(Kind::UnexpectedParen.at(self.pattern));
        };
        self.advance(1);
        let closed = std::mem::replace(&mut self.group, outer);
        self.flags = closed.outer_flags;
        if closed.captures {
            self.push_piece(Piece {
                node: Node::Capture(Box::new(content.node)),
                height: content.height + 1,
                size: content.size + 2,
                repeats: content.repeats,
            })
        } else {
            self.push_piece(content)
        }
    }

    /// The sequence in the making as one node.
    fn take_sequence(&mut self) -> Result<Piece, RegexError> {
        let mut pieces = std::mem::take(&mut self.group.sequence);
        pieces.retain(|piece| piece.node != Node::Empty);
        // Go counts a run of characters as one node.
        let literal = pieces.windows(2).all(|pair| match (&pair[0].node, &pair[1].node) {
            (Node::Char { fold: first, .. }, Node::Char { fold: second, .. }) => first == second,
            _ => false,
        });
        let mut joined = self.join(
            pieces,
            |node| match node {
                Node::Concat(inner) => Ok(inner),
                node => Err(node),
            },
            Node::Concat,
        )?;
        if literal && matches!(joined.node, Node::Concat(_)) {
            joined.height = 1;
        }
        Ok(joined)
    }

    /// All alternatives of the innermost group as one node.
    fn take_group(&mut self) -> Result<Piece, RegexError> {
        let last = self.take_sequence()?;
        let mut pieces = std::mem::take(&mut self.group.alternatives);
        let separators = pieces.len() as u64;
        pieces.push(last);
        let mut joined = self.join(
            pieces,
            |node| match node {
                Node::Alternate(inner) => Ok(inner),
                node => Err(node),
            },
            Node::Alternate,
        )?;
        joined.size += separators;
        self.check_limits(&joined)?;
        Ok(joined)
    }

    /// One node of several. `flatten` takes apart nodes of the kind that `of` makes.
    fn join(
        &self,
        mut pieces: Vec<Piece>,
        flatten: impl Fn(Node) -> Result<Vec<Node>, Node>,
        of: impl Fn(Vec<Node>) -> Node,
    ) -> Result<Piece, RegexError> {
        if pieces.len() < 2 {
            return Ok(pieces.pop().unwrap_or_else(|| Piece::leaf(Node::Empty)));
        }
        let mut joined = Piece { size: 0, ..Piece::leaf(Node::Empty) };
        let mut nodes = Vec::with_capacity(pieces.len());
        for piece in pieces {
            joined.size += piece.size;
            joined.repeats = joined.repeats.max(piece.repeats);
            let height = match flatten(piece.node) {
                Ok(inner) => {
                    nodes.extend(inner);
                    piece.height
                }
                Err(node) => {
                    nodes.push(node);
                    piece.height + 1
                }
            };
            joined.height = joined.height.max(height);
        }
        joined.node = of(nodes);
        self.check_limits(&joined)?;
        Ok(joined)
    }

    /// Repeats what was read last. `before` starts at the operator, whose counts have been read already.
    fn repeat(
        &mut self,
        before: &'p str,
        last: Option<&'p str>,
        min: u32,
        max: Option<u32>,
    ) -> Result<(), RegexError> {
        let mut greedy = !self.flags.swap_greed;
        if self.rest.starts_with('?') {
            self.advance(1);
            greedy = !greedy;
        }
        if let Some(last) = last {
            return Err(Kind::InvalidRepeatOp.at(self.since(last)));
        }
        let Some(piece) = self.group.sequence.pop() else {
            return Err(Kind::MissingRepeatArgument.at(self.since(before)));
        };
        let (low, high) = (u64::from(min), max.map(u64::from));
        let repeated = Piece {
            node: Node::Repeat { node: Box::new(piece.node), min, max, greedy },
            height: piece.height + 1,
            size: match high {
                Some(high) => (high * piece.size + (high - low)).max(1),
                None => low.max(1) * piece.size + 2,
            },
            repeats: high.unwrap_or(low.max(1)) * piece.repeats,
        };
        let counted = min >= 2 || max.is_some_and(|max| max >= 2);
        if counted && repeated.repeats > u64::from(MAX_REPEAT) {
            return Err(Kind::InvalidRepeatSize.at(self.since(before)));
        }
        self.push_piece(repeated)
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; anything else is a brace that stands for itself, and nothing is read.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, RegexError> {
        let before = self.rest;
        let Some((min, rest)) = take_count(&before[1..]) else { return Ok(None) };
        let (max, rest) = match rest.strip_prefix(',') {
            None => (Some(min), rest),
            Some(rest) if rest.starts_with('}') => (None, rest),
            Some(rest) => match take_count(rest) {
                Some((max, rest)) => (Some(max), rest),
                None => return Ok(None),
            },
        };
        let Some(rest) = rest.strip_prefix('}') else { return Ok(None) };
        self.rest = rest;
        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
            return Err(Kind::InvalidRepeatSize.at(self.since(before)));
        }
        Ok(Some((min, max)))
    }

    /// Reads what starts with `(?`: a named group, a group with flags, or flags for the rest of this group.
    fn perl_group(&mut self) -> Result<(), RegexError> {
        let before = self.rest;
        let named =
            ["(?P<", "(?<"].into_iter().find(|start| before.starts_with(start) && before.len() > start.len());
        if let Some(start) = named {
            let Some(end) = before.find('>') else {
                return Err(Kind::InvalidNamedCapture.at(before));
            };
            let name = &before[start.len()..end];
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(Kind::InvalidNamedCapture.at(&before[..=end]));
            }
            self.advance(end + 1);
            self.names.push(Some(name.to_owned()));
            self.open_group(true);
            return Ok(());
        }
        self.advance(2);
        let (mut flags, mut on, mut any) = (self.flags, true, false);
        while let Some(c) = self.rest.chars().next() {
            self.advance(c.len_utf8());
            match c {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.swap_greed = on,
                '-' if on => on = false,
                ':' | ')' if on || any => {
                    if c == ':' {
                        self.open_group(false);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            any = c != '-';
        }
        Err(Kind::InvalidPerlOp.at(self.since(before)))
    }

    /// Reads what starts with a backslash outside of a class.
    fn escape_or_class(&mut self) -> Result<(), RegexError> {
        let before = self.rest;
        match before[1..].chars().next() {
            Some('A') => self.push_look(2, Look::TextStart),
            Some('z') => self.push_look(2, Look::TextEnd),
            Some('b') => self.push_look(2, Look::WordBoundary),
            Some('B') => self.push_look(2, Look::NotWordBoundary),
            Some('C') => Err(Kind::InvalidEscape.at(&before[..2])),
            Some('Q') => {
                let text = &before[2..];
                let (literal, rest) = text.split_once("\\E").unwrap_or((text, ""));
                for char in literal.chars() {
                    self.push(Node::Char { char, fold: self.flags.fold })?;
                }
                self.rest = rest;
                Ok(())
            }
            _ => {
                let node = match self.class_escape()? {
                    Some(item) => Node::Class(Class::of(item, self.flags.fold)),
                    None => {
                        let code = self.escape()?;
                        self.node_of(code)
                    }
                };
                self.push(node)
            }
        }
    }

    /// A character; a surrogate, which no text contains, is a class that matches none.
    fn node_of(&self, code: u32) -> Node {
        match char::from_u32(code) {
            Some(char) => Node::Char { char, fold: self.flags.fold },
            None => Node::Class(Class::of(ClassItem::Range(code, code), false)),
        }
    }

    /// Reads `\d`, `\pL`, `\p{Greek}` and the like, if that is what comes.
    fn class_escape(&mut self) -> Result<Option<ClassItem>, RegexError> {
        let before = self.rest;
        let mut chars = before.chars();
        let (Some('\\'), Some(letter)) = (chars.next(), chars.next()) else { return Ok(None) };
        if let Some(item) = ClassItem::perl(letter) {
            self.advance(2);
            return Ok(Some(item));
        }
        if letter != 'p' && letter != 'P' {
            return Ok(None);
        }
        let name = match chars.next() {
            Some('{') => match before.find('}') {
                Some(end) => {
                    self.advance(end + 1);
                    &before[3..end]
                }
                None => return Err(Kind::InvalidCharRange.at(before)),
            },
            Some(c) => {
                self.advance(2 + c.len_utf8());
                &before[2..2 + c.len_utf8()]
            }
            None => return Err(Kind::InvalidCharRange.at(before)),
        };
        let (name, inverted) = match name.strip_prefix('^') {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let item = ClassItem::unicode(name, (letter == 'P') != inverted);
        item.map(Some).ok_or_else(|| Kind::InvalidCharRange.at(self.since(before)))
    }

    /// Reads an escape that stands for one character.
    fn escape(&mut self) -> Result<u32, RegexError> {
        let before = self.rest;
        self.advance(1);
        let Some(c) = self.next_char() else {
            return Err(Kind::TrailingBackslash.at(""));
        };
        let code = match c {
            '0'..='7' if c == '0' || self.rest.starts_with(is_octal) => Some(self.octal(c)),
            'x' => self.hexadecimal(),
            'a' => Some(0x07),
            'f' => Some(0x0c),
            'n' => Some(0x0a),
            'r' => Some(0x0d),
            't' => Some(0x09),
            'v' => Some(0x0b),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
            _ => None,
        };
        code.ok_or_else(|| Kind::InvalidEscape.at(self.since(before)))
    }

    fn next_char(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.advance(c.len_utf8());
        Some(c)
    }

    /// Up to two more octal digits.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            if self.rest.starts_with(is_octal) {
                code = code * 8 + self.next_char().and_then(|c| c.to_digit(8)).unwrap_or(0);
            }
        }
        code
    }

    /// Two hexadecimal digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next_char()?;
        if first != '{' {
            let second = self.next_char();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let (mut code, mut any) = (0u32, false);
        loop {
            match self.next_char()? {
                '}' => return any.then_some(code),
                c => code = code * 16 + c.to_digit(16)?,
            }
            if code > u32::from(char::MAX) {
                return None;
            }
            any = true;
        }
    }

    /// Reads `[...]`.
    fn class(&mut self) -> Result<Class, RegexError> {
        let before = self.rest;
        self.advance(1);
        let negated = self.rest.starts_with('^');
        if negated {
            self.advance(1);
        }
        let mut items = Vec::new();
        // A bracket right at the start stands for itself.
        while items.is_empty() || !self.rest.starts_with(']') {
            if let Some(item) = self.posix_class()? {
                items.push(item);
            } else if let Some(item) = self.class_escape()? {
                items.push(item);
            } else {
                items.push(self.range(before)?);
            }
        }
        self.advance(1);
        Ok(Class { items, negated, fold: self.flags.fold })
    }

    /// Reads `[:alpha:]` inside of a class, if that is what comes.
    fn posix_class(&mut self) -> Result<Option<ClassItem>, RegexError> {
        let Some(text) = self.rest.strip_prefix("[:") else { return Ok(None) };
        let Some((name, rest)) = text.split_once(":]") else { return Ok(None) };
        let Some(item) = ClassItem::posix(name) else {
            return Err(Kind::InvalidCharRange.at(&self.rest[..name.len() + 4]));
        };
        self.rest = rest;
        Ok(Some(item))
    }

    /// Reads one character of a class, or two with a dash between them. `class` starts at the class's bracket.
    fn range(&mut self, class: &'p str) -> Result<ClassItem, RegexError> {
        let before = self.rest;
        let low = self.class_char(class)?;
        let mut high = low;
        if self.rest.starts_with('-') && self.rest.len() >= 2 && !self.rest.starts_with("-]") {
            self.advance(1);
            high = self.class_char(class)?;
            if high < low {
                return Err(Kind::InvalidCharRange.at(self.since(before)));
            }
        }
        Ok(ClassItem::Range(low, high))
    }

    fn class_char(&mut self, class: &'p str) -> Result<u32, RegexError> {
        if self.rest.starts_with('\\') {
            return self.escape();
        }
        self.next_char().map(u32::from).ok_or_else(|| Kind::MissingBracket.at(class))
    }
}

fn is_octal(c: char) -> bool {
    matches!(c, '0'..='7')
}

/// Reads a count without leading zeros; one that is too large for a number is far above every limit.
fn take_count(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let well_formed = !digits.is_empty() && (digits.len() == 1 || !digits.starts_with('0'));
    well_formed.then(|| (digits.parse().unwrap_or(u32::MAX), rest))
}

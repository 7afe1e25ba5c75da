//! Vector matching: which series of two operands meet.
//!
//! Series meet when their *signatures* are equal: the labels of `on (...)`, or all labels but those of
//! `ignoring (...)` and the name. Signatures become numbers once a query; steps never look at labels.

use rustc_hash::FxHashMap;

use super::operator::OutputSeries;
use crate::model::Labels;
use crate::model::labels::METRIC_NAME;
use crate::syntax::ast::VectorMatching;

/// The numbers of the signatures of both operands' series.
#[derive(Debug)]
pub(crate) struct Signatures {
    pub(crate) left: Vec<u32>,
    pub(crate) right: Vec<u32>,
    pub(crate) count: usize,
}

/// Numbers the signatures in order of appearance, left operand first.
pub(crate) fn signatures(
    matching: &VectorMatching,
    left: &[OutputSeries],
    right: &[OutputSeries],
) -> Signatures {
    let key = SignatureKey::new(matching);
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    // That of no labels, which every join of single series has, needs no look-up.
    let mut of_none = None;
    let mut count = 0;
    let mut text = String::new();
    let mut number = |series: &OutputSeries| {
        text.clear();
        key.write(&series.labels, &mut text);
        let known = if text.is_empty() { of_none } else { numbers.get(&text).copied() };
        known.unwrap_or_else(|| {
            let number = count;
            count += 1;
            match text.is_empty() {
                true => of_none = Some(number),
                false => _ = numbers.insert(text.clone(), number),
            }
            number
        })
    };
    let left = left.iter().map(&mut number).collect();
    let right = right.iter().map(&mut number).collect();
    Signatures { left, right, count: count as usize }
}

/// Which labels make the signature.
pub(crate) struct SignatureKey<'m> {
    names: Vec<&'m str>,
    on: bool,
}

impl<'m> SignatureKey<'m> {
    pub(crate) fn new(matching: &'m VectorMatching) -> Self {
        let on = matching.on == Some(true);
        SignatureKey { names: matching.labels.iter().map(|l| l.name.as_str()).collect(), on }
    }

    /// The labels of the signature.
    pub(crate) fn labels(&self, labels: &Labels) -> Labels {
        labels.filter(|name| self.has(name))
    }

    fn has(&self, name: &str) -> bool {
        if self.on { self.names.contains(&name) } else { name != METRIC_NAME && !self.names.contains(&name) }
    }

    /// Each piece stands behind its length, so no two signatures have one text.
    fn write(&self, labels: &Labels, text: &mut String) {
        for (name, value) in labels {
            if self.has(name) {
                for piece in [name, value] {
                    push_length(text, piece.len());
                    text.push_str(piece);
                }
            }
        }
    }
}

fn push_length(text: &mut String, mut length: usize) {
    while length >= 64 {
        text.push((b'@' + (length & 63) as u8) as char);
        length >>= 6;
    }
    text.push(length as u8 as char);
}

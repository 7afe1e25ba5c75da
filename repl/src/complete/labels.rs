//! Which labels an expression's result has: what `by (...)` can name.

use std::collections::BTreeSet;

use promqlite::SeriesStore;
use promqlite::model::{Matcher, TimeRange};
use promqlite::syntax::{self, Expr, Features};

use super::selectors::selectors;

/// The names of the labels that the result of `expression` can have, sorted. Of a text that is no expression: those of
/// the series of its selectors, or of all series if it has none.
pub(super) fn result_labels(expression: &str, store: &dyn SeriesStore) -> Vec<String> {
    let names = match syntax::parse(expression, &Features::ALL) {
        Ok(expr) => labels_of(&expr, store),
        Err(_) => {
            let selectors = selectors(expression);
            if selectors.is_empty() {
                label_names(store, &[])
            } else {
                selectors.iter().flat_map(|selector| label_names(store, &matchers(selector))).collect()
            }
        }
    };
    names.into_iter().filter(|name| name != "__name__").collect()
}

/// The conditions of a selector; none if it is no selector.
pub(super) fn matchers(selector: &str) -> Vec<Matcher> {
    match syntax::parse(selector, &Features::ALL) {
        Ok(Expr::Vector(selector)) => selector.matchers.to_vec(),
        _ => Vec::new(),
    }
}

fn label_names(store: &dyn SeriesStore, matchers: &[Matcher]) -> BTreeSet<String> {
    store.label_names(matchers, TimeRange::ALL).unwrap_or_default().into_iter().collect()
}

fn labels_of(expr: &Expr, store: &dyn SeriesStore) -> BTreeSet<String> {
    match expr {
        Expr::Paren(paren) => labels_of(&paren.inner, store),
        Expr::Unary(unary) => labels_of(&unary.operand, store),
        Expr::Binary(binary) => {
            let mut names = labels_of(&binary.lhs, store);
            names.extend(labels_of(&binary.rhs, store));
            names
        }
        Expr::Aggregate(aggregate) => {
            let named = |name: &String| aggregate.grouping.iter().any(|label| label.name == *name);
            let inner = aggregate.args.last().map(|inner| labels_of(inner, store)).unwrap_or_default();
            inner.into_iter().filter(|name| named(name) != aggregate.without).collect()
        }
        Expr::Call(call) => call.args.iter().flat_map(|argument| labels_of(argument, store)).collect(),
        Expr::Vector(selector) => label_names(store, &selector.matchers),
        Expr::Matrix(matrix) => label_names(store, &matrix.selector.matchers),
        Expr::Subquery(subquery) => labels_of(&subquery.inner, store),
        // Numbers and texts.
        _ => BTreeSet::new(),
    }
}

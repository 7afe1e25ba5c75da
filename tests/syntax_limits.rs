//! Long and deep texts: parsing is linear in the text, and neither parsing nor what walks a tree (checking, printing,
//! comparing, dropping) needs more than 512 KiB of stack, even without optimisation.

use std::thread;
use std::time::{Duration, Instant};

use promqlite::plan::{check, parse_and_check};
use promqlite::syntax::ast::MAX_DEPTH;
use promqlite::syntax::{Features, parse};

const STACK: usize = 512 * 1024;
const LENGTH: usize = 1_000_000;

/// What one text may take. It is a few ms on an idle machine with optimisation; this tells linear from quadratic.
const LIMIT: Duration = Duration::from_secs(5);

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
    thread.join().expect("what runs in it ends");
}

/// Pieces of queries, one a word; `·` stands for a space and `¶` for a line break.
const PIECES: &str = r#"
    ( ) [ ] { } - + -+· -·- * ^ " "a ' ` \ # #¶ , : @ = ! < > 1 1. 1e 1_ 0x 5m 5m1 ms a a· a, a: é
    x+ x+x+ 1^ 1^- x·or· x·and·x·or· x·==·x·+· x[1m:] [1m:] x[ x[( x[5m]·+· -x[5m:1m]·-·
    sum( sum(sum·by·( sum·by·(a)( f( f(a, f((a, -( sum(x), abs(x), 1, "a",
    x·offset· ·offset·5m offset( ·@·5 ·anchored ·smoothed max_of( range( step
    {a="b", {a=~"( a="b", a=~"b", a,· x·*·on·(a)·group_left· x·*·on(a, fill( fill· fill_left·(1)· bool·
"#;

/// What comes before the pieces.
const HEADS: &str = "x x[ x[1 x[1m: x·offset· x·offset·( x·offset·-- x·@· { sum·by· sum·by·(a, f( x·*·";

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(|word| word.replace('·', " ").replace('¶', "\n"))
}

fn ends(head: &str, piece: &str, length: usize) {
    let text = head.to_owned() + &piece.repeat(length / piece.len());
    let start = Instant::now();
    if let Err(error) = parse_and_check(&text, &Features::ALL) {
        assert!(!error.message().is_empty());
    }
    let taken = start.elapsed();
    assert!(taken < LIMIT, "{taken:?} for {head:?} and {piece:?} many times");
}

#[test]
fn a_megabyte_of_anything_ends() {
    on_a_small_stack(|| words(PIECES).for_each(|piece| ends("", &piece, LENGTH)));
}

#[test]
fn a_long_text_ends_wherever_it_begins() {
    on_a_small_stack(|| {
        for head in words(HEADS) {
            words(PIECES).for_each(|piece| ends(&head, &piece, LENGTH / 20));
        }
    });
}

/// The deepest tree of each kind that is let through, and the error one level above.
#[test]
fn depth_has_a_limit_that_every_walk_survives() {
    type Shape = fn(usize) -> String;
    let shapes: [(&str, Shape); 19] = [
        ("parentheses", |n| "(".repeat(n) + "x" + &")".repeat(n)),
        ("signs", |n| "-".repeat(n) + "x"),
        ("sums", |n| "x+".repeat(n) + "x"),
        ("powers", |n| "x^".repeat(n) + "x"),
        ("signed powers", |n| "x^-".repeat(n / 2) + "x" + &"^x".repeat(n % 2)),
        ("comparisons", |n| "x==".repeat(n) + "x"),
        ("set operators", |n| "x or ".repeat(n) + "x"),
        ("matching", |n| "x+on(a)group_left(b)".repeat(n) + "x"),
        ("calls", |n| "abs(".repeat(n) + "x" + &")".repeat(n)),
        ("aggregations", |n| "sum by (a) (".repeat(n) + "x" + &")".repeat(n)),
        ("parameters", |n| {
            "topk(scalar(".repeat(n / 2) + if n % 2 == 0 { "x" } else { "-x" } + &"),x)".repeat(n / 2)
        }),
        ("mixed", |n| "-(".repeat(n / 2) + if n % 2 == 0 { "x" } else { "-x" } + &")".repeat(n / 2)),
        ("range signs", |n| "x[".to_owned() + &"-".repeat(n) + "step()]"),
        ("range sums", |n| "x[".to_owned() + &"1+".repeat(n) + "1]"),
        ("range powers", |n| "x[".to_owned() + &"1^".repeat(n) + "1]"),
        ("range picks", |n| "x[".to_owned() + &"max_of(1,".repeat(n) + "1" + &")".repeat(n) + "]"),
        ("ranges in parentheses", |n| {
            "(".repeat(n / 2) + "x[" + &"1+".repeat(n - n / 2) + "1]" + &")".repeat(n / 2)
        }),
        ("steps and offsets", |n| {
            "-".repeat(n / 2)
                + "x[1:"
                + &"-".repeat(n - n / 2)
                + "step()] offset (1)"
                + &"+1".repeat(n - n / 2)
        }),
        ("offsets", |n| "x offset (1)".to_owned() + &"+1".repeat(n)),
    ];
    on_a_small_stack(move || {
        for (name, shape) in shapes {
            let limit = (1..=MAX_DEPTH + 1).rev().find(|&n| parse(&shape(n), &Features::ALL).is_ok());
            let deepest = limit.unwrap_or_else(|| panic!("{name}: nothing parses"));
            assert!(deepest > MAX_DEPTH - 6 && deepest < MAX_DEPTH, "{name}: {deepest}");
            let expr = parse(&shape(deepest), &Features::ALL).unwrap();
            let printed = expr.to_string();
            assert!(parse(&printed, &Features::ALL).unwrap().same_as(&expr), "{name}: {printed}");
            assert!(expr.pretty().len() >= printed.len());
            let _ = check(&expr, &Features::ALL);
            let error = parse(&shape(deepest + 1), &Features::ALL).unwrap_err();
            let expected =
                format!("the expression is nested too deeply: at most {MAX_DEPTH} levels are allowed");
            assert_eq!(error.message(), expected, "{name}");
        }
    });
}

#[test]
fn what_is_long_but_flat_is_let_through() {
    on_a_small_stack(|| {
        let arguments = format!("label_join(x, \"a\", \"b\"{})", ", \"c\"".repeat(10_000));
        let labels = format!("sum by ({}a) (x)", "a, ".repeat(10_000));
        let matchers = format!("x{{{}}}", "a=\"b\",".repeat(10_000));
        let text = format!("\"{}\"", "a".repeat(LENGTH));
        for query in [arguments, labels, matchers, text] {
            let expr = parse(&query, &Features::ALL).unwrap();
            assert!(expr.to_string().len() > 10_000);
        }
    });
}

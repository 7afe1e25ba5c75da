//! Queries as deep as the parser lets through are planned and run on a small stack, and let go of without a trace.

use promqlite::{Engine, EngineOptions, Features, MemoryStore};

/// A query of each shape that nests, some 390 levels deep.
fn deep_queries() -> Vec<(&'static str, String)> {
    let nested =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(195), close.repeat(195));
    vec![
        ("calls", format!("{}up{}", "abs(".repeat(390), ")".repeat(390))),
        ("sums", format!("{}up{}", "sum(".repeat(390), ")".repeat(390))),
        ("signs", nested("-(", "up", ")")),
        ("numbers", nested("-(", "1", ")")),
        ("parentheses", nested("((", "up", "))")),
        ("chain of additions", ["up"; 390].join(" + ")),
        ("chain of unions", ["up"; 390].join(" or ")),
        ("chain of powers", ["up"; 390].join(" ^ ")),
        ("scalars", format!("{}up{}", "vector(scalar(".repeat(190), "))".repeat(190))),
        ("subqueries", format!("{}up{}", "max_over_time(".repeat(190), "[1m:1m])".repeat(190))),
        (
            "label_replace",
            format!("{}up{}", "label_replace(".repeat(390), r#","a","b","c","d")"#.repeat(390)),
        ),
        ("histogram_quantile", format!("{}up{}", "histogram_quantile(0.5,".repeat(390), ")".repeat(390))),
    ]
}

#[test]
fn deep_queries_run_on_a_small_stack() {
    let run = || {
        let mut options = EngineOptions::default();
        options.features = Features::ALL;
        let engine = Engine::new(options);
        let store = MemoryStore::new();
        for t in 0..3 {
            store
                .append(&promqlite::Labels::from_pairs([("__name__", "up"), ("job", "a")]), t * 60_000, 1.0)
                .unwrap();
        }
        for (shape, query) in deep_queries() {
            let prepared = engine.prepare(&query).unwrap_or_else(|e| panic!("{shape}: {e}"));
            prepared.instant(&store, 120_000).unwrap_or_else(|e| panic!("{shape}: {e}"));
            prepared.range(&store, 0, 120_000, 60_000).unwrap_or_else(|e| panic!("{shape}: {e}"));
        }
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap();
}

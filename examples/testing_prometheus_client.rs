//! A service of two instances that counts with `prometheus-client`, and a test of what becomes of its metrics when one of
//! them goes away.
//!
//! The crate renders OpenMetrics, which the timeline tells by its `# EOF`. Each instance is a target with its own `job` and
//! `instance` labels, and with `up`.

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use promqlite::assert_promql;
use promqlite::testing::Timeline;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    code: u16,
}

/// One instance of the service.
struct Instance {
    registry: Registry,
    requests: Family<Request, Counter>,
}

impl Instance {
    fn start() -> Instance {
        let mut registry = Registry::default();
        let requests = Family::<Request, Counter>::default();
        registry.register("http_requests", "Requests that were answered", requests.clone());
        Instance { registry, requests }
    }

    fn answer(&self, requests: u64, method: &'static str, code: u16) {
        self.requests.get_or_create(&Request { method, code }).inc_by(requests);
    }

    /// What it answers under `/metrics`.
    fn metrics(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn main() -> Result<(), fmt::Error> {
    let mut timeline = Timeline::every("15s").starting_at("2026-03-03T12:00:00Z");
    let first = Instance::start();
    let mut second = Instance::start();

    for round in 0..20 {
        first.answer(15, "get", 200);
        timeline.target("shop", "first:80").scrape(first.metrics()?);
        match round {
            // The second is killed and starts anew.
            8 | 9 => _ = timeline.target("shop", "second:80").fail(),
            10 => second = Instance::start(),
            _ => {
                second.answer(30, "get", 200);
                second.answer(3, "post", 500);
                timeline.target("shop", "second:80").scrape(second.metrics()?);
            }
        }
    }

    // While it was away its series were gone at once, not five minutes later,
    assert_promql!(timeline, "sum by (instance) (http_requests_total)", at "2m15s", {
        r#"{instance="first:80"}"# => 150,
    });
    assert_promql!(timeline, "sum(up)", range "1m45s".."3m" step "15s", [2, 1, 1, 1, 2, 2]);
    // and that its counters began at 0 again does not make a rate negative, or large.
    let rates = "sum by (instance) (rate(http_requests_total[1m]))";
    assert_promql!(timeline, rates, contains approx { r#"{instance="second:80"}"# => 2.2 });
    assert_promql!(timeline, rates, range "1m".."4m45s" step "15s", all >= 0);
    assert_promql!(timeline, rates, range "1m".."4m45s" step "15s", all < 3);

    let errors = r#"
        sum by (job) (rate(http_requests_total{code="500"}[1m]))
      /
        sum by (job) (rate(http_requests_total[1m]))"#;
    assert_promql!(timeline, errors, approx { r#"{job="shop"}"# => 3.0 / 48.0 });
    Ok(())
}

//! A program that counts with the crate `prometheus`, and what a test of its metrics looks like.
//!
//! The program is a mail queue. Its operators have an alert for a queue that grows, and a graph of how long messages
//! wait. The test lets it run through ten minutes in no time, and asks what the alert and the graph would show.

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use promqlite::assert_promql;
use promqlite::testing::Timeline;

/// The program.
struct MailQueue {
    registry: Registry,
    length: IntGauge,
    sent: IntCounterVec,
    waited: HistogramVec,
}

impl MailQueue {
    fn new() -> Result<MailQueue, prometheus::Error> {
        let queue = MailQueue {
            registry: Registry::new(),
            length: IntGauge::new("mail_queue_length", "Messages that wait.")?,
            sent: IntCounterVec::new(Opts::new("mail_sent_total", "Messages that were sent."), &["result"])?,
            waited: HistogramVec::new(
                HistogramOpts::new("mail_wait_seconds", "How long messages waited.")
                    .buckets(vec![1.0, 10.0, 60.0]),
                &["result"],
            )?,
        };
        queue.registry.register(Box::new(queue.length.clone()))?;
        queue.registry.register(Box::new(queue.sent.clone()))?;
        queue.registry.register(Box::new(queue.waited.clone()))?;
        Ok(queue)
    }

    fn receive(&self, messages: i64) {
        self.length.add(messages);
    }

    fn send(&self, messages: i64, result: &str, seconds_waited: f64) {
        for _ in 0..messages {
            self.length.dec();
            self.sent.with_label_values(&[result]).inc();
            self.waited.with_label_values(&[result]).observe(seconds_waited);
        }
    }

    /// What it answers under `/metrics`.
    fn metrics(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// The operators' alert.
const QUEUE_GROWS: &str = "mail_queue_length > 20 and deriv(mail_queue_length[5m]) > 0";

fn main() -> Result<(), prometheus::Error> {
    let queue = MailQueue::new()?;
    let mut timeline = Timeline::every("30s");

    // Five minutes in which all is well.
    for _ in 0..=10 {
        timeline.scrape(queue.metrics()?);
        queue.receive(30);
        queue.send(30, "ok", 0.5);
    }
    assert_promql!(timeline, "mail_queue_length", { "mail_queue_length" => 0 });
    assert_promql!(timeline, "rate(mail_sent_total[2m])", approx { r#"{result="ok"}"# => 1 });
    assert_promql!(timeline, QUEUE_GROWS, empty);

    // Then most of the messages cannot be delivered, after having waited for long.
    for _ in 0..10 {
        queue.receive(30);
        queue.send(6, "ok", 5.0);
        queue.send(12, "error", 30.0);
        timeline.scrape(queue.metrics()?);
    }
    assert_promql!(timeline, "mail_queue_length", { "mail_queue_length" => 120 });
    assert_promql!(timeline, QUEUE_GROWS, contains { "mail_queue_length" => 120 });
    // The alert began to fire when more than 20 messages waited, a minute after the trouble began.
    assert_promql!(timeline, format!("count({QUEUE_GROWS})"), range "4m".."7m" step "30s", "_ _ _ _ 1 1 1");

    let errors = "sum(rate(mail_sent_total{result=\"error\"}[2m])) / sum(rate(mail_sent_total[2m]))";
    assert_promql!(timeline, errors, approx 12.0 / 18.0);
    let slowest_tenth = "histogram_quantile(0.9, sum by (le) (rate(mail_wait_seconds_bucket[2m])))";
    assert_promql!(timeline, slowest_tenth, 30.0..=60.0);
    assert_promql!(timeline, "mail_wait_seconds_count", all > 0);
    Ok(())
}

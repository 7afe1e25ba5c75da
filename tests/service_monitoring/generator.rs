//! Writes the whole data set down.

use crate::notation::{Sample, eighths, values};
use crate::story::*;

const HEAD: &str = "\
# A morning at a company that handles documents, 09:00 to 12:00 in steps of 30 s. README.md tells the story.
#
# `service_monitoring.rs` in tests/ makes this file: UPDATE_FIXTURES=1 cargo test --test service_monitoring
";

/// The data set in `load` notation.
pub(crate) fn generate() -> String {
    let mut writer = Writer { text: HEAD.to_owned() };
    let targets = Targets::new();
    availability(&mut writer, &targets);
    requests(&mut writer, &targets);
    durations(&mut writer, &targets);
    documents(&mut writer, &targets);
    tasks(&mut writer, &targets);
    dependencies(&mut writer, &targets);
    processes(&mut writer, &targets);
    writer.text
}

struct Writer {
    text: String,
}

impl Writer {
    /// Begins a block of series that belong together.
    fn section(&mut self, title: &str) {
        self.text.push_str(&format!("\n# {title}\nload 30s\n"));
    }

    fn line(&mut self, series: &str, samples: impl IntoIterator<Item = Sample>) {
        self.text.push_str(&format!("  {series} {}\n", values(samples)));
    }

    /// A counter: `pace` tells by how many eighths it grows in each step of a segment.
    fn counter(&mut self, target: &Target, series: &str, pace: impl Fn(usize) -> i64) {
        // The targets have been up for half a day or so.
        let before = pace(0) * (1_500 + noise(series, 0));
        self.counter_from(before, target, series, pace);
    }

    /// A counter that has come to `count` before the first scrape.
    fn counter_from(&mut self, count: i64, target: &Target, series: &str, pace: impl Fn(usize) -> i64) {
        let (mut count, mut life_before) = (count, 0);
        let samples = scrapes(target).map(|(step, life)| {
            let life = life?;
            if life != life_before {
                (count, life_before) = (0, life);
            }
            count += pace(step / SEGMENT * SEGMENT);
            Some(count)
        });
        let samples: Vec<_> = samples.collect();
        self.line(series, with_staleness(samples));
    }

    /// A gauge that goes straight from segment to segment; `value` is in eighths.
    fn gauge(&mut self, target: &Target, series: &str, value: impl Fn(usize) -> i64) {
        let samples = scrapes(target).map(|(step, life)| {
            let segment = step / SEGMENT * SEGMENT;
            let (from, to) = (value(segment), value(segment + SEGMENT));
            life.map(|_| from + (to - from) / SEGMENT as i64 * (step - segment) as i64)
        });
        let samples: Vec<_> = samples.collect();
        self.line(series, with_staleness(samples));
    }

    /// A classic histogram of durations, which begins at zero so that its buckets fit together: `pace` tells how many come in each step, `median` their median in seconds.
    fn histogram(
        &mut self,
        target: &Target,
        (name, labels): (&str, &str),
        bounds: &[f64],
        pace: impl Fn(usize) -> i64,
        median: impl Fn(usize) -> f64,
    ) {
        let labels = format!("{},{labels}", target.labels());
        for bound in bounds {
            let series = format!("{name}_bucket{{{labels},le=\"{bound:?}\"}}");
            let below = |step| (pace(step) as f64 * share_below(*bound, median(step)) + 0.5) as i64;
            self.counter_from(0, target, &series, |step| 8 * below(step));
        }
        self.counter_from(0, target, &format!("{name}_bucket{{{labels},le=\"+Inf\"}}"), |step| {
            8 * pace(step)
        });
        self.counter_from(0, target, &format!("{name}_count{{{labels}}}"), |step| 8 * pace(step));
        let sum = |step| (pace(step) as f64 * median(step) * MEAN * 8.0 + 0.5) as i64;
        self.counter_from(0, target, &format!("{name}_sum{{{labels}}}"), sum);
    }
}

/// Each step, and which life of the target it is in.
fn scrapes(target: &Target) -> impl Iterator<Item = (usize, Option<usize>)> {
    (0..STEPS).map(|step| (step, target.lives.iter().position(|life| life.contains(&step))))
}

/// A series that was there at the last scrape and is not at this one has a stale marker.
fn with_staleness(samples: Vec<Option<i64>>) -> Vec<Sample> {
    let mut there = false;
    let mark = |sample: Option<i64>| match sample {
        Some(value) => {
            there = true;
            Sample::Eighths(value)
        }
        None if std::mem::take(&mut there) => Sample::Stale,
        None => Sample::Gap,
    };
    samples.into_iter().map(mark).collect()
}

fn availability(writer: &mut Writer, targets: &Targets) {
    writer.section("Which targets answer");
    for target in targets.all() {
        let up = scrapes(target).map(|(_, life)| Sample::Eighths(8 * i64::from(life.is_some())));
        writer.line(&format!("up{{{}}}", target.labels()), up);
    }
}

/// An endpoint: how many requests come in a step at full traffic, and which share of them fails, in hundred
/// thousandths, in quiet and in troubled times.
struct Endpoint<'t> {
    target: &'t Target,
    service: &'static str,
    /// Labels that name the endpoint.
    labels: &'static str,
    /// The label that holds the status.
    status: &'static str,
    pace: i64,
    failing: (i64, i64),
    /// Median duration in seconds, in quiet and in troubled times.
    median: (f64, f64),
}

impl Endpoint<'_> {
    fn requests(&self, step: usize) -> i64 {
        about(self.pace * traffic(step) / 1000, 60, &format!("{}{}", self.target.instance, self.labels), step)
    }

    fn failures(&self, step: usize) -> i64 {
        let (quiet, troubled) = self.failing;
        let share = quiet + (troubled - quiet) * trouble(step) / 1000;
        // Where less than one is due in a step, one comes now and then.
        (self.requests(step) * share + (noise(self.labels, step) + 1_000) * 50) / 100_100
    }

    fn refusals(&self, step: usize) -> i64 {
        (self.requests(step) * 1_500 + (noise(self.labels, step + 1) + 1_000) * 50) / 100_100
    }

    fn median(&self, step: usize) -> f64 {
        let (quiet, troubled) = self.median;
        quiet + (troubled - quiet) * trouble(step) as f64 / 1000.0
    }
}

fn endpoints(targets: &Targets) -> Vec<Endpoint<'_>> {
    let of = |target, service, labels, pace, failing, median| Endpoint {
        target,
        service,
        labels,
        status: if service == "documents" { "status" } else { "status_code" },
        pace,
        failing,
        median,
    };
    let [user, other_user] = &targets.users;
    let [document, other_document] = &targets.documents;
    let users = "method=\"GET\",route=\"/users/{id}\"";
    let upload = "handler=\"/api/documents\",method=\"POST\"";
    let search = "handler=\"/api/search\",method=\"GET\"";
    vec![
        of(&targets.gateway, "gateway", "method=\"GET\",route=\"/api/users\"", 900, (90, 140), (0.06, 0.07)),
        of(
            &targets.gateway,
            "gateway",
            "method=\"POST\",route=\"/api/orders\"",
            420,
            (210, 11_000),
            (0.16, 1.9),
        ),
        of(user, "users", users, 450, (80, 120), (0.035, 0.04)),
        of(other_user, "users", users, 440, (80, 120), (0.035, 0.04)),
        of(&targets.orders, "orders", "method=\"GET\",route=\"/orders\"", 260, (180, 6_000), (0.05, 0.9)),
        of(&targets.orders, "orders", "method=\"POST\",route=\"/orders\"", 415, (240, 12_500), (0.12, 1.8)),
        of(document, "documents", upload, 90, (350, 26_000), (0.34, 0.8)),
        of(document, "documents", search, 160, (120, 3_000), (0.11, 0.15)),
        of(other_document, "documents", upload, 85, (350, 26_000), (0.34, 0.8)),
        of(other_document, "documents", search, 165, (120, 3_000), (0.11, 0.15)),
    ]
}

fn requests(writer: &mut Writer, targets: &Targets) {
    writer.section("Requests, by how they were answered");
    for endpoint in &endpoints(targets) {
        let Endpoint { target, service, labels, status, .. } = endpoint;
        let mut line = |code: &str, pace: &dyn Fn(usize) -> i64| {
            let labels = format!("{},service=\"{service}\",{labels},{status}=\"{code}\"", target.labels());
            writer.counter(target, &format!("http_requests_total{{{labels}}}"), |step| 8 * pace(step));
        };
        line("200", &|step| endpoint.requests(step) - endpoint.failures(step) - endpoint.refusals(step));
        line("404", &|step| endpoint.refusals(step));
        line("500", &|step| endpoint.failures(step));
    }
}

fn durations(writer: &mut Writer, targets: &Targets) {
    writer.section("How long requests took");
    const BOUNDS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0];
    for endpoint in &endpoints(targets) {
        let labels = format!("service=\"{}\",{}", endpoint.service, endpoint.labels);
        let pace = |step| endpoint.requests(step);
        let name = ("http_request_duration_seconds", labels.as_str());
        writer.histogram(endpoint.target, name, BOUNDS, pace, |step| endpoint.median(step));
    }

    writer.section("An old service that exposes quantiles, and a new one that exposes a native histogram");
    let billing = &targets.billing;
    let labels = format!("{},service=\"billing\"", billing.labels());
    for (quantile, millis) in [("0.5", 250), ("0.9", 700), ("0.99", 1_400)] {
        let series = format!("http_request_duration_seconds{{{labels},quantile=\"{quantile}\"}}");
        writer.gauge(billing, &series, |step| about(millis, 120, &series, step) * 8 / 1000);
    }
    checkout(writer, targets);

    writer.section("How long the users service works on a request: less since it was deployed");
    for target in &targets.users {
        let bounds = [0.005, 0.01, 0.025, 0.05, 0.1];
        let pace = |step| about(440 * traffic(step) / 1000, 60, target.instance, step);
        let median = |step| if step > DEPLOYS[1] { 0.012 } else { 0.02 };
        let name = ("user_service_process_duration_seconds", "status=\"success\"");
        writer.histogram(target, name, &bounds, pace, median);
    }
}

/// Orders as a native histogram: a bucket for each power of two from 1/16 s to 8 s.
fn checkout(writer: &mut Writer, targets: &Targets) {
    const LENGTH: usize = 20;
    let bounds: Vec<f64> = (-4..=3).map(|power| 2f64.powi(power)).collect();
    let mut counts = vec![0i64; bounds.len()];
    let mut sum = 0i64;
    let mut runs = Vec::new();
    for start in (0..STEPS).step_by(LENGTH) {
        let median = 0.18 + 1.7 * trouble(start) as f64 / 1000.0;
        let pace = (300 * traffic(start) / 1000) as f64;
        let below: Vec<i64> =
            bounds.iter().map(|bound| (pace * share_below(*bound, median) + 0.5) as i64).collect();
        let growth: Vec<i64> =
            below.iter().enumerate().map(|(at, all)| all - if at == 0 { 0 } else { below[at - 1] }).collect();
        let sum_growth = (pace * median * MEAN * 8.0 + 0.5) as i64;
        let describe = |counts: &[i64], sum: i64| {
            let buckets: Vec<String> = counts.iter().map(i64::to_string).collect();
            let count: i64 = counts.iter().sum();
            format!(
                "{{{{schema:0 count:{count} sum:{} offset:-4 buckets:[{}]}}}}",
                eighths(sum),
                buckets.join(" ")
            )
        };
        let steps = LENGTH.min(STEPS - start) as i64;
        counts.iter_mut().zip(&growth).for_each(|(count, growth)| *count += growth);
        sum += sum_growth;
        runs.push(match steps {
            1 => describe(&counts, sum),
            _ => format!("{}+{}x{}", describe(&counts, sum), describe(&growth, sum_growth), steps - 1),
        });
        counts.iter_mut().zip(&growth).for_each(|(count, growth)| *count += growth * (steps - 1));
        sum += sum_growth * (steps - 1);
    }
    let labels = targets.orders.labels();
    writer.text.push_str(&format!("  checkout_duration_seconds{{{labels}}} {}\n", runs.join(" ")));
}

fn documents(writer: &mut Writer, targets: &Targets) {
    writer.section("The document API: what it works on");
    for target in &targets.documents {
        let labels = target.labels();
        for (content_type, pace) in [("application/pdf", 44), ("application/docx", 22), ("image/png", 16)] {
            let key = format!("{}{content_type}", target.instance);
            let total = |step| {
                about(pace * traffic(step) / 1000 * (1000 - trouble(step) / 2) / 1000, 100, &key, step)
            };
            let failed = |step| total(step) * (1 + trouble(step) / 100) / 100;
            let series = |status: &str| {
                format!(
                    "documents_processed_total{{{labels},status=\"{status}\",content_type=\"{content_type}\"}}"
                )
            };
            writer.counter(target, &series("success"), |step| 8 * (total(step) - failed(step)));
            writer.counter(target, &series("failed"), |step| 8 * failed(step));
        }
        for (handler, method, usual, most) in
            [("/api/documents", "POST", 3, 31), ("/api/search", "GET", 2, 4)]
        {
            let series =
                format!("http_requests_inprogress{{{labels},handler=\"{handler}\",method=\"{method}\"}}");
            let value =
                |step| usual + (most - usual) * trouble(step) / 1000 + (noise(&series, step) + 1000) / 800;
            writer.gauge(target, &series, |step| 8 * SEGMENT as i64 * (value(step) / SEGMENT as i64 + 1));
        }
        let name = ("document_processing_duration_seconds", "stage=\"all\"");
        let pace = |step| about(80 * traffic(step) / 1000, 80, target.instance, step);
        let median = |step| 0.9 + trouble(step) as f64 / 1000.0;
        writer.histogram(target, name, &[0.5, 1.0, 2.5, 5.0, 10.0], pace, median);
    }
    let target = &targets.documents[0];
    let labels = target.labels();
    for (model, pace, median) in [("classifier-v2", 80, 0.04), ("ocr-v3", 30, 0.45)] {
        let labels = format!("model_name=\"{model}\"");
        let pace = |step| about(pace * traffic(step) / 1000, 80, model, step);
        let name = ("model_inference_duration_seconds", labels.as_str());
        writer.histogram(target, name, &[0.025, 0.05, 0.1, 0.5, 1.0, 2.5], pace, |_| median);
    }
    for (queue_name, share) in [("document_processing", 1), ("thumbnails", 0)] {
        let series = format!("document_queue_depth{{{labels},queue_name=\"{queue_name}\"}}");
        let depth = |step| (if share == 1 { queue(step) } else { 4 }) + (noise(&series, step) + 1000) / 500;
        writer.gauge(target, &series, |step| 8 * SEGMENT as i64 * (depth(step) / SEGMENT as i64));
    }
    for (cache, pace, usual, troubled) in [("documents", 600, 860, 480), ("sessions", 900, 970, 960)] {
        let total = |step| about(pace * traffic(step) / 1000, 70, cache, step);
        let hits = |step| total(step) * (usual - (usual - troubled) * trouble(step) / 1000) / 1000;
        let series = |result: &str| {
            format!("cache_operations_total{{{labels},cache_name=\"{cache}\",result=\"{result}\"}}")
        };
        writer.counter(target, &series("hit"), |step| 8 * hits(step));
        writer.counter(target, &series("miss"), |step| 8 * (total(step) - hits(step)));
        writer.counter(target, &series("evict"), |step| 8 * ((total(step) - hits(step)) / 3));
    }
}

fn tasks(writer: &mut Writer, targets: &Targets) {
    writer.section("The task API: small, quiet, and now and then an error");
    let target = &targets.tasks;
    let labels = target.labels();
    for (method, endpoint, created, pace, median) in [
        ("GET", "/tasks", "200", 40, 0.008),
        ("POST", "/tasks", "201", 9, 0.02),
        ("GET", "/tasks/{id}", "200", 25, 0.006),
    ] {
        let key = format!("{method}{endpoint}");
        let total = |step| about(pace * traffic(step) / 1000, 150, &key, step);
        let failed = |step| i64::from(noise(&key, step + 7) > 600);
        let endpoint = format!("method=\"{method}\",endpoint=\"{endpoint}\"");
        let series =
            |status: &str| format!("task_api_requests_total{{{labels},{endpoint},status=\"{status}\"}}");
        writer.counter(target, &series(created), |step| 8 * (total(step) - failed(step)));
        writer.counter(target, &series("500"), |step| 8 * failed(step));
        let name = ("task_api_request_duration_seconds", endpoint.as_str());
        writer.histogram(target, name, &[0.01, 0.025, 0.05, 0.1, 0.5], total, |_| median);
    }
}

fn dependencies(writer: &mut Writer, targets: &Targets) {
    writer.section("What the services lean on: the database, other people's services, the backup");
    let target = &targets.orders;
    let labels = target.labels();
    for (pool, size, usual, troubled) in [("primary", 40, 12, 39), ("replica", 20, 6, 7)] {
        let active = |step: usize| {
            usual + (troubled - usual) * trouble(step) / 1000 + (noise(pool, step) + 1000) / 1000
        };
        let active = |step| active(step).min(size);
        let series = |what: &str| format!("db_connection{what}{{{labels},pool_name=\"{pool}\"}}");
        // Connections do not come in halves: constant within a segment.
        let constant = |value: &dyn Fn(usize) -> i64| -> Vec<Sample> {
            (0..STEPS).map(|step| Sample::Eighths(8 * value(step / SEGMENT * SEGMENT))).collect()
        };
        writer.line(&series("s_active"), constant(&active));
        writer.line(&series("s_idle"), constant(&|step| size - active(step)));
        writer.line(&series("_pool_size"), constant(&|_| size));
    }
    let errors = [
        (&targets.gateway, "app_errors_total", "error_type=\"upstream_timeout\"", 1, 30),
        (&targets.orders, "app_errors_total", "error_type=\"database_timeout\"", 0, 42),
        (&targets.orders, "app_errors_total", "error_type=\"validation\"", 3, 3),
        (&targets.users[0], "app_errors_total", "error_type=\"validation\"", 2, 2),
        (&targets.documents[0], "app_errors_total", "error_type=\"unreadable_document\"", 1, 1),
        (&targets.orders, "external_api_errors_total", "service=\"payments\"", 1, 2),
        (&targets.users[1], "external_api_errors_total", "service=\"geocoding\"", 1, 1),
    ];
    for (target, name, label, usual, troubled) in errors {
        let series = format!("{name}{{{},{label}}}", target.labels());
        let pace =
            |step| usual + (troubled - usual) * trouble(step) / 1000 + i64::from(noise(&series, step) > 500);
        writer.counter(target, &series, |step| 8 * pace(step));
    }
    // Seconds since 1970: 03:00 and 11:00 of the third of March 2026.
    let backup = |step: usize| if step < BACKUP { 1_772_506_800 } else { 1_772_535_600 };
    let samples = (0..STEPS).map(|step| Sample::Eighths(8 * backup(step)));
    writer.line(&format!("last_backup_timestamp_seconds{{{labels},database=\"orders\"}}"), samples);
}

fn processes(writer: &mut Writer, targets: &Targets) {
    writer.section("Processes: memory, CPU time and garbage collections");
    const MIB: i64 = 1 << 20;
    let leaking = targets.documents[1].instance;
    for (target, mib) in targets.all().into_iter().zip([310, 95, 140, 138, 220, 240, 190, 60, 410, 180]) {
        let series = format!("process_resident_memory_bytes{{{}}}", target.labels());
        let size = |step| if target.instance == leaking { leak(step) } else { mib };
        let page = 4096 * SEGMENT as i64;
        writer.gauge(target, &series, |step| 8 * (about(size(step) * MIB, 20, &series, step) / page * page));
    }
    for (target, eighths) in targets.all().into_iter().zip([14, 40, 30, 29, 62, 75, 77, 5, 48, 21]) {
        let series = format!("process_cpu_seconds_total{{{}}}", target.labels());
        let pace = |step| {
            about(eighths * traffic(step) / 1000 * (1000 + trouble(step) / 3) / 1000, 150, &series, step)
        };
        writer.counter(target, &series, pace);
    }
    for target in &targets.documents {
        for (generation, pace) in [("0", 90), ("1", 8), ("2", 1)] {
            let series =
                format!("python_gc_collections_total{{{},generation=\"{generation}\"}}", target.labels());
            writer.counter(target, &series, |step| {
                8 * about(pace * traffic(step) / 1000 + 1, 300, &series, step)
            });
        }
    }

    writer.section("Containers, as the machines see them");
    let pods = [
        ("gateway-6d9f7", 40, 0..STEPS),
        ("orders-58c4b", 62, 0..STEPS),
        ("document-api-7f5d9", 152, 0..STEPS),
        ("report-batch-x2k8q", 210, BATCH),
    ];
    for (pod, eighths, life) in pods {
        let node = Target { job: "cadvisor", instance: "node-1:8081", lives: vec![life] };
        let labels = format!("{},namespace=\"default\",pod=\"{pod}\"", node.labels());
        let series = format!("container_cpu_usage_seconds_total{{{labels}}}");
        writer.counter(&node, &series, |step| about(eighths * traffic(step) / 1000, 120, pod, step));
    }
}

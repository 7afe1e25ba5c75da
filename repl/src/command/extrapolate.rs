//! `.extrapolate QUERY`: how a rate comes by its value.

use promqlite::inspect::{Edge, EdgeRule, Extrapolated, Extrapolation, extrapolations};
use promqlite::model::Timestamp;
use promqlite::model::go_format::format_f;
use promqlite::render::rfc3339;
use promqlite::render::table::brief;
use promqlite::syntax::format_duration;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".extrapolate",
    arguments: &[Argument::required("QUERY", Kind::Query)],
    summary: "Show in numbers how `rate`, `increase` or `delta` comes by its value.",
    details: "Of the first series, and at the last step: matchers choose another one, `.at` another time. A window rarely \
              begins and ends with a sample, so the change between its samples is extrapolated to its ends.",
    run,
};

/// So many resets are shown.
const RESETS_SHOWN: usize = 5;

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let query = &*session.expand(arguments.get(0).unwrap_or_default())?;
    let all = session.inspect(query, |engine, store, times| extrapolations(engine, query, store, times))?;
    let Some(all) = all else {
        return Err(COMMAND.misuse("there is no rate, increase or delta in this query that extrapolates"));
    };
    // One with a value tells more.
    let chosen = all.iter().find(|one| one.extrapolated.is_some()).or(all.first());
    let Some(one) = chosen else {
        return Ok(output.answer("no series has a float in the window; `.why` tells why\n")?);
    };
    let others = match all.len() {
        1 => String::new(),
        count => format!(", one of {count} series"),
    };
    let text = format!("{}({}){others}\n{}", one.function, one.labels, explain(one));
    Ok(output.answer(&text)?)
}

fn explain(one: &Extrapolation) -> String {
    let mut lines = vec![
        (
            "window",
            format!("{} to {}, {}", clock(one.start), clock(one.end), format_duration(one.end - one.start)),
        ),
        (
            "samples",
            format!(
                "{}: {} at {} to {} at {}",
                one.samples,
                format_f(one.first.1),
                clock(one.first.0),
                format_f(one.last.1),
                clock(one.last.0)
            ),
        ),
    ];
    let shown = one.resets.len().min(RESETS_SHOWN);
    for reset in &one.resets[..shown] {
        let text = format!(
            "{} after {} at {}, so {} is added",
            format_f(reset.after),
            format_f(reset.before),
            clock(reset.time),
            format_f(reset.before)
        );
        lines.push(("reset", text));
    }
    if shown < one.resets.len() {
        lines.push(("", format!("... {} more resets", one.resets.len() - shown)));
    }
    match &one.extrapolated {
        Some(worked) => lines.extend(work(worked, &one.function)),
        None => lines.push(("value", "none: it takes two samples".to_owned())),
    }
    lines.iter().map(|(what, text)| format!("  {what:<9} {text}\n")).collect()
}

fn work(worked: &Extrapolated, function: &str) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("change", format!("{} in {}", format_f(worked.change), seconds(worked.sampled))),
        ("interval", format!("{} on average", seconds(worked.interval))),
        (
            "start",
            format!(
                "{} before the first sample: {}",
                seconds(worked.to_start.distance),
                rule(worked.to_start, worked)
            ),
        ),
        (
            "end",
            format!(
                "{} behind the last sample: {}",
                seconds(worked.to_end.distance),
                rule(worked.to_end, worked)
            ),
        ),
    ];
    if let Some(zero) = worked.to_zero {
        lines.push(("zero", format!("{} before the first sample, at this pace", seconds(zero))));
    }
    let Extrapolated { change, sampled, to_start, to_end, factor, per, value, .. } = worked;
    lines.push((
        "factor",
        format!(
            "({} + {} + {}) / {} = {}",
            seconds(*sampled),
            seconds(to_start.taken),
            seconds(to_end.taken),
            seconds(*sampled),
            format_f(*factor)
        ),
    ));
    let per = per.map(|per| format!(" / {}", seconds(per))).unwrap_or_default();
    let text = format!("{function} = {} * {}{per} = {}", format_f(*change), brief(*factor), format_f(*value));
    lines.push(("value", text));
    lines
}

fn rule(edge: Edge, worked: &Extrapolated) -> String {
    let interval = seconds(worked.interval);
    match edge.rule {
        EdgeRule::Whole => format!("less than 1.1 * {interval}, so all of it is taken as seen"),
        EdgeRule::Half => format!("1.1 * {interval} or more, so half an interval is taken as seen"),
        EdgeRule::Zero => "the counter would be below zero there, so it is seen from zero on".to_owned(),
        _ => format!("of {}, {} are taken as seen", seconds(edge.distance), seconds(edge.taken)),
    }
}

fn seconds(seconds: f64) -> String {
    format!("{} s", brief(seconds))
}

fn clock(time: Timestamp) -> String {
    rfc3339(time)
}

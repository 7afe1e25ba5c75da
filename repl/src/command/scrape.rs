//! `.scrape [URL|stop] [INTERVAL] [JOB]`: data that grow.

use promqlite::render::rfc3339;
use promqlite::render::table::{Align, Table};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::moment::Millis;
use crate::output::Output;
use crate::scrape::{Scraper, Target};
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".scrape",
    arguments: &[
        Argument::optional("URL|stop", Kind::Scrape),
        Argument::optional("INTERVAL", Kind::Duration),
        Argument::optional("JOB", Kind::Word),
    ],
    summary: "Read a /metrics page again and again, and query it as it grows.",
    details: "`.scrape localhost:9100` reads http://localhost:9100/metrics every 15s, until `.scrape stop` or the end of \
              the shell. Series get the labels `job` (JOB, or else scrape) and `instance`; `up` tells whether the page was \
              read. A series that is gone from the page ends. Plain http only. `.scrape` alone lists what is read.",
    run,
};

const DEFAULT_INTERVAL: Millis = Millis(15_000);
const DEFAULT_JOB: &str = "scrape";

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    match arguments.get(0) {
        None => list(session, output),
        Some("stop") => {
            let stopped = session.scrapers_mut().drain(..).count();
            session.say(format_args!("{stopped} stopped"), output)
        }
        Some(url) => {
            let interval = arguments.parse(1, &COMMAND)?.unwrap_or(DEFAULT_INTERVAL);
            let job = arguments.get(2).unwrap_or(DEFAULT_JOB);
            let target = Target::new(url, job).map_err(|reason| COMMAND.misuse(reason))?;
            let clock = session.settings().clock;
            let (memory, url) = (session.data().shared_memory(), target.url().to_owned());
            session.scrapers_mut().retain(|scraper| scraper.target().url() != url);
            let scraper = Scraper::start(target, interval, memory, clock, &session.interrupt())?;
            session.rejoin();
            let samples = scraper.status().samples;
            session.scrapers_mut().push(scraper);
            session.say(format_args!("{url}: {samples} samples, and again every {interval}"), output)
        }
    }
}

fn list(session: &mut Session, output: &mut Output<'_>) -> Result<(), ShellError> {
    let columns = [
        ("page", Align::Text),
        ("job", Align::Text),
        ("every", Align::Fixed),
        ("read", Align::Number),
        ("samples", Align::Number),
        ("last", Align::Fixed),
        ("error", Align::Text),
    ];
    let rows = session.scrapers().iter().map(|scraper| {
        let status = scraper.status();
        vec![
            scraper.target().url().to_owned(),
            scraper.target().job().to_owned(),
            scraper.interval().to_string(),
            format!("{} times", status.scrapes),
            status.samples.to_string(),
            rfc3339(status.last),
            status.error.unwrap_or_default(),
        ]
    });
    let table = Table::new(columns, rows, "");
    if table.rows.is_empty() {
        return Ok(output.answer("nothing is scraped: `.scrape localhost:9100` begins\n")?);
    }
    Ok(output.answer(&table.paint(&output.style()))?)
}

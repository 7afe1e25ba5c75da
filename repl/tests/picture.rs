//! The picture of the shell in README.md, `docs/shell.svg`: a session with the demo data, as a terminal in colours shows it.
//!
//! `UPDATE_PICTURE=1` writes it anew.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anstyle::RgbColor;
use anstyle_svg::{Palette, Term};
use promqlite::Features;
use promqlite_repl::demo::demo_store;
use promqlite_repl::evaluation::Evaluation;
use promqlite_repl::moment::Moment;
use promqlite_repl::output::{Output, Terminal};
use promqlite_repl::prompt::highlight;
use promqlite_repl::session::{Session, Settings};

const TYPED: [&str; 4] = [
    ".range 2026-03-03T09:30:00Z 2026-03-03T11:30:00Z 2m",
    "histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))",
    "sum(rate(http_requests_total{sevice=\"orders\"}[5m]))",
    "max(up) > 1",
];

const PROMPT: &str = "promql> ";

/// Both streams of a session end here, as on a screen.
#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a terminal shows when the lines are typed, with its colours.
fn session() -> io::Result<String> {
    let settings = Settings {
        features: Features::default(),
        format: &promqlite::render::table::FORMAT,
        evaluation: Evaluation::Instant(Moment::NEWEST),
        talkative: true,
        clock: || 0,
        stopwatch: || Duration::ZERO,
    };
    let mut session = Session::new(demo_store().map_err(io::Error::other)?, settings);
    let screen = Screen::default();
    let (mut out, mut err, mut typed) = (screen.clone(), screen.clone(), screen.clone());
    let terminal = Terminal { width: 100, height: None, ascii: false, colours: true };
    let mut output = Output::new(&mut out, &mut err, Some(terminal));
    for line in TYPED {
        writeln!(typed, "{PROMPT}{}", highlight(line, None))?;
        session.run(line, &mut output)?;
    }
    write!(typed, "{PROMPT}")?;
    let bytes = screen.0.borrow().clone();
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Colours that can be read on black, normal and bright.
const PALETTE: Palette = {
    const HUES: [RgbColor; 8] = [
        RgbColor(30, 30, 30),
        RgbColor(240, 110, 100),
        RgbColor(130, 200, 90),
        RgbColor(230, 190, 90),
        RgbColor(110, 160, 250),
        RgbColor(210, 130, 230),
        RgbColor(90, 200, 220),
        RgbColor(220, 220, 220),
    ];
    let [black, red, green, yellow, blue, magenta, cyan, white] = HUES;
    Palette([
        black, red, green, yellow, blue, magenta, cyan, white, black, red, green, yellow, blue, magenta,
        cyan, white,
    ])
};

/// Where the first column of the picture begins, and how wide a column is, in pixels: 0.6 of the size of the letters.
const LEFT: f64 = 10.0;
const COLUMN: f64 = 8.4;

/// Gives each piece of text the place that it has in a terminal, and each letter that is no ASCII its own: those come
/// from other fonts, whose letters have other widths.
fn on_a_grid(picture: &str) -> String {
    const PIECE: &str = "<tspan";
    let mut placed = String::new();
    let mut column = 0;
    for (i, part) in picture.split(PIECE).enumerate() {
        if i == 0 {
            placed.push_str(part);
            continue;
        }
        placed.push_str(PIECE);
        if part.starts_with(" x=") {
            column = 0;
        } else if let Some((_, text)) = part.split_once('>') {
            let text = text.split_once("</tspan>").map_or(text, |(text, _)| text);
            let letters =
                ["&lt;", "&gt;", "&amp;", "&quot;"].iter().fold(text.to_owned(), |t, e| t.replace(e, "?"));
            let count = letters.chars().count();
            let placed_one_by_one = if text.is_ascii() { count.min(1) } else { count };
            let places =
                (column..column + placed_one_by_one).map(|c| format!("{:.1}", LEFT + COLUMN * c as f64));
            if count > 0 {
                placed.push_str(&format!(" x=\"{}\"", places.collect::<Vec<_>>().join(" ")));
            }
            column += count;
        }
        placed.push_str(part);
    }
    placed
}

#[test]
fn the_picture_is_of_a_real_session() -> io::Result<()> {
    let picture = on_a_grid(&Term::new().palette(PALETTE).render_svg(&session()?));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/shell.svg");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::write(&path, &picture)?;
    }
    let drawn = fs::read_to_string(&path)?;
    assert!(drawn == picture, "docs/shell.svg is not what the shell shows: UPDATE_PICTURE=1 draws it anew");
    let readme = fs::read_to_string(path.with_file_name("../README.md"))?;
    assert!(readme.contains("(docs/shell.svg)"), "README.md does not show the picture");
    Ok(())
}

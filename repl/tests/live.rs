//! Data that grow, and answers that follow them: `.scrape` against a server, and `.watch` until it is interrupted.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use promqlite::{Features, MemoryStore};
use promqlite_repl::evaluation::Evaluation;
use promqlite_repl::moment::Moment;
use promqlite_repl::output::Output;
use promqlite_repl::session::{Session, Settings};

/// A server of one page, which can be changed.
struct Server {
    address: String,
    page: Arc<Mutex<(&'static str, String)>>,
    asked: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
}

impl Server {
    fn start(page: &str) -> io::Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let server = Server {
            address: listener.local_addr()?.to_string(),
            page: Arc::new(Mutex::new(("200 OK", page.to_owned()))),
            asked: Arc::default(),
            ended: Arc::default(),
        };
        let (page, asked, ended) = (server.page.clone(), server.asked.clone(), server.ended.clone());
        thread::spawn(move || {
            for connection in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let (status, body) = page.lock().expect("the page").clone();
                let _ = connection.and_then(|connection| answer(connection, status, &body));
                asked.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(server)
    }

    fn set(&self, status: &'static str, page: &str) {
        *self.page.lock().expect("the page") = (status, page.to_owned());
        // One reading may have begun before, the next one has not.
        let asked = self.asked.load(Ordering::SeqCst);
        let begin = Instant::now();
        while self.asked.load(Ordering::SeqCst) < asked + 2 {
            assert!(begin.elapsed() < Duration::from_secs(20), "nobody asks for the page");
            thread::sleep(Duration::from_millis(5));
        }
        // What was sent is taken in soon.
        thread::sleep(Duration::from_millis(300));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
    }
}

fn answer(mut connection: TcpStream, status: &str, body: &str) -> io::Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(connection.try_clone()?);
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let length = body.len();
    write!(connection, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn wall_clock() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A session that says what it does, in the notation that pipes get.
fn session() -> Session {
    let settings = Settings {
        features: Features::default(),
        format: &promqlite::render::promql::FORMAT,
        evaluation: Evaluation::Instant(Moment::NEWEST),
        talkative: true,
        clock: wall_clock,
        stopwatch: || Duration::ZERO,
    };
    Session::new(MemoryStore::new(), settings)
}

/// What a line is answered, on both streams.
fn run(session: &mut Session, line: &str) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut output = Output::new(&mut out, &mut err, None);
    session.run(line, &mut output).expect("streams");
    (String::from_utf8(out).expect("UTF-8"), String::from_utf8(err).expect("UTF-8"))
}

/// The values in an answer, without the times.
fn values(session: &mut Session, query: &str) -> Vec<String> {
    let (out, err) = run(session, query);
    assert!(!err.starts_with("error"), "{query}: {err}");
    out.lines().filter_map(|line| line.split(" @[").next()).map(str::to_owned).collect()
}

#[test]
fn a_page_is_queried_as_it_grows() -> io::Result<()> {
    let server = Server::start("# TYPE a_total counter\na_total{job=\"own\"} 1\nb 2\n")?;
    let mut session = session();
    let (said, err) = run(&mut session, &format!(".scrape {} 100ms node", server.address));
    assert_eq!((said.ends_with(": 2 samples, and again every 100ms\n"), err.as_str()), (true, ""), "{said}");
    let instance = format!("instance=\"{}\", job=\"node\"", server.address);
    assert_eq!(
        values(&mut session, "a_total or b"),
        [format!("a_total{{exported_job=\"own\", {instance}}} => 1"), format!("b{{{instance}}} => 2")]
    );
    assert_eq!(values(&mut session, "up"), [format!("up{{{instance}}} => 1")]);

    server.set("200 OK", "a_total{job=\"own\"} 5\n");
    assert_eq!(values(&mut session, "sum(a_total) + sum(count_over_time(b[1m])) * 0"), ["{} => 5"]);
    let (out, said) = run(&mut session, "b");
    assert!(out.is_empty() && said.contains("the series ended at"), "{out}{said}");
    assert_eq!(values(&mut session, "sum(increase(a_total[1m])) > bool 3"), ["{} => 1"]);

    server.set("500 Internal Server Error", "no\n");
    assert_eq!(values(&mut session, "a_total or up"), [format!("up{{{instance}}} => 0")]);
    let (listed, _) = run(&mut session, ".scrape");
    assert!(listed.contains("http status: 500"), "{listed}");

    server.set("200 OK", "a_total{job=\"own\"} 7\n");
    assert_eq!(values(&mut session, "sum(a_total) * sum(up)"), ["{} => 7"]);

    assert_eq!(run(&mut session, ".scrape stop"), ("1 stopped\n".to_owned(), String::new()));
    thread::sleep(Duration::from_millis(500));
    let asked = server.asked.load(Ordering::SeqCst);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(server.asked.load(Ordering::SeqCst), asked);
    assert_eq!(values(&mut session, "sum(a_total)"), ["{} => 7"]);
    Ok(())
}

#[test]
fn a_page_that_is_no_page_is_not_scraped() -> io::Result<()> {
    let server = Server::start("<html>\n")?;
    let mut session = session();
    let (said, err) = run(&mut session, &format!(".scrape {}", server.address));
    assert!(said.is_empty() && err.contains("/metrics: line 1"), "{said}{err}");
    let (listed, _) = run(&mut session, ".scrape");
    assert!(listed.contains("nothing is scraped"), "{listed}");
    let (_, why) = run(&mut session, "up");
    assert!(why.contains("there are no series at all"), "{why}");
    Ok(())
}

#[test]
fn an_interrupt_ends_the_waiting_for_a_page() -> io::Result<()> {
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let mut session = session();
    let interrupt = session.interrupt();
    let begin = Instant::now();
    let waiting = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        interrupt.cancel();
    });
    let (said, err) = run(&mut session, &format!(".scrape {}", silent.local_addr()?));
    assert!(waiting.join().is_ok());
    assert!(said.is_empty() && err == "error: interrupted\n", "{said}{err}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(session.scrapers().is_empty());
    Ok(())
}

#[test]
fn an_interrupt_ends_a_watch() {
    let mut session = session();
    let interrupt = session.interrupt();
    let begin = Instant::now();
    let waiting = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        interrupt.cancel();
    });
    let (out, err) = run(&mut session, ".watch 200ms vector(42)");
    assert!(waiting.join().is_ok());
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert!(out.matches("{} => 42 @[").count() >= 2 && err.is_empty(), "{out}{err}");
    assert!(out.starts_with("every 200ms, now 20"), "{out}");
    assert_eq!(values(&mut session, "vector(1)"), ["{} => 1"]);
}

#[test]
fn a_watch_ends_with_an_error_that_does_not_go_away() {
    let (out, err) = run(
        &mut session(),
        ".watch 10ms vector(1) + on () group_left () (vector(1) or label_replace(vector(1), \"a\", \"b\", \"\", \"\"))",
    );
    assert!(out.starts_with("every 10ms") && err.contains("many-to-many"), "{out}{err}");
}

//! A Prometheus server on a data directory, and promtool beside it.
//!
//! Where they are is told by `PROMQLITE_REFERENCE_TOOLS`, a directory with `bin/prometheus` and `bin/promtool`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// Names the directory of the tools.
pub(crate) const TOOLS: &str = "PROMQLITE_REFERENCE_TOOLS";

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program `name`, if the tools are there.
///
/// # Panics
///
/// The variable names a directory that does not have it.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let dir = std::env::var_os(TOOLS)?;
    let path = Path::new(&dir).join("bin").join(name);
    assert!(path.exists(), "{TOOLS} is set, and there is no {}", path.display());
    Some(path)
}

/// What promtool prints.
pub(crate) fn promtool(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(tool("promtool").unwrap()).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("promtool {arguments:?}: {}{}", text(&output.stdout), text(&output.stderr))),
    }
}

/// A server that runs as long as this lives.
pub(crate) struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts a server on the data directory `data`; beside it are its configuration and its log.
    pub(crate) fn start(data: &Path) -> Server {
        let [config, log] = ["yml", "log"].map(|extension| data.with_extension(extension));
        std::fs::write(&config, "global: {}\n").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(tool("prometheus").unwrap())
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args([
                "--storage.tsdb.retention.time=200y",
                "--web.enable-lifecycle",
                "--query.lookback-delta=5m",
            ])
            .args(["--enable-feature=native-histograms"])
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Server { child, port, log };
        let started = Instant::now();
        while server.get("/-/ready").is_none_or(|(status, _)| status != 200) {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "{ended:?}\n{}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// What the HTTP API answers.
    pub(crate) fn ask(&self, path: &str, arguments: &[(&str, &str)]) -> Json {
        let arguments: Vec<String> =
            arguments.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let (_, body) = self.get(&format!("/api/v1/{path}?{}", arguments.join("&"))).unwrap();
        serde_json::from_str(&body).unwrap()
    }

    /// Lets the server end as it does when it is asked to.
    pub(crate) fn stop(mut self) {
        self.request("POST", "/-/quit").unwrap();
        self.child.wait().unwrap();
    }

    fn get(&self, path: &str) -> Option<(u16, String)> {
        self.request("GET", path)
    }

    /// Status and body of the answer, once there is one.
    fn request(&self, method: &str, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.write_all(format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

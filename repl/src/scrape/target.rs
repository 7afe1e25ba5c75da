//! Where a page is, and what is said of its series.

use promqlite::Labels;

/// A page that is scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: String,
    instance: String,
    job: String,
}

impl Target {
    /// What is meant by `address`: a URL, or host and port of a server that has its page at `/metrics`.
    ///
    /// ```
    /// use promqlite_repl::scrape::Target;
    ///
    /// let url = |address| Target::new(address, "node").map(|target| target.url().to_owned());
    /// assert_eq!(url("localhost:9100").as_deref(), Ok("http://localhost:9100/metrics"));
    /// assert_eq!(url("http://10.0.0.1/a?b=c").as_deref(), Ok("http://10.0.0.1/a?b=c"));
    /// assert!(url("https://localhost").is_err() && url("").is_err());
    /// ```
    pub fn new(address: &str, job: &str) -> Result<Target, String> {
        let rest = match address.split_once("://") {
            Some(("http", rest)) => rest,
            Some((other, _)) => return Err(format!("only plain http is spoken here, not {other}")),
            None => address,
        };
        let (host, path) = match rest.find(['/', '?']) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(format!(
                "{address:?} is no address such as localhost:9100 or http://localhost:9100/metrics"
            ));
        }
        let path = if path.is_empty() || path == "/" { "/metrics" } else { path };
        let has_port =
            host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let port = if has_port { "" } else { ":80" };
        Ok(Target {
            url: format!("http://{host}{path}"),
            instance: format!("{host}{port}"),
            job: job.to_owned(),
        })
    }

    /// Where the page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The `job` label of its series.
    pub fn job(&self) -> &str {
        &self.job
    }

    /// The series `name` about the target itself.
    pub fn own_series(&self, name: &str) -> Labels {
        Labels::from_pairs([("__name__", name), ("instance", &self.instance), ("job", &self.job)])
    }

    /// The labels of a series on the page with those of the target. What the page says of `job` and `instance` is
    /// kept under other names.
    pub fn label(&self, series: &Labels) -> Labels {
        let mut labels = series.builder();
        for (name, value) in [("job", &self.job), ("instance", &self.instance)] {
            if let Some(said) = series.get(name) {
                let mut other = format!("exported_{name}");
                while series.get(&other).is_some() {
                    other = format!("exported_{other}");
                }
                labels.set(&other, said);
            }
            labels.set(name, value);
        }
        labels.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_target_come_first() {
        let target = Target::new("http://localhost/x", "node").expect("a target");
        let labels =
            |pairs: &[(&str, &str)]| target.label(&Labels::from_pairs(pairs.iter().copied())).to_string();
        assert_eq!(labels(&[("__name__", "a")]), r#"a{instance="localhost:80", job="node"}"#);
        assert_eq!(
            labels(&[("__name__", "a"), ("job", "x"), ("exported_job", "y")]),
            r#"a{exported_exported_job="x", exported_job="y", instance="localhost:80", job="node"}"#
        );
        assert_eq!(
            Target::new("[::1]:9", "x").expect("a target").own_series("up").value("instance"),
            "[::1]:9"
        );
    }
}

//! Samples as lines of text, in the formats of k6's `--out json` and `--out csv`.

use super::metric::Metric;
use super::samples::Samples;
use super::series::Series;
use super::tags::Tags;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{json, Value};
use std::io::Write;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

/// k6's columns for its own tags, in its order; all others share one.
const COLUMNS: [&str; 14] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "method",
    "name",
    "proto",
    "scenario",
    "service",
    "status",
    "subproto",
    "tls_version",
    "url",
];

/// How a CSV's `timestamp` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Whole units since 1970, of so many nanoseconds.
    Unix(u64),
    /// RFC 3339 in UTC, its fraction cut to seconds unless `nanos`.
    Rfc3339 { nanos: bool },
}

impl Stamp {
    /// By k6's name of it (`timeFormat`).
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "unix" => Self::Unix(1_000_000_000),
            "unix_milli" => Self::Unix(1_000_000),
            "unix_micro" => Self::Unix(1_000),
            "unix_nano" => Self::Unix(1),
            "rfc3339" => Self::Rfc3339 { nanos: false },
            "rfc3339_nano" => Self::Rfc3339 { nanos: true },
            _ => return None,
        })
    }

    fn of(self, wall_ns: u64) -> String {
        match self {
            Self::Unix(unit) => (wall_ns / unit).to_string(),
            Self::Rfc3339 { nanos } => {
                let shown = if nanos { wall_ns } else { wall_ns - wall_ns % 1_000_000_000 };
                let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(shown)).ok();
                time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv(Stamp),
}

/// Makes the lines of one output.
pub struct Lines {
    form: Form,
    /// By metric: `"thresholds":…,"submetrics":…` of its `Metric` line.
    thresholds: FxHashMap<String, String>,
    /// Metrics that have had their `Metric` line.
    told: FxHashSet<String>,
}

impl Lines {
    pub fn new(form: Form, thresholds: FxHashMap<String, String>) -> Self {
        Self { form, thresholds, told: FxHashSet::default() }
    }

    /// What stands above all samples.
    pub fn head(&self) -> String {
        match self.form {
            Form::Json => String::new(),
            Form::Csv(_) => format!("metric_name,timestamp,metric_value,{},extra_tags,metadata\n", COLUMNS.join(",")),
        }
    }

    pub fn render(&mut self, samples: &Samples) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples.taken.len() * 256);
        // A series' tags are the same in all of its lines: written once.
        let tails: Vec<String> = samples.series.iter().map(|series| self.tail(series)).collect();
        for (place, wall_ns, value) in &samples.taken {
            let metric = &samples.series[*place].metric;
            // Into memory: it cannot fail.
            let _ = match self.form {
                Form::Json => {
                    self.tell(&mut out, metric);
                    let time = Stamp::Rfc3339 { nanos: true }.of(*wall_ns);
                    let (name, tags) = (json_text(&metric.name), &tails[*place]);
                    writeln!(
                        out,
                        r#"{{"metric":{name},"type":"Point","data":{{"time":"{time}","value":{value},"tags":{tags}}}}}"#
                    )
                }
                Form::Csv(stamp) => {
                    let (name, time) = (quoted(&metric.name), stamp.of(*wall_ns));
                    writeln!(out, "{name},{time},{value:.6},{}", tails[*place])
                }
            };
        }
        out
    }

    fn tail(&self, series: &Series) -> String {
        match self.form {
            Form::Json => json_tags(&series.tags),
            Form::Csv(_) => csv_tags(&series.tags),
        }
    }

    /// The line that comes before a metric's first sample.
    fn tell(&mut self, out: &mut Vec<u8>, metric: &Metric) {
        if self.told.contains(&metric.name) {
            return;
        }
        self.told.insert(metric.name.clone());
        let own = self.thresholds.remove(&metric.name);
        let own = own.as_deref().unwrap_or(r#""thresholds":[],"submetrics":null"#);
        let (name, kind, contains) = (json_text(&metric.name), metric.kind.name(), metric.contains.name());
        let data = format!(r#"{{"name":{name},"type":"{kind}","contains":"{contains}",{own}}}"#);
        let _ = writeln!(out, r#"{{"type":"Metric","data":{data},"metric":{name}}}"#);
    }
}

fn json_text(text: &str) -> String {
    Value::from(text).to_string()
}

fn json_tags(tags: &Tags) -> String {
    Value::Object(tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect()).to_string()
}

/// All columns from `check` on.
fn csv_tags(tags: &Tags) -> String {
    let mut columns = vec![String::new(); COLUMNS.len()];
    let mut others = Vec::new();
    for (key, value) in tags {
        match COLUMNS.iter().position(|column| column == key) {
            Some(at) => columns[at] = quoted(value),
            None => others.push(format!("{key}={value}")),
        }
    }
    format!("{},{},", columns.join(","), quoted(&others.join("&")))
}

/// A field of CSV (RFC 4180), in quotes only where it needs them.
fn quoted(field: &str) -> String {
    match field.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;

//! A real Prometheus: its own tool over the shipped rules, and an alert that fires.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command};

use serde_json::Value;

use super::{House, free_port, page, publisher, source, until};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/monitoring");

fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("!!! SKIPPED: no {program} (tests/run installs it)");
    }
    found
}

#[test]
fn the_shipped_rules_pass_prometheus_own_check_and_their_tests() {
    if !is_there("promtool") {
        return;
    }
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]] {
        let output = Command::new("promtool").args(arguments).current_dir(FOLDER).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("SUCCESS"), "{said}");
    }
}

/// Words of a text that name a metric of ours.
fn named(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .filter(|word| word.starts_with("tidings_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_alerts_and_dashboard_ask_for_is_there_and_every_alert_is_documented() {
    let mut house = House::with(&source(publisher(0)));
    house.start();
    let given = house.page("/metrics").unwrap();
    let rules = std::fs::read_to_string(Path::new(FOLDER).join("alerts.yml")).unwrap();
    let dashboard = std::fs::read_to_string(Path::new(FOLDER).join("dashboard.json")).unwrap();
    let series: BTreeSet<&str> = given
        .lines()
        .filter_map(|line| {
            // A family without a value yet is there by its type.
            let typed = line.strip_prefix("# TYPE ").and_then(|rest| rest.split(' ').next());
            typed.or_else(|| line.split(['{', ' ']).next())
        })
        .collect();
    for name in named(&rules).union(&named(&dashboard)) {
        let family = name.trim_end_matches("_total").trim_end_matches("_bucket");
        assert!(series.contains(name.as_str()) || series.contains(family), "{name} is not in /metrics");
    }
    let panels = serde_json::from_str::<Value>(&dashboard).unwrap();
    assert!(panels["panels"].as_array().unwrap().iter().all(|panel| !panel["targets"].as_array().unwrap().is_empty()));
    let documentation = include_str!("../../../docs/monitoring.md");
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(documentation.contains(&format!("| `{alert}` |")), "{alert} is not in docs/monitoring.md");
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_source_that_fails_raises_its_alert_in_a_real_prometheus() {
    if !is_there("prometheus") {
        return;
    }
    let mut house = House::with(&(source(publisher(0)) + &source(free_port())));
    house.start();
    let rules = std::fs::read_to_string(Path::new(FOLDER).join("alerts.yml")).unwrap();
    std::fs::write(house.path("alerts.yml"), rules.replace("for: 1h", "for: 1s")).unwrap();
    let settings = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [alerts.yml]\nscrape_configs:\n\
         - job_name: tidings\n  static_configs: [{{ targets: [\"127.0.0.1:{}\"] }}]\n",
        house.port
    );
    std::fs::write(house.path("prometheus.yml"), settings).unwrap();
    let port = free_port();
    let log = std::fs::File::create(house.path("prometheus.log")).unwrap();
    let _server = Server(
        Command::new("prometheus")
            .arg(format!("--config.file={}", house.path("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", house.path("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stderr(log)
            .spawn()
            .unwrap(),
    );
    let firing = until("the alert", || {
        let answer = page(port, "/api/v1/alerts")?;
        let told: Value = serde_json::from_str(answer.get(answer.find('{')?..=answer.rfind('}')?)?).ok()?;
        let alerts = told["data"]["alerts"].as_array()?.clone();
        alerts
            .iter()
            .any(|alert| alert["labels"]["alertname"] == "TidingsSourcesFailing" && alert["state"] == "firing")
            .then_some(alerts)
    });
    let summary = |alert: &Value| alert["annotations"]["summary"].as_str().unwrap_or_default().to_owned();
    assert!(firing.iter().any(|alert| summary(alert).starts_with("1 sources of 127.0.0.1:")), "{firing:#?}");
    let others: Vec<_> = firing.iter().filter(|alert| alert["labels"]["severity"] == "critical").collect();
    assert!(others.is_empty(), "nothing else is amiss: {others:#?}");
}

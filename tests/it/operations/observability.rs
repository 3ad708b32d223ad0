//! The rules and the dashboard that the service ships: they fit what reads them, and name metrics that there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Command,
};

use serde_json::{Value, json};
use stakis_identity::metrics::Alarm;

use super::metrics::metrics;
use crate::support::{
    TestApp, database_tests, guides::repository, plain_tests, program_tests, python_program, run_program,
};

database_tests![
    op_06_the_rules_and_the_dashboard_name_metrics_that_there_are,
    op_06_the_handbook_describes_every_metric,
];
plain_tests![
    op_06_each_alarm_has_a_rule,
    op_06_each_alert_leads_to_a_section_of_the_handbook,
    op_06_the_dashboard_fits_what_grafana_reads,
];
program_tests![
    "promtool": op_06_promtool_takes_the_rules,
    "kubernetes-validate": op_06_the_compose_profile_brings_prometheus_and_grafana,
];

/// What begins the names of metrics of the service, and of those that tell of its process.
const PREFIXES: [&str; 2] = ["stakis_", "process_"];
const RULES: [&str; 2] = ["objectives.yml", "alerts.yml"];

fn shipped(path: &str) -> PathBuf {
    repository().join("docs/deploy").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(shipped(path)).unwrap()
}

fn rules() -> String {
    RULES.map(|file| read(&format!("prometheus/{file}"))).concat()
}

fn dashboard() -> Value {
    serde_json::from_str(&read("grafana/stakis-identity.json")).unwrap()
}

/// The names of metrics in a text. The parts of a histogram count as the histogram.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || "_:".contains(character)));
    let names = words.filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix)));
    names.map(base).collect()
}

fn base(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

/// A metric as a process tells it.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    kind: String,
    labels: BTreeSet<String>,
    help: String,
}

fn described(text: &str) -> BTreeMap<String, Described> {
    let mut all = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            let new = Described { kind: String::new(), labels: BTreeSet::new(), help: help.to_owned() };
            assert!(all.insert(name.to_owned(), new).is_none(), "{name} is told twice");
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            kind.clone_into(&mut all.get_mut(name).unwrap().kind);
        } else {
            let (name, labels) = line.rsplit_once(' ').unwrap().0.split_once('{').unwrap_or((line, ""));
            let names = labels.split("\",").filter_map(|label| Some(label.split_once("=\"")?.0.to_owned()));
            let name = name.split(' ').next().unwrap();
            let metric = if all.contains_key(name) { name } else { base(name) };
            all.get_mut(metric).unwrap().labels.extend(names.filter(|name| name != "le"));
        }
    }
    all
}

async fn op_06_the_rules_and_the_dashboard_name_metrics_that_there_are(app: &TestApp) {
    let text = metrics(app).await;
    let there: BTreeSet<String> = described(&text).into_keys().collect();
    let (rules, dashboard) = (rules(), read("grafana/stakis-identity.json"));
    for (file, text, least) in [("the rules", &rules, 20), ("the dashboard", &dashboard, 35)] {
        // The identifiers of the dashboard and of its source are no metrics; they have hyphens.
        let names = named(text);
        assert!(names.len() >= least, "{file}: {names:?}");
        let unknown: Vec<_> = names.iter().filter(|name| !there.contains(**name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    // The reverse: the dashboard shows every metric.
    let both = named(&dashboard);
    // The sum of two that it shows.
    let shown: Vec<_> =
        there.iter().filter(|name| !both.contains(name.as_str()) && *name != "stakis_hashes_pending").collect();
    assert!(shown.is_empty(), "the dashboard does not show {shown:?}");
    // What the rules record is recorded.
    let recorded: BTreeSet<&str> =
        rules.lines().filter_map(|line| line.split_once("record: ")).map(|(_, name)| name).collect();
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || "_:".contains(character)));
        words.filter(|word| word.starts_with("stakis:")).map(str::to_owned).collect()
    };
    for name in words(&rules).union(&words(&dashboard)) {
        assert!(recorded.contains(name.as_str()), "{name} is not recorded");
    }
    // The calls that the objective leaves out are calls.
    for route in [
        "/v1/sessions",
        "/v1/password-resets/complete",
        "/v1/account/password",
        "/v1/account/email",
        "/v1/accounts/import",
    ] {
        let series = format!(r#"stakis_http_request_duration_seconds_count{{method="POST",route="{route}"}}"#);
        assert!(text.contains(&series), "{route}");
    }
}

fn op_06_each_alarm_has_a_rule() {
    let rules = rules();
    for alarm in Alarm::ALL {
        assert!(rules.contains(&format!(r#"stakis_alarms_total{{alarm="{alarm}"}}"#)), "{alarm}");
    }
}

/// The address of a heading within its page.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|character| character.is_alphanumeric() || " -_".contains(*character))
        .collect::<String>()
        .replace(' ', "-")
}

fn op_06_each_alert_leads_to_a_section_of_the_handbook() {
    let handbook = fs::read_to_string(repository().join("docs/operations.md")).unwrap();
    let anchors: BTreeSet<String> = handbook.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
    let rules = rules();
    let alerts = rules.matches("- alert: ").count();
    let links: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: ")).collect();
    assert!(alerts >= 25 && links.len() == alerts && rules.matches("summary: ").count() == alerts);
    for link in links {
        let anchor = link.trim_matches('"').strip_prefix("docs/operations.md#").unwrap_or_else(|| panic!("{link}"));
        assert!(anchors.contains(anchor), "{link}");
    }
}

async fn op_06_promtool_takes_the_rules() {
    let promtool = |words: &[&str], files: &[PathBuf]| {
        let mut command = Command::new("promtool");
        command.args(words).args(files);
        command
    };
    let files = RULES.map(|file| shipped(&format!("prometheus/{file}")));
    run_program(promtool(&["check", "rules", "--lint-fatal"], &files), "").await;
    run_program(promtool(&["check", "config"], &[shipped("prometheus/prometheus.yml")]), "").await;
    run_program(promtool(&["test", "rules"], &[repository().join("tests/prometheus/rules.yml")]), "").await;

    // The check can fail: an expression that is none is found.
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.yml");
    fs::write(&wrong, read("prometheus/alerts.yml").replacen("increase(", "increase((", 1)).unwrap();
    assert!(!promtool(&["check", "rules"], &[wrong]).output().unwrap().status.success());
}

/// What Grafana reads of a dashboard, as far as this one uses it: its JSON model
/// (<https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>). Grafana publishes the
/// model in CUE and TypeScript; nothing else may stand in the file, so a word that is misspelt is found.
fn schema() -> Value {
    let closed = |properties: Value, optional: &[&str]| {
        let names = properties.as_object().unwrap().keys().filter(|name| !optional.contains(&name.as_str()));
        let required: Vec<_> = names.cloned().collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    };
    let (text, whole, truth) =
        (json!({ "type": "string" }), json!({ "type": "integer" }), json!({ "type": "boolean" }));
    let nothing = json!({ "type": "array", "maxItems": 0 });
    let place = closed(
        json!({
            "h": { "type": "integer", "minimum": 1 },
            "w": { "type": "integer", "minimum": 1, "maximum": 24 },
            "x": { "type": "integer", "minimum": 0, "maximum": 23 },
            "y": { "type": "integer", "minimum": 0 },
        }),
        &[],
    );
    let source = closed(json!({ "type": { "const": "prometheus" }, "uid": { "const": "stakis-prometheus" } }), &[]);
    let target = closed(
        json!({
            "refId": { "type": "string", "pattern": "^[A-Z]$" },
            "datasource": source,
            "expr": { "type": "string", "minLength": 1 },
            "legendFormat": text,
        }),
        &[],
    );
    let units = ["short", "s", "percentunit", "bytes", "reqps", "cps"];
    let field = closed(json!({ "unit": { "enum": units }, "min": { "type": "number" } }), &[]);
    let legend = closed(
        json!({
            "displayMode": { "enum": ["list", "table", "hidden"] },
            "placement": { "enum": ["bottom", "right"] },
            "showLegend": truth,
        }),
        &[],
    );
    let tooltip = closed(
        json!({ "mode": { "enum": ["single", "multi", "none"] }, "sort": { "enum": ["none", "asc", "desc"] } }),
        &[],
    );
    let graph = closed(
        json!({
            "id": whole,
            "type": { "const": "timeseries" },
            "title": text,
            "description": text,
            "datasource": source,
            "gridPos": place,
            "fieldConfig": closed(json!({ "defaults": field, "overrides": nothing }), &[]),
            "options": closed(json!({ "legend": legend, "tooltip": tooltip }), &[]),
            "targets": { "type": "array", "minItems": 1, "items": target },
        }),
        &["description"],
    );
    let row = closed(
        json!({
            "id": whole, "type": { "const": "row" }, "title": text, "collapsed": truth, "gridPos": place, "panels": nothing,
        }),
        &[],
    );
    closed(
        json!({
            "uid": { "type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$" },
            "title": text,
            "description": text,
            "tags": { "type": "array", "items": text },
            "schemaVersion": { "type": "integer", "minimum": 36 },
            "version": whole,
            "editable": truth,
            "graphTooltip": { "enum": [0, 1, 2] },
            "refresh": text,
            "time": closed(json!({ "from": text, "to": text }), &[]),
            "timezone": { "enum": ["browser", "utc", ""] },
            "annotations": closed(json!({ "list": nothing }), &[]),
            "links": nothing,
            "templating": closed(json!({ "list": nothing }), &[]),
            "panels": { "type": "array", "minItems": 1, "items": { "oneOf": [graph, row] } },
        }),
        &[],
    )
}

fn op_06_the_dashboard_fits_what_grafana_reads() {
    let dashboard = dashboard();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&dashboard).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    let place = |panel: &Value, name: &str| panel["gridPos"][name].as_i64().unwrap();
    for (index, one) in panels.iter().enumerate() {
        assert!(place(one, "x") + place(one, "w") <= 24, "{}", one["title"]);
        for other in &panels[index + 1..] {
            let apart = |at: &str, size: &str| {
                place(one, at) + place(one, size) <= place(other, at)
                    || place(other, at) + place(other, size) <= place(one, at)
            };
            assert!(apart("x", "w") || apart("y", "h"), "{} covers {}", one["title"], other["title"]);
        }
        let letters: Vec<&Value> =
            one["targets"].as_array().into_iter().flatten().map(|target| &target["refId"]).collect();
        assert_eq!(letters.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), letters.len());
    }

    // The check can fail: a word that Grafana does not know is found.
    let mut wrong = dashboard.clone();
    wrong["panels"][1]["targets"][0]["expression"] = json!("up");
    assert!(!validator.is_valid(&wrong));
}

/// Reads a file of YAML.
async fn yaml(path: PathBuf) -> Value {
    let mut command = Command::new(python_program("python3").unwrap());
    command
        .args(["-c", "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"])
        .arg(path);
    serde_json::from_slice(&run_program(command, "").await).unwrap()
}

async fn op_06_the_compose_profile_brings_prometheus_and_grafana() {
    let compose = yaml(repository().join("docker-compose.yml")).await;
    let services = compose["services"].as_object().unwrap();
    let with_profile = services.iter().filter(|(_, service)| service["profiles"] == json!(["observability"]));
    assert_eq!(with_profile.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["prometheus", "grafana"]);
    for (name, service) in services {
        // Nothing is reached from outside this machine, and each image has a version.
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}: {port}");
        }
        let image = service["image"].as_str().map(|image| image.rsplit_once(':').unwrap().1);
        assert!(image != Some("latest") && (image.is_some() || service["build"] == "."), "{name}");
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let (source, target) = volume.as_str().unwrap().split_once(':').unwrap();
            if let Some(path) = source.strip_prefix("./") {
                assert!(repository().join(path).exists() && target.ends_with(":ro"), "{name}: {volume}");
            } else {
                assert!(compose["volumes"].as_object().unwrap().contains_key(source), "{name}: {volume}");
            }
        }
    }

    // Prometheus asks the service where it listens, and nobody else is asked by anybody outside.
    let prometheus = yaml(shipped("prometheus/prometheus.yml")).await;
    let target = &prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0];
    let listen = services["identity"]["environment"]["STAKIS_OPS_LISTEN"].as_str().unwrap();
    assert_eq!(target.as_str().unwrap(), format!("identity:{}", listen.rsplit_once(':').unwrap().1));
    assert_eq!(prometheus["rule_files"], json!(RULES));
    assert_eq!(services["identity"]["ports"], json!(["127.0.0.1:8080:8080"]));
    let mounted =
        |service: &str, path: &str| services[service]["volumes"].as_array().unwrap().contains(&json!(path));
    assert!(mounted("prometheus", "./docs/deploy/prometheus:/etc/prometheus:ro"));

    // Grafana asks Prometheus, knows it by the name that the panels have, and finds the dashboard.
    let sources = yaml(shipped("grafana/provisioning/datasources/prometheus.yml")).await;
    let source = &sources["datasources"][0];
    assert_eq!((&source["uid"], &source["url"]), (&json!("stakis-prometheus"), &json!("http://prometheus:9090")));
    let boards = yaml(shipped("grafana/provisioning/dashboards/stakis.yml")).await;
    let folder = boards["providers"][0]["options"]["path"].as_str().unwrap();
    assert!(mounted("grafana", "./docs/deploy/grafana/provisioning:/etc/grafana/provisioning:ro"));
    let board = format!("./docs/deploy/grafana/stakis-identity.json:{folder}/stakis-identity.json:ro");
    assert!(mounted("grafana", &board), "{board}");
    // Every caller may look, and nobody changes anything.
    let settings = &services["grafana"]["environment"];
    assert_eq!(settings["GF_AUTH_ANONYMOUS_ORG_ROLE"], "Viewer");
    assert_eq!(
        (&settings["GF_AUTH_DISABLE_LOGIN_FORM"], &settings["GF_AUTH_BASIC_ENABLED"]),
        (&json!("true"), &json!("false"))
    );
}

async fn op_06_the_handbook_describes_every_metric(app: &TestApp) {
    let text = metrics(app).await;
    let there: Vec<String> = described(&text)
        .into_iter()
        .map(|(name, Described { kind, labels, help })| {
            let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| `{name}` | {kind} | {} | {help} |", labels.join(", "))
        })
        .collect();
    let handbook = fs::read_to_string(repository().join("docs/operations.md")).unwrap();
    let rows = handbook.lines().skip_while(|line| *line != "| metric | type | labels | what it tells |").skip(2);
    let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
    assert!(rows == there, "the table of docs/operations.md is to be:\n{}", there.join("\n"));
}

//! A real Chromium, driven through its `WebDriver` ([W3C](https://www.w3.org/TR/webdriver2/)).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A start takes a second on a quiet machine, a minute on one that builds four things.
const PATIENCE: Duration = Duration::from_mins(2);

/// Starts of the driver at most.
const TRIES: u32 = 10;

/// How a page is seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) scheme: &'static str,
}

/// A desk by day, a desk by night, and a phone of 360 points, the narrowest in use.
pub(crate) const LOOKS: [Look; 3] = [
    Look { name: "light", width: 1_280, scheme: "light" },
    Look { name: "dark", width: 1_280, scheme: "dark" },
    Look { name: "phone", width: 360, scheme: "light" },
];

pub(crate) struct Chromium {
    process: Child,
    folder: TempDir,
    port: u16,
    session: String,
}

/// Whether there is one; says loudly where there is none.
pub(crate) fn is_there() -> bool {
    let found = Command::new("chromedriver").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    eprintln!("!!! SKIPPED: no chromium and chromedriver (tests/run installs them)");
    false
}

#[expect(clippy::disallowed_methods, reason = "waits for processes; no worker of tokio's is here")]
pub(crate) fn wait<T>(what: &str, said: &dyn Fn() -> String, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}\n{}", said());
        std::thread::sleep(Duration::from_millis(25));
    }
}

impl Chromium {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (process, port) =
            (0..TRIES).find_map(|_| driver(folder.path())).expect("the browser's driver finds a port");
        let mut browser = Self { process, folder, port, session: String::new() };
        let profile = format!("--user-data-dir={}", browser.folder.path().join("profile").display());
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--force-prefers-reduced-motion",
            profile,
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = browser.ask("POST", "/session", Some(&wanted));
        browser.session = made["sessionId"].as_str().unwrap().to_owned();
        let patience_ms = PATIENCE.as_millis();
        browser.command("timeouts", &json!({"script": patience_ms, "pageLoad": patience_ms}));
        browser.look(LOOKS[0]);
        browser
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = body.map(ToString::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        // It keeps the connection open although it is asked to close it: the answer's length says where it ends.
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "the driver hung up");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length:")).unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let value = serde_json::from_slice::<Value>(&body).unwrap()["value"].take();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {value:#}");
        value
    }

    fn command(&self, name: &str, parameters: &Value) -> Value {
        self.ask("POST", &format!("/session/{}/{name}", self.session), Some(parameters))
    }

    fn devtools(&self, name: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({"cmd": name, "params": parameters}))
    }

    /// Sees pages so from now on.
    pub(crate) fn look(&mut self, look: Look) {
        let metrics = json!({"width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": look.width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": look.scheme}]});
        self.devtools("Emulation.setEmulatedMedia", &scheme);
    }

    pub(crate) fn open(&mut self, address: &str) {
        self.command("url", &json!({"url": address}));
    }

    /// Runs a function's body in the page; a promise is waited for.
    pub(crate) fn run(&mut self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    fn element(&self, selector: &str) -> String {
        let found = self.command("element", &json!({"using": "css selector", "value": selector}));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    /// Clicks, as a person does: on what is shown and can be pressed.
    pub(crate) fn click(&mut self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/click"), &json!({}));
    }

    /// Types into a field, in place of what is there.
    pub(crate) fn write(&mut self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/clear"), &json!({}));
        self.command(&format!("element/{element}/value"), &json!({"text": text}));
    }

    /// The words that are shown in the first element that fits.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let element = self.element(selector);
        self.ask("GET", &format!("/session/{}/element/{element}/text", self.session), None).as_str().unwrap().to_owned()
    }

    /// Waits until `script` gives something.
    pub(crate) fn until(&mut self, what: &str, script: &str) -> Value {
        wait(what, &String::new, || {
            Some(self.run(script)).filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
        })
    }

    /// What the browser itself complained of: scripts that failed, what the Content-Security-Policy stopped.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        let log = self.command("se/log", &json!({"type": "browser"}));
        let severe = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// What axe-core holds against the page; `None` where it isn't installed.
    pub(crate) fn barriers(&mut self) -> Option<Vec<String>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules/axe-core/axe.min.js");
        let Ok(axe) = std::fs::read_to_string(file) else {
            eprintln!("!!! SKIPPED: no axe-core (tests/run installs it)");
            return None;
        };
        let found = self.run(&format!("{axe}\nreturn axe.run(document).then((found) => found.violations)"));
        let line = |rule: &Value| {
            let places = rule["nodes"].as_array().unwrap().iter().map(|node| node["html"].to_string());
            format!("{}: {} {}", rule["id"], rule["help"], places.take(3).collect::<Vec<_>>().join(" "))
        };
        Some(found.as_array().unwrap().iter().map(line).collect())
    }

    /// Makes a picture of the whole page.
    pub(crate) fn picture(&mut self, file: &Path) {
        let made = self.devtools("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, BASE64_STANDARD.decode(made["data"].as_str().unwrap()).unwrap()).unwrap();
    }
}

/// Starts the driver; `None` where the port that it drew is taken, as happens beside others: it gives up then.
fn driver(folder: &Path) -> Option<(Child, u16)> {
    let log = folder.join("log");
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&log).unwrap())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    let port = wait("the browser's driver", &said, || {
        if process.try_wait().unwrap().is_some() {
            return Some(None);
        }
        let text = said();
        let (_, rest) = text.split_once("started successfully on port ")?;
        rest.split_once('.')?.0.parse().ok().map(Some)
    });
    port.map(|port| (process, port))
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser is in the driver's group.
        let group = format!("-{}", self.process.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().ok();
        self.process.wait().ok();
    }
}

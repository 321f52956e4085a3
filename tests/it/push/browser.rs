//! A real Firefox, driven through Marionette (the protocol beneath `WebDriver` that it speaks itself).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A start takes seconds on a quiet machine, a minute on one that builds four things.
const PATIENCE: Duration = Duration::from_mins(2);

/// What matters for Web Push, and what keeps the browser from asking the internet.
const PREFERENCES: &str = r#"
user_pref("dom.push.serverURL", "ws://127.0.0.1:PORT/");
user_pref("dom.push.testing.allowInsecureServerURL", true);
user_pref("dom.push.connection.enabled", true);
user_pref("dom.push.userAgentID", "");
user_pref("permissions.default.desktop-notification", 1);
user_pref("alerts.useSystemBackend", false);
user_pref("network.manage-offline-status", false);
user_pref("marionette.port", 0);
user_pref("remote.prefs.recommended", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.prefetch-next", false);
user_pref("network.proxy.type", 0);
user_pref("services.settings.server", "");
user_pref("app.update.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.policy.dataSubmissionPolicyBypassNotification", true);
user_pref("termsofuse.bypassNotification", true);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.unified", false);
user_pref("toolkit.startup.max_resumed_crashes", -1);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.sessionstore.resume_from_crash", false);
"#;

pub(crate) struct Browser {
    process: Child,
    profile: TempDir,
    wire: BufReader<TcpStream>,
    commands: u64,
}

/// Whether there is a Firefox; says loudly where there is none.
pub(crate) fn is_there() -> bool {
    let found = Command::new("firefox-esr").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    eprintln!("!!! SKIPPED: no firefox-esr (tests/run installs it)");
    false
}

#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
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

impl Browser {
    /// Starts one whose push service listens on `port`.
    pub(crate) fn start(port: u16) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let preferences = PREFERENCES.replace("PORT", &port.to_string());
        std::fs::write(profile.path().join("user.js"), preferences).unwrap();
        let log = || std::fs::File::options().create(true).append(true).open(profile.path().join("log")).unwrap();
        let process = Command::new("firefox-esr")
            .args(["--headless", "--marionette", "--no-remote", "--profile"])
            .arg(profile.path())
            .arg("about:blank")
            .env("MOZ_HEADLESS", "1")
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            .env("MOZ_DISABLE_AUTO_SAFE_MODE", "1")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(log())
            .stderr(log())
            .process_group(0)
            .spawn()
            .unwrap();
        let said = || std::fs::read_to_string(profile.path().join("log")).unwrap_or_default();
        let stream = wait("the browser", &said, || connect(profile.path()));
        let mut browser = Self { process, wire: BufReader::new(stream), commands: 0, profile };
        browser.hear();
        browser.command("WebDriver:NewSession", &json!({"capabilities": {}}));
        let patience_ms = PATIENCE.as_millis();
        browser.command("WebDriver:SetTimeouts", &json!({"script": patience_ms, "pageLoad": patience_ms}));
        browser
    }

    /// A message: its length, a colon, JSON.
    fn hear(&mut self) -> Value {
        let mut length = Vec::new();
        self.wire.read_until(b':', &mut length).unwrap();
        let length: usize = String::from_utf8(length).unwrap().trim_end_matches(':').parse().unwrap();
        let mut message = vec![0; length];
        self.wire.read_exact(&mut message).unwrap();
        serde_json::from_slice(&message).unwrap()
    }

    fn command(&mut self, name: &str, parameters: &Value) -> Value {
        self.commands += 1;
        let message = json!([0, self.commands, name, parameters]).to_string();
        write!(self.wire.get_mut(), "{}:{message}", message.len()).unwrap();
        let answer = self.hear();
        assert!(answer[2].is_null(), "{name} {parameters}: {}", answer[2]);
        answer[3].clone()
    }

    pub(crate) fn open(&mut self, address: &str) {
        self.command("WebDriver:Navigate", &json!({"url": address}));
    }

    /// Runs a function's body in the page; a promise is waited for.
    pub(crate) fn run(&mut self, script: &str) -> Value {
        let script = format!("return (async () => {{ {script} }})()");
        self.command("WebDriver:ExecuteScript", &json!({"script": script, "args": []}))["value"].clone()
    }

    /// Clicks, as a person does: on what is shown and can be pressed.
    pub(crate) fn click(&mut self, selector: &str) {
        let what = json!({"using": "css selector", "value": selector});
        let found = self.command("WebDriver:FindElement", &what)["value"].clone();
        let id = found.as_object().unwrap().values().next().unwrap().clone();
        self.command("WebDriver:ElementClick", &json!({"id": id}));
    }

    /// Waits until `script` gives something.
    pub(crate) fn until(&mut self, what: &str, script: &str) -> Value {
        let log = self.profile.path().join("log");
        let said = move || std::fs::read_to_string(&log).unwrap_or_default();
        wait(what, &said, || Some(self.run(script)).filter(|value| !matches!(value, Value::Null | Value::Bool(false))))
    }
}

fn connect(profile: &Path) -> Option<TcpStream> {
    let port = std::fs::read_to_string(profile.join("MarionetteActivePort")).ok()?;
    TcpStream::connect(("127.0.0.1", port.trim().parse().ok()?)).ok()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its helpers are in its group.
        let group = format!("-{}", self.process.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().ok();
        self.process.wait().ok();
    }
}

//! The Debian package on a booted machine: a real systemd, in a container of its own, starts what the package brings, and an
//! administrator lives with it from installation to purge. tests/run makes the machine's root (tests/it/booted/root).

#![expect(clippy::disallowed_methods, reason = "a machine lives in real time")]

mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use machine::{Machine, text};
use serde_json::Value;

/// Where the world is served, on the machine.
const WORLD: u16 = 9001;
/// Where the package's daemon listens.
const HOME: u16 = 8480;
/// A secret that a credential of systemd carries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What is published: all on the topic, with no other word in common, so that each is an event of its own.
const TITLES: [&str; 6] = [
    "Harbour reopens: ferries, fishermen, tugs return once winds calm",
    "Harbour pilots announce ballot over wages, pensions, overtime",
    "Harbour cranes idle: software update corrupts container registry",
    "Harbour chapel loses bronze bell, bishop offers generous reward",
    "Harbour lighthouse wins solar lamp, engineers praise quiet optics",
    "Harbour master resigns amid dredging audit, deputy takes command",
];

/// What an administrator writes: two paths as shipped, a topic, feeds of the world, and its sink.
fn configuration(query: &str, feeds: &[u8]) -> String {
    let source =
        |feed: &u8| format!("[[sources]]\nname = \"feed {feed}\"\nurl = \"http://127.0.0.1:{WORLD}/feed/{feed}\"\n");
    let feeds: Vec<String> = feeds.iter().map(source).collect();
    let feeds = feeds.concat();
    format!(
        "[storage]\npath = \"/var/lib/tidings/tidings.db\"\n[control]\nsocket = \"/run/tidings/control.sock\"\n\
         [network]\nallow_private = true\nrobots = false\n\
         [poll]\ninterval_min_minutes = 0.02\ninterval_max_minutes = 0.02\ndomain_spacing_secs = 0\n\
         [[topics]]\nid = \"harbour\"\nquery = {query:?}\n{feeds}\
         [[subscriptions]]\nname = \"newsroom\"\nurl = \"http://127.0.0.1:{WORLD}/hook\"\n\
         secret_credential = \"newsroom\"\n"
    )
}

impl Machine {
    fn configure(&self, query: &str, feeds: &[u8]) {
        self.write("/etc/tidings/tidings.toml", &configuration(query, feeds));
    }

    fn publish(&self, feed: u8, title: &str) {
        let title = title.replace(' ', "%20");
        assert!(self.get(WORLD, &format!("/publish?feed={feed}&title={title}")).contains("published"));
    }

    /// The titles of what the sink was told, in order, all of it signed.
    fn told(&self) -> Vec<String> {
        let answer = self.get(WORLD, "/told");
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        body.lines()
            .map(|line| {
                let told: Value = serde_json::from_str(line).unwrap();
                assert_eq!(told["signed"], true, "{told}");
                told["body"]["data"]["story"]["title"].as_str().unwrap_or_default().to_owned()
            })
            .collect()
    }

    fn is_told(&self, title: &str) {
        self.until(&format!("{title:?} at the sink"), |machine| machine.told().iter().any(|told| told == title));
    }

    fn is_served(&self) {
        self.until("a healthy answer", |machine| machine.get(HOME, "/healthz").starts_with("HTTP/1.1 200"));
    }

    /// The titles of the stored events, as `tidings event list` gives them to root.
    fn events(&self) -> Vec<String> {
        let list = self.ok(&["tidings", "event", "list", "--json"]);
        let title = |line: &str| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned();
        let mut titles: Vec<String> = list.lines().map(title).collect();
        titles.sort();
        titles
    }

    fn install(&self, package: &Path) -> Output {
        std::fs::copy(package, self.path("/root/tidings.deb")).unwrap();
        self.run(&["apt", "install", "--yes", "/root/tidings.deb"])
    }

    /// Whether a reader that comes all the time while `work` is done is ever refused: how often he was answered, and was not.
    fn readers_during(&self, work: impl FnOnce()) -> (u64, u64) {
        let stop = "/root/stop";
        std::fs::remove_file(self.path(stop)).ok();
        let mut reader = self.command(&["python3", "/root/world.py", "read", &HOME.to_string(), stop]);
        let reader = reader.stdout(Stdio::piped()).spawn().unwrap();
        work();
        self.is_served();
        self.write(stop, "");
        let read = text(&reader.wait_with_output().unwrap().stdout);
        let mut counts = read.split_whitespace().map(|count| count.parse().unwrap());
        (counts.next().unwrap(), counts.next().unwrap())
    }
}

/// Why the machine can't be booted, or the machine and the package, and the same package of a later version.
fn given(folder: &Path) -> Result<(Machine, PathBuf, PathBuf), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !text(&Command::new("id").arg("-u").output().unwrap().stdout).starts_with("0\n") {
        return Err("only root may boot a machine".to_owned());
    }
    let base = root.join("target/booted/base");
    if !base.is_dir() {
        return Err("target/booted/base is absent (tests/run makes it)".to_owned());
    }
    if !root.join("target/tools/bin/cargo-deb").is_file() {
        return Err("target/tools/bin/cargo-deb is absent (tests/run installs it)".to_owned());
    }
    let machine = Machine::boot(&base, folder)?;
    let (package, later) = (folder.join("tidings.deb"), folder.join("later.deb"));
    let made =
        Command::new(root.join("systemd/package")).arg("--debug").arg("--output").arg(&package).output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let unpacked = folder.join("later");
    let deb = |words: &[&str]| assert!(Command::new("dpkg-deb").args(words).output().unwrap().status.success());
    deb(&["--raw-extract", package.to_str().unwrap(), unpacked.to_str().unwrap()]);
    let control = unpacked.join("DEBIAN/control");
    let fields = std::fs::read_to_string(&control).unwrap();
    let version = fields.lines().find(|line| line.starts_with("Version: ")).unwrap();
    std::fs::write(&control, fields.replace(version, "Version: 99.0-1")).unwrap();
    deb(&["-Znone", "--build", unpacked.to_str().unwrap(), later.to_str().unwrap()]);
    Ok((machine, package, later))
}

#[test]
fn an_administrator_installs_runs_reloads_breaks_upgrades_and_purges_it() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, package, later) = match given(folder.path()) {
        Ok(all) => all,
        Err(why) => {
            eprintln!("!!! SKIPPED: the package on a booted machine ({why})");
            return;
        }
    };
    let machine = &machine;
    installs_at_once(machine, &package);
    tells_the_world(machine);
    reloads(machine);
    survives_kill_and_standstill(machine);
    refuses_no_reader(machine);
    is_upgraded(machine, &later);
    drains(machine);
    leaves_a_bad_configuration_to_a_person(machine);
    is_purged(machine);
}

/// Installing starts nothing; one command does, with the configuration as shipped, though there is no network.
fn installs_at_once(machine: &Machine, package: &Path) {
    let installed = machine.install(package);
    assert!(installed.status.success(), "{}", text(&installed.stderr));
    assert_eq!(text(&machine.run(&["systemctl", "is-enabled", "tidings"]).stdout).trim(), "disabled");
    assert_eq!(text(&machine.run(&["systemctl", "is-active", "tidings"]).stdout).trim(), "inactive");
    for file in [
        "/usr/share/man/man1/tidings.1.gz",
        "/usr/share/man/man1/tidings-reload.1.gz",
        "/usr/share/bash-completion/completions/tidings",
        "/usr/share/zsh/vendor-completions/_tidings",
        "/usr/share/fish/vendor_completions.d/tidings.fish",
        "/usr/share/doc/tidings/copyright",
        "/usr/share/doc/tidings/docs/api.md",
    ] {
        assert!(machine.path(file).is_file(), "{file} is missing");
    }
    let verified = machine.run(&["systemd-analyze", "verify", "--man=no", "tidings.service", "tidings.socket"]);
    assert!(verified.status.success() && verified.stderr.is_empty(), "{}", text(&verified.stderr));

    machine.ok(&["systemctl", "enable", "--now", "tidings"]);
    assert_eq!(machine.property("ActiveState"), "active");
    machine.is_served();
    assert!(machine.journal().contains("UN resolution") || machine.journal().contains("sources        25"));
    // As its unit says: nobody, and nobody who can write elsewhere.
    let main = machine.property("MainPID");
    let status = machine.ok(&["cat", &format!("/proc/{main}/status")]);
    assert!(!status.contains("Uid:\t0\t") && status.contains("NoNewPrivs:\t1"), "{status}");
}

/// The configuration is changed, a secret handed over as a credential, and what is published is told to the sink.
fn tells_the_world(machine: &Machine) {
    machine.write("/root/world.py", include_str!("booted/world.py"));
    machine.ok(&["systemd-run", "--unit=world", "python3", "/root/world.py", "serve"]);
    machine.until("the world", |machine| machine.get(WORLD, "/told").starts_with("HTTP/1.0 200"));
    machine.write("/root/newsroom.secret", SECRET);
    // A watchdog that is quick enough for a test; and as many starts as it needs.
    let more = "[Unit]\nStartLimitIntervalSec=0\n\
                [Service]\nLoadCredential=newsroom:/root/newsroom.secret\nWatchdogSec=8\n";
    machine.write("/etc/systemd/system/tidings.service.d/test.conf", more);
    machine.ok(&["systemctl", "daemon-reload"]);
    machine.configure("harbour", &[1]);
    machine.publish(1, TITLES[0]);
    machine.ok(&["systemctl", "restart", "tidings"]);
    machine.is_told(TITLES[0]);
    assert_eq!(machine.events(), [TITLES[0]]);
    // The journal is asked for the fields of what was told, as docs/logging.md shows.
    let asked = |fields: &[&str]| {
        let words = ["journalctl", "--no-pager", "--output", "cat", "-u", "tidings"];
        machine.ok(&[&words, fields].concat())
    };
    let listed: Value = serde_json::from_str(machine.ok(&["tidings", "event", "list", "--json"]).trim()).unwrap();
    let event = format!("TIDINGS_EVENT_ID={}", listed["id"]);
    let told = asked(&["TIDINGS_TOPIC_ID=harbour", &event]);
    assert!(told.lines().count() == 1 && told.contains(TITLES[0]), "{told}");
    for other in [&["TIDINGS_TOPIC_ID=elsewhere"][..], &["-p", "warning"]] {
        assert!(!asked(other).contains(TITLES[0]), "{other:?}");
    }
    assert!(machine.ok(&["tidings", "status"]).contains("poll"), "the daemon says how it fares");
}

/// A good configuration is in force when the command returns; a bad one is refused in words, and the old one goes on.
fn reloads(machine: &Machine) {
    let main = machine.property("MainPID");
    machine.publish(2, TITLES[1]);
    machine.configure("harbour", &[1, 2]);
    machine.ok(&["systemctl", "reload", "tidings"]);
    assert!(machine.journal().contains("sources       1 added"), "{}", machine.journal());
    machine.is_told(TITLES[1]);

    machine.configure("harbour AND (", &[1]);
    assert_eq!(machine.run(&["systemctl", "reload", "tidings"]).status.code(), Some(1));
    let (checked, refused) = (machine.run(&["tidings", "check"]), machine.run(&["tidings", "reload"]));
    assert_eq!((checked.status.code(), refused.status.code()), (Some(78), Some(78)));
    let last = "The daemon goes on with the configuration that it has.\n";
    assert_eq!(text(&refused.stderr), text(&checked.stderr) + last);
    assert!(machine.journal().contains("the configuration was not reloaded"));
    machine.publish(2, TITLES[2]);
    machine.is_told(TITLES[2]);

    machine.configure("harbour", &[1, 2]);
    assert!(machine.ok(&["tidings", "reload"]).starts_with("took up /etc/tidings/tidings.toml\n"));
    assert_eq!((machine.property("MainPID"), machine.property("ActiveState")), (main, "active".to_owned()));
}

/// A kill and a standstill each end in a new start within seconds, and what was to be told is told.
fn survives_kill_and_standstill(machine: &Machine) {
    for signal in ["KILL", "STOP"] {
        let (main, restarts) = (machine.property("MainPID"), machine.number("NRestarts"));
        machine.ok(&["systemctl", "kill", "--kill-whom=main", "--signal", signal, "tidings"]);
        machine.until("a new start", |machine| {
            machine.number("NRestarts") > restarts
                && machine.property("ActiveState") == "active"
                && machine.property("MainPID") != main
        });
        machine.is_served();
        let gone = machine.number("ActiveEnterTimestampMonotonic") - machine.number("ActiveExitTimestampMonotonic");
        let gone = Duration::from_micros(gone);
        eprintln!("SIG{signal}: ready again after {gone:.1?}");
        assert!(gone < Duration::from_secs(5), "{gone:?}; the journal:\n{}", machine.journal());
    }
    assert!(text(&machine.run(&["journalctl", "--no-pager", "--unit", "tidings"]).stdout).contains("Watchdog timeout"));
    machine.publish(1, TITLES[3]);
    machine.is_told(TITLES[3]);
}

/// With the socket unit a restart refuses nobody.
fn refuses_no_reader(machine: &Machine) {
    machine.ok(&["systemctl", "stop", "tidings"]);
    machine.ok(&["systemctl", "enable", "--now", "tidings.socket"]);
    machine.ok(&["systemctl", "start", "tidings"]);
    machine.is_served();
    let (answered, refused) = machine.readers_during(|| {
        for _ in 0..3 {
            machine.ok(&["systemctl", "restart", "tidings"]);
        }
    });
    eprintln!("readers during three restarts: {answered} answered, {refused} refused");
    assert!(answered > 10 && refused == 0, "{answered} answered, {refused} refused");
}

/// A newer package restarts the daemon, refuses nobody, and keeps what was stored and what was configured.
fn is_upgraded(machine: &Machine, later: &Path) {
    let (main, events) = (machine.property("MainPID"), machine.events());
    let (_, refused) = machine.readers_during(|| {
        let upgraded = machine.install(later);
        assert!(upgraded.status.success(), "{}", text(&upgraded.stderr));
    });
    assert_eq!(refused, 0);
    let version = machine.ok(&["dpkg-query", "--show", "--showformat=${Version}", "tidings"]);
    assert_eq!(version, "99.0-1");
    assert_ne!(machine.property("MainPID"), main);
    assert_eq!(machine.events(), events);
    assert_eq!(machine.ok(&["cat", "/etc/tidings/tidings.toml"]), configuration("harbour", &[1, 2]));
    assert_eq!(machine.ok(&["systemctl", "is-enabled", "tidings"]).trim(), "enabled");
    machine.publish(1, TITLES[4]);
    machine.is_told(TITLES[4]);
}

/// A stop lets the attempt under way end: what the sink took is known to be delivered.
fn drains(machine: &Machine) {
    machine.get(WORLD, "/slow?seconds=3");
    let before = machine.get(WORLD, "/begun").lines().last().map(str::to_owned);
    machine.publish(1, TITLES[5]);
    machine.until("an attempt under way", |machine| {
        machine.get(WORLD, "/begun").lines().last().map(str::to_owned) != before
    });
    machine.ok(&["systemctl", "stop", "tidings.socket", "tidings.service"]);
    assert_eq!(
        (machine.property("Result"), machine.property("ExecMainStatus")),
        ("success".to_owned(), "0".to_owned())
    );
    assert!(machine.told().contains(&TITLES[5].to_owned()));
    let deliveries = machine.ok(&["tidings", "delivery", "list", "--json"]);
    assert!(deliveries.lines().all(|line| line.contains("\"state\":\"delivered\"")), "{deliveries}");
    machine.get(WORLD, "/slow?seconds=0");
}

/// A configuration that is wrong at the start ends it with 78, once: systemd doesn't try again.
fn leaves_a_bad_configuration_to_a_person(machine: &Machine) {
    machine.configure("harbour AND (", &[1]);
    assert!(!machine.run(&["systemctl", "start", "tidings"]).status.success());
    assert_eq!(machine.property("ActiveState"), "failed");
    assert_eq!((machine.property("ExecMainStatus"), machine.property("NRestarts")), ("78".to_owned(), "0".to_owned()));
    machine.configure("harbour", &[1, 2]);
    machine.ok(&["systemctl", "start", "tidings"]);
    machine.is_served();
}

/// Removing stops it and leaves data and configuration; purging leaves nothing.
fn is_purged(machine: &Machine) {
    machine.ok(&["dpkg", "--remove", "tidings"]);
    assert_eq!(machine.property("ActiveState"), "inactive");
    assert!(machine.path("/var/lib/private/tidings/tidings.db").is_file());
    assert!(machine.path("/etc/tidings/tidings.toml").is_file());
    machine.ok(&["dpkg", "--purge", "tidings"]);
    for gone in ["/var/lib/private/tidings", "/var/lib/tidings", "/etc/tidings", "/usr/share/doc/tidings"] {
        assert!(machine.path(gone).symlink_metadata().is_err(), "{gone} is left");
    }
    let left = machine.ok(&["find", "/etc/systemd/system", "-name", "tidings*", "-not", "-name", "tidings.service.d"]);
    assert_eq!(left, "");
}

//! A machine of its own: a Debian root under systemd, in namespaces of the kernel, with a network that holds loopback alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A step that takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A booted machine. What is written on it is kept in memory, and gone with it.
pub(crate) struct Machine {
    container: Child,
    /// Its first process, seen from here.
    leader: u32,
    console: PathBuf,
}

impl Machine {
    /// Boots `base`; the error is why it can't be done here.
    pub(crate) fn boot(base: &Path, folder: &Path) -> Result<Self, String> {
        let console = folder.join("console");
        let file = || fs::File::create(&console).unwrap();
        let name = format!("tidings-{}", std::process::id());
        let container = Command::new("systemd-nspawn")
            .args(["--quiet", "--boot", "--volatile=overlay", "--register=no", "--keep-unit", "--private-network"])
            .args(["--console=pipe", "--machine", &name, "--directory"])
            .arg(base)
            .stdin(Stdio::null())
            .stdout(file())
            .stderr(fs::OpenOptions::new().append(true).open(&console).unwrap())
            .spawn()
            .map_err(|why| format!("systemd-nspawn can't be run ({why}); apt-get install systemd-container"))?;
        let mut machine = Self { container, leader: 0, console };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = machine.container.try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                let said = fs::read_to_string(&machine.console).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(3).collect();
                return Err(format!("systemd-nspawn can't boot here ({ended:?}): {}", last.join(" / ")));
            }
            if machine.leader == 0 {
                machine.leader = machine.first_process().unwrap_or_default();
            } else if machine.is_up() {
                return Ok(machine);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The container's child that became systemd.
    fn first_process(&self) -> Option<u32> {
        let parent = self.container.id();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid: &u32| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "systemd")
        })
    }

    fn is_up(&self) -> bool {
        let state = self.run(&["systemctl", "is-system-running"]);
        matches!(String::from_utf8_lossy(&state.stdout).trim(), "running" | "degraded")
    }

    /// A command on the machine, ready to be run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.leader.to_string()]);
        command.args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"]);
        command.args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"]).args(words);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command there.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command there says, which must succeed.
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{words:?}: {}\n{said}{complained}\n{}", output.status, self.journal());
        said
    }

    /// A property of the service, as systemd has it.
    pub(crate) fn property(&self, name: &str) -> String {
        self.ok(&["systemctl", "show", "--value", "--property", name, "tidings.service"]).trim().to_owned()
    }

    /// A number among them.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let value = self.property(name);
        value.parse().unwrap_or_else(|_| panic!("{name} is {value:?}"))
    }

    /// What the service has said since it was installed.
    pub(crate) fn journal(&self) -> String {
        text(&self.run(&["journalctl", "--unit", "tidings.service", "--output", "cat", "--no-pager"]).stdout)
    }

    /// Where a file of the machine is, seen from here.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{file}", self.leader))
    }

    /// Writes a file there.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What the server on this port of the machine answers to a GET, headers included; nothing where none answers.
    pub(crate) fn get(&self, port: u16, path: &str) -> String {
        let leader = self.leader.to_string();
        let url = format!("http://127.0.0.1:{port}{path}");
        let words = ["--target", &leader, "--net", "--", "curl", "-sS", "-i", "-m", "20", &url];
        text(&Command::new("nsenter").args(words).output().unwrap().stdout)
    }

    /// Waits until `holds`.
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}; the journal:\n{}", self.journal());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.leader != 0 {
            self.run(&["systemctl", "poweroff"]);
            let deadline = Instant::now() + Duration::from_secs(20);
            while Instant::now() < deadline {
                if self.container.try_wait().is_ok_and(|ended| ended.is_some()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        self.container.kill().ok();
        self.container.wait().ok();
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

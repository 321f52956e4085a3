//! The running daemon asked by another process, and handed its sockets by the service manager.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::process::Output;

use super::*;

impl Service {
    fn configure(&self, feeds: &[String], query: &str) {
        let text = configuration(self.folder.path(), feeds, query);
        std::fs::write(self.path("tidings.toml"), text).unwrap();
    }

    fn reload(&self, more: &[&str]) -> Output {
        tidings(self.folder.path(), &[&["reload"], more].concat()).output().unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_reload_says_what_changed_or_what_is_wrong_and_then_the_old_configuration_stays() {
    let (first, second) = (Publisher::with_feed(), Publisher::with_feed());
    let feeds = [format!("http://127.0.0.1:{}/feed", first.port), format!("http://localhost:{}/feed", second.port)];
    let mut service = Service::start(&feeds[..1]);
    service.hears("READY=1", 1);
    let mode = std::fs::metadata(service.path("tidings.db.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let same = service.reload(&[]);
    assert_eq!(same.status.code(), Some(0), "{}", stderr(&same));
    let file = service.path("tidings.toml").display().to_string();
    assert_eq!(
        stdout(&same),
        format!("took up {file}\ntopics        as before\nsources       as before\nsubscriptions as before\n")
    );

    service.configure(&feeds, "harbour AND (");
    let (checked, refused) = (tidings(service.folder.path(), &["check"]).output().unwrap(), service.reload(&[]));
    assert_eq!((checked.status.code(), refused.status.code()), (Some(78), Some(78)));
    assert_eq!(stderr(&refused), stderr(&checked) + "The daemon goes on with the configuration that it has.\n");
    let told: serde_json::Value = serde_json::from_str(&stdout(&service.reload(&["--json"]))).unwrap();
    assert_eq!(told["problems"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(second.asked(), 0);
    assert!(service.said().contains("the configuration was not reloaded"), "{}", service.said());

    service.configure(&feeds, "harbour OR storm");
    let taken = service.reload(&["--json"]);
    assert_eq!(taken.status.code(), Some(0), "{}", stderr(&taken));
    let told: serde_json::Value = serde_json::from_str(&stdout(&taken)).unwrap();
    assert_eq!((told["topics"]["changed"].as_i64(), told["sources"]["added"].as_i64()), (Some(1), Some(1)), "{told}");
    service.until("the new source's first poll", |_| second.asked() > 0);
    service.hears("RELOADING=1", 4);
    service.hears("READY=1", 5);
}

#[test]
fn a_file_that_declares_nothing_is_refused_by_a_reload_and_taken_up_by_a_start() {
    let mut service = Service::start(&[]);
    service.hears("READY=1", 1);
    let text = configuration(service.folder.path(), &[], "harbour");
    let (emptied, _) = text.split_once("[[topics]]").unwrap();
    std::fs::write(service.path("tidings.toml"), emptied).unwrap();
    let refused = service.reload(&[]);
    assert_eq!(refused.status.code(), Some(78), "{}", stderr(&refused));
    let said = stderr(&refused);
    assert!(said.contains("declares no topic, source or subscription: that would end all"), "{said}");
    assert!(said.contains("The daemon goes on with the configuration that it has."), "{said}");
    let listed = || stdout(&tidings(service.folder.path(), &["topic", "list"]).output().unwrap());
    assert!(listed().contains("harbour"), "{}", listed());

    service.signal("-TERM");
    service.ends();
    service.restart();
    // The refused reload was said to be over, too.
    service.hears("READY=1", 3);
    assert!(!stdout(&tidings(service.folder.path(), &["topic", "list"]).output().unwrap()).contains("harbour"));
    assert_eq!(service.reload(&[]).status.code(), Some(0));
}

#[test]
fn a_test_notification_made_beside_the_daemon_rings_it() {
    let mut service = Service::start(&[]);
    service.hears("READY=1", 1);
    let beside = |arguments: &[&str]| tidings(service.folder.path(), arguments).output().unwrap();
    let added = beside(&["subscription", "add", "desk", "http://127.0.0.1:9/hook"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let tested = beside(&["subscription", "test", "desk"]);
    assert!(
        stderr(&tested).contains("The daemon takes it up now; see: tidings delivery show 1"),
        "{}",
        stderr(&tested)
    );

    service.signal("-TERM");
    service.ends();
    let tested = tidings(service.folder.path(), &["delivery", "test", "desk"]).output().unwrap();
    assert!(stderr(&tested).contains("A running daemon sends it at its next turn"), "{}", stderr(&tested));
}

#[test]
fn what_a_reload_can_not_change_is_said_to_wait_for_a_restart() {
    let mut service = Service::start(&[]);
    service.hears("READY=1", 1);
    let text = configuration(service.folder.path(), &[], "harbour") + "[log]\nlevel = \"debug\"\n";
    std::fs::write(service.path("tidings.toml"), text).unwrap();
    let taken = service.reload(&[]);
    assert!(stdout(&taken).contains("note: what [log] says now waits for a restart"), "{}", stdout(&taken));
}

#[test]
fn without_a_daemon_a_reload_says_so_and_a_killed_ones_socket_is_replaced() {
    let mut service = Service::start(&[]);
    service.hears("READY=1", 1);
    service.signal("-KILL");
    service.ends();
    let socket = service.path("tidings.db.sock");
    assert!(std::fs::metadata(&socket).unwrap().file_type().is_socket());
    let alone = service.reload(&[]);
    assert_eq!(alone.status.code(), Some(69));
    assert!(stderr(&alone).contains(&format!("no daemon listens at {}", socket.display())), "{}", stderr(&alone));

    service.restart();
    service.hears("READY=1", 2);
    assert_eq!(service.reload(&[]).status.code(), Some(0));
    service.signal("-TERM");
    assert_eq!(service.ends().code(), Some(0));
    assert!(!socket.exists());
}

#[test]
fn a_socket_at_which_somebody_listens_is_left_to_him_and_a_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| {
        let text = configuration(folder.path(), &[], "harbour") + &format!("[control]\nsocket = {name:?}\n");
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        tidings(folder.path(), &["run"]).output().unwrap()
    };
    let taken = UnixListener::bind(folder.path().join("taken.sock")).unwrap();
    let refused = named("taken.sock");
    assert_eq!(refused.status.code(), Some(69));
    assert!(stderr(&refused).contains("a daemon listens at"), "{}", stderr(&refused));
    assert!(taken.local_addr().is_ok());

    std::fs::write(folder.path().join("notes"), "mine").unwrap();
    let refused = named("notes");
    assert_eq!(refused.status.code(), Some(69));
    assert!(stderr(&refused).contains("what is there is no socket, and left alone"), "{}", stderr(&refused));
    assert_eq!(std::fs::read(folder.path().join("notes")).unwrap(), b"mine");
}

#[test]
fn it_serves_at_the_socket_that_it_is_handed_and_says_when_the_configuration_names_another() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tidings.toml"), configuration(folder.path(), &[], "harbour")).unwrap();
    let daemon = tidings(folder.path(), &["run"]);
    let started = Command::new("systemd-socket-activate")
        .args(["--listen", &address, "--fdname", "api"])
        .arg(daemon.get_program())
        .args(daemon.get_args())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.path().join("stderr")).unwrap())
        .spawn();
    let Ok(process) = started else {
        eprintln!("!!! SKIPPED: no systemd-socket-activate (tests/run installs it)");
        return;
    };
    // It is started by the first connection, which waits for it.
    let manager = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let mut service = Service { process, folder, manager, heard: Vec::new() };
    let mut answer = String::new();
    service.until("an answer", |_| {
        let Ok(mut stream) = TcpStream::connect(&address) else { return false };
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_string(&mut answer).is_ok()
    });
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let said = service.said();
    assert!(said.contains(&format!("serves at {address}, as tidings.socket says")), "{said}");
    service.signal("-TERM");
    assert_eq!(service.ends().code(), Some(0), "{}", service.said());
}

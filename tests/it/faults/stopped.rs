//! A daemon that is stopped (SIGSTOP) for longer than every lease, while another process does its work.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::model::DeliveryState;
use tidings::port::{DeliveryFilter, Store as _};

use super::scene::{Daemon, Scene, words};

/// An endpoint that lets its first request wait until it is let go, and refuses it then; all others it takes.
struct Slow {
    port: u16,
    ids: Arc<Mutex<Vec<String>>>,
    is_let_go: Arc<AtomicBool>,
}

impl Slow {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (ids, is_let_go): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
        let (kept, gate) = (Arc::clone(&ids), Arc::clone(&is_let_go));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, gate) = (Arc::clone(&kept), Arc::clone(&gate));
                std::thread::spawn(move || while take(&stream, &kept, &gate).is_some() {});
            }
        });
        Self { port, ids, is_let_go }
    }

    fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap().clone()
    }
}

fn take(mut stream: &TcpStream, ids: &Mutex<Vec<String>>, gate: &AtomicBool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_lowercase().as_str() {
            "webhook-id" => value.trim().clone_into(&mut id),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let is_first = {
        let mut ids = ids.lock().unwrap();
        ids.push(id);
        ids.len() == 1
    };
    while is_first && !gate.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = if is_first { "500 Internal Server Error" } else { "204 No Content" };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").ok()
}

/// Stops the daemon where it holds no lock of the file: one that is stopped in the middle of a transaction keeps every other
/// process from writing for as long, which is `SQLite`'s word and not what is asked here.
fn stop_between_transactions(scene: &Scene, daemon: &mut Daemon) {
    daemon.until("it was stopped where it holds no lock", |daemon| {
        daemon.signal("-STOP");
        let is_free = rusqlite::Connection::open(&scene.db).is_ok_and(|file| {
            file.busy_timeout(Duration::from_millis(100)).is_ok()
                && file.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok()
        });
        if !is_free {
            daemon.signal("-CONT");
        }
        is_free
    });
}

#[test]
fn what_another_did_while_it_was_stopped_is_not_overwritten_nor_told_under_another_id() {
    if !Command::new("faketime").args(["-m", "-f", "+1s", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("!!! SKIPPED: no faketime (tests/run installs it)");
        return;
    }
    let (scene, slow) = (Scene::new(), Slow::start());
    scene.also(&format!(
        "[[subscriptions]]\nname = \"slow\"\nurl = \"http://127.0.0.1:{}/\"\n\
         secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n",
        slow.port
    ));
    let mut daemon = scene.start();
    scene.publisher.publish(1);
    daemon.until("an attempt is under way", |_| slow.ids().len() == 1);
    stop_between_transactions(&scene, &mut daemon);

    // Ten minutes later by its own clock, another process finds the leases run out.
    let other = scene.wrapped(&["faketime", "-m", "-f", "+10m"], &["poll", "--all"]).output().unwrap();
    assert!(other.status.success(), "{}", words(&other.stderr));
    assert_eq!(slow.ids().len(), 2, "it took over what was under way: {}", words(&other.stdout));

    slow.is_let_go.store(true, Ordering::SeqCst);
    daemon.signal("-CONT");
    let deliveries = || {
        let filter = DeliveryFilter { limit: 100, ..DeliveryFilter::default() };
        let mut all = scene.look(|store| store.deliveries(&filter).unwrap()).unwrap();
        all.retain(|delivery| delivery.subscription.1 == "slow");
        all
    };
    daemon.until("its own attempt is written down", |_| deliveries()[0].attempts.len() == 2);
    assert_eq!(daemon.stop().code(), Some(0));
    // The other's clock has planned polls ten minutes from now: the next life holds that against its own, and goes on at once.
    let mut daemon = scene.start();
    scene.publisher.publish(3);
    scene.wait_until_told(&mut daemon);
    assert!(daemon.said().contains("the clock was put back since the last life"), "{}", daemon.said());
    let first = deliveries().pop().unwrap();
    assert_eq!(first.state, DeliveryState::Delivered, "a stale refusal takes nothing back: {:?}", first.attempts);
    let ids = slow.ids();
    assert_eq!(ids[0], ids[1], "the same notification has the same id, whoever sends it");
    assert_eq!(ids.len(), 5, "the one twice, three others once: {ids:?}");
    scene.holds_promise();
    assert_eq!(daemon.stop().code(), Some(0));
}

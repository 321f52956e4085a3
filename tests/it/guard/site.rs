//! What the daemon asks and posts to: a publisher and all services in one, on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A server that answers each request by its path.
pub(super) struct Site {
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What is answered to a request: its status line's end, and a body.
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn new(status: &'static str, body: impl Into<String>) -> Self {
        Self { status, head: String::new(), body: body.into() }
    }

    pub(super) fn with(mut self, line: &str) -> Self {
        self.head = format!("{line}\r\n");
        self
    }
}

impl Site {
    /// Serves; `answer` is given the first line of each request and its body.
    pub(super) fn new(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || serve(stream.unwrap(), &*answer, &log));
            }
        });
        Self { port, asked }
    }

    /// Heads and bodies of all requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: std::net::TcpStream, answer: &dyn Fn(&str, &str) -> Answer, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let Some(first) = head.first().cloned() else { return };
    let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    log.lock().unwrap().push(format!("{}\n\n{body}", head.join("\n")));
    let Answer { status, head, body } = answer(&first, &body);
    let text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len());
    reader.get_mut().write_all(text.as_bytes()).unwrap_or_default();
}

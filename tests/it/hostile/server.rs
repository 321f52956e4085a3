//! A server on loopback that does to whoever connects what its script says.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What a server does with a connection. It ends when this returns or the other side has had enough.
pub(super) type Script = Arc<dyn Fn(&mut TcpStream) -> io::Result<()> + Send + Sync>;

pub(super) struct Server {
    pub(super) address: SocketAddr,
}

impl Server {
    pub(super) fn new(ip: impl Into<IpAddr>, script: Script) -> Self {
        let listener = TcpListener::bind((ip.into(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, script) = (stream.unwrap(), Arc::clone(&script));
                // An error is the other side's hanging up, which is what it should do.
                thread::spawn(move || script(&mut stream).ok());
            }
        });
        Self { address }
    }
}

/// Reads the head of a request.
pub(super) fn hear(stream: &mut TcpStream) -> io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Hears a request, then sends this.
pub(super) fn says(bytes: impl Into<Vec<u8>>) -> Script {
    let bytes = bytes.into();
    Arc::new(move |stream| {
        hear(stream)?;
        stream.write_all(&bytes)
    })
}

/// Hears a request, sends a beginning, then the same again and again, with a pause between.
pub(super) fn goes_on(begin: impl Into<Vec<u8>>, again: impl Into<Vec<u8>>, pause_ms: u64) -> Script {
    let (begin, again) = (begin.into(), again.into());
    Arc::new(move |stream| {
        hear(stream)?;
        stream.write_all(&begin)?;
        loop {
            stream.write_all(&again)?;
            pause(pause_ms);
        }
    })
}

/// Hears a request, sends this and stays silent, connected.
pub(super) fn stalls(bytes: impl Into<Vec<u8>>) -> Script {
    let bytes = bytes.into();
    Arc::new(move |stream| {
        hear(stream)?;
        stream.write_all(&bytes)?;
        wait_for_the_end(stream)
    })
}

pub(super) fn wait_for_the_end(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 512])? > 0 {}
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own: no worker of tokio's is here")]
pub(super) fn pause(ms: u64) {
    if ms > 0 {
        thread::sleep(Duration::from_millis(ms));
    }
}

//! A proxy before the daemon that cuts connections, also in the midst of an event, and writes down what clients ask for.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a client sent in a request's head for the place to go on from; empty where it named none.
pub(super) type Places = Arc<Mutex<Vec<String>>>;

/// Bytes of an answer's body after which a connection is cut, one after another; those that come later are left alone. (A
/// head that is cut is no answer to go on from: a browser gives up.)
const CUTS: [usize; 6] = [10, 700, 2_500, 4_000, 1_333, 3_456];

/// Starts one before `daemon`; gives its port.
pub(super) fn proxy(daemon: u16) -> (u16, Places) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let places = Places::default();
    let kept = Arc::clone(&places);
    std::thread::spawn(move || {
        let mut cuts = CUTS.into_iter();
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(("127.0.0.1", daemon)) else { continue };
            let (cut, places) = (cuts.next(), Arc::clone(&kept));
            std::thread::spawn(move || serve(client, server, cut.unwrap_or(usize::MAX), &places));
        }
    });
    (port, places)
}

fn serve(mut client: TcpStream, mut server: TcpStream, cut: usize, places: &Mutex<Vec<String>>) -> Option<()> {
    let asked = head(&mut client)?;
    let text = String::from_utf8(asked.clone()).unwrap();
    let place = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("last-event-id").then(|| value.trim().to_owned())
    });
    places.lock().unwrap().push(place.unwrap_or_default());
    server.write_all(&asked).ok()?;
    client.write_all(&head(&mut server)?).ok()?;
    let mut left = cut;
    let mut chunk = [0; 4096];
    while left > 0 {
        let most = chunk.len().min(left);
        match server.read(&mut chunk[..most]) {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                client.write_all(&chunk[..count]).ok()?;
                left -= count;
            }
        }
    }
    client.shutdown(Shutdown::Both).ok();
    server.shutdown(Shutdown::Both).ok()
}

/// A message up to its empty line.
fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(head)
}

//! The server's side of a websocket (RFC 6455), texts alone.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;

#[derive(Debug)]
pub(crate) struct Socket {
    from: Mutex<BufReader<TcpStream>>,
    to: Mutex<TcpStream>,
}

impl Socket {
    pub(crate) fn new(from: BufReader<TcpStream>, to: TcpStream) -> Self {
        Self { from: Mutex::new(from), to: Mutex::new(to) }
    }

    /// Sends a text; nothing where the browser has left.
    pub(crate) fn say(&self, text: &str) {
        self.frame(0x81, text.as_bytes());
    }

    fn frame(&self, kind: u8, bytes: &[u8]) {
        let mut frame = vec![kind];
        match bytes.len() {
            length @ 0..126 => frame.push(u8::try_from(length).unwrap()),
            length => {
                frame.push(126);
                frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
            }
        }
        frame.extend_from_slice(bytes);
        self.to.lock().unwrap().write_all(&frame).ok();
    }

    /// The next text; `None` at the end.
    pub(crate) fn hear(&self) -> Option<String> {
        let mut from = self.from.lock().unwrap();
        let mut text = Vec::new();
        loop {
            let mut head = [0; 2];
            from.read_exact(&mut head).ok()?;
            let length = match head[1] & 0x7f {
                126 => {
                    let mut long = [0; 2];
                    from.read_exact(&mut long).ok()?;
                    usize::from(u16::from_be_bytes(long))
                }
                127 => return None,
                short => usize::from(short),
            };
            let mut mask = [0; 4];
            if head[1] & 0x80 != 0 {
                from.read_exact(&mut mask).ok()?;
            }
            let mut bytes = vec![0; length];
            from.read_exact(&mut bytes).ok()?;
            bytes.iter_mut().enumerate().for_each(|(n, byte)| *byte ^= mask[n % 4]);
            match head[0] & 0x0f {
                0 | 1 => text.append(&mut bytes),
                9 => self.frame(0x8a, &bytes),
                _ => return None,
            }
            if head[0] & 0x80 != 0 && matches!(head[0] & 0x0f, 0 | 1) {
                return String::from_utf8(text).ok();
            }
        }
    }
}

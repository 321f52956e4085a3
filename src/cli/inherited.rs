//! Sockets that systemd listens at on our behalf and hands over at the start (`sd_listen_fds(3)`, systemd.socket(5)): who connects
//! while the daemon restarts waits for it in the kernel's queue, and is refused nothing.

use std::net::TcpListener;

use listenfd::ListenFd;

/// What was handed over.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Sockets for readers and the API, whatever their names.
    pub(super) tcp: Vec<TcpListener>,
    /// What is of no use here, each with why.
    pub(super) useless: Vec<String>,
}

impl Inherited {
    /// Takes what the environment names as handed to this process, and takes it out of the environment. To be called before
    /// other threads run: the environment is changed.
    pub fn take() -> Self {
        let mut given = ListenFd::from_env();
        let mut inherited = Self::default();
        for place in 0..given.len() {
            match given.take_tcp_listener(place) {
                Ok(listener) => inherited.tcp.extend(listener),
                Err(why) => inherited.useless.push(why.to_string()),
            }
        }
        inherited
    }
}

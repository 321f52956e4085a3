//! The relay that takes our letters: one connection, kept while it is used.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::Message;
use lettre::address::AddressError;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response as Reply;
use tokio::sync::Mutex;

use super::encoded;
use crate::deliver::format::{ANSWERED_COMMAND, Letter};
use crate::model::{Exchange, Failure, FailureKind, Headers, Response, Secret, WebUrl};

/// How the way to the relay is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte ([RFC 8314 section 3.3](https://www.rfc-editor.org/rfc/rfc8314#section-3.3)).
    Tls,
    /// By STARTTLS, which must be offered.
    StartTls,
    /// Not at all: for a relay on the same machine.
    Plain,
}

/// Where letters are handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept secret.
    pub security: Security,
    /// User and password, where it asks for them.
    pub login: Option<(String, Secret)>,
    /// As whom we greet it: the domain of the sender.
    pub greeting: String,
    /// A certificate to trust besides the system's, in PEM: of a relay that has made its own.
    pub root: Option<Vec<u8>>,
}

/// Why letters can't be sent from here at all.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address that lettre doesn't take.
    #[error("the address can't be written in a message")]
    Address(#[source] AddressError),
    /// A message that can't be put together.
    #[error("the message can't be put together")]
    Message(#[source] lettre::error::Error),
    /// A relay's name that is no host.
    #[error("the relay's name is no host")]
    Host(#[source] crate::model::AddressError),
    /// TLS can't be set up.
    #[error("TLS for the relay {host} can't be set up")]
    Tls {
        /// The relay.
        host: String,
        /// Why.
        #[source]
        source: smtp::Error,
    },
}

/// One letter: longer than relays hold a greeting back against spam, and, with a wait for the letters before it, less than a delivery's
/// lease.
const LETTER_MAX: Duration = Duration::from_secs(75);
/// What a kept connection has to answer a NOOP within, else it is made anew.
const KEPT_MAX: Duration = Duration::from_secs(5);
/// A reply is only shown to people.
const REPLY_CHARS_MAX: usize = 500;

/// Hands letters to a relay. Cheap to clone: the connection is shared.
#[derive(Clone)]
pub struct Mailer {
    way: Arc<Way>,
    /// One letter at a time: a relay takes many over one connection, and few connections from one client. (lettre's pool
    /// starts tasks of its own, which nobody here would supervise.)
    kept: Arc<Mutex<Option<AsyncSmtpConnection>>>,
    address: WebUrl,
}

/// Why a letter was not taken.
struct Refusal {
    error: smtp::Error,
    /// The command that was refused, where it was one of a letter's.
    command: Option<&'static str>,
}

/// The relay ends the connection ([RFC 5321 section 3.8](https://www.rfc-editor.org/rfc/rfc5321#section-3.8)).
const CLOSES: u16 = 421;

impl Refusal {
    /// Whether it says nothing of the letter: a relay that has had enough of a kept connection takes it over another one. Before DATA none
    /// of the letter was sent, so it isn't sent twice.
    fn is_of_the_connection(&self) -> bool {
        let is_early = matches!(self.command, Some("MAIL" | "RCPT"));
        let closes = self.error.status().map_or(!self.error.is_timeout(), |code| u16::from(code) == CLOSES);
        is_early && closes
    }
}

impl From<smtp::Error> for Refusal {
    fn from(error: smtp::Error) -> Self {
        Self { error, command: None }
    }
}

/// What a connection is made of.
struct Way {
    host: String,
    port: u16,
    security: Security,
    tls: TlsParameters,
    greeting: ClientId,
    login: Option<Credentials>,
}

impl Mailer {
    /// Prepares for a relay; nothing is connected yet.
    ///
    /// # Errors
    /// When TLS can't be set up, or the relay's name is no host.
    pub fn new(relay: &Relay) -> Result<Self, MailError> {
        let host = relay.host.trim_matches(['[', ']']).to_owned();
        let parameters = || {
            let mut builder = TlsParameters::builder(host.clone());
            if let Some(pem) = &relay.root {
                builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
            }
            builder.build_rustls()
        };
        let tls = parameters().map_err(|source| MailError::Tls { host: host.clone(), source })?;
        // An exchange names where it was held; a relay's name is one of the web's, too.
        let address = WebUrl::parse(&format!("https://{}/", relay.host)).map_err(MailError::Host)?;
        let login = relay.login.as_ref();
        let way = Way {
            host,
            port: relay.port,
            security: relay.security,
            tls,
            greeting: ClientId::Domain(relay.greeting.clone()),
            login: login.map(|(user, password)| Credentials::new(user.clone(), password.reveal().to_owned())),
        };
        Ok(Self { way: Arc::new(way), kept: Arc::default(), address })
    }

    /// Hands in one letter. The reply code stands in the place of a status; cancelling leaves the connection to be made
    /// anew.
    ///
    /// # Errors
    /// The failure, where no reply came.
    pub async fn send(&self, letter: &Letter) -> Exchange {
        let failed = |kind, detail: String| Err(Failure { kind, detail });
        let message = match encoded(letter) {
            Ok(message) => message,
            Err(error) => return failed(FailureKind::Protocol, error.to_string()),
        };
        let host = &self.way.host;
        let Ok(mut kept) = tokio::time::timeout(LETTER_MAX, self.kept.lock()).await else {
            return failed(FailureKind::Timeout, format!("the relay {host} was still taking other letters"));
        };
        match tokio::time::timeout(LETTER_MAX, self.hand_in(&mut kept, &message)).await {
            Err(_) => failed(
                FailureKind::Timeout,
                format!("the relay {host} took no letter within {} s", LETTER_MAX.as_secs()),
            ),
            Ok(Ok(reply)) => {
                let said = reply.message().collect::<Vec<_>>().join(" ");
                Ok(self.response(u16::from(reply.code()), &said, None))
            }
            Ok(Err(Refusal { error, command })) => match error.status() {
                Some(code) => Ok(self.response(u16::from(code), &cause(&error), command)),
                None => failed(kind(&error), format!("the relay {}: {}", self.way.host, cause(&error))),
            },
        }
    }

    /// Over the kept connection if it still answers, and over another one if the relay ends it before it has the letter. It is kept again only where a letter was taken: after anything else
    /// it is not known what it carries.
    async fn hand_in(&self, kept: &mut Option<AsyncSmtpConnection>, message: &Message) -> Result<Reply, Refusal> {
        let mut answers = None;
        if let Some(mut connection) = kept.take()
            && matches!(tokio::time::timeout(KEPT_MAX, connection.test_connected()).await, Ok(true))
        {
            answers = Some(connection);
        }
        if let Some(mut connection) = answers {
            match spoken(&mut connection, message).await {
                Ok(reply) => {
                    *kept = Some(connection);
                    return Ok(reply);
                }
                Err(refusal) => {
                    connection.abort().await;
                    if !refusal.is_of_the_connection() {
                        return Err(refusal);
                    }
                }
            }
        }
        let mut connection = self.way.connect().await?;
        match spoken(&mut connection, message).await {
            Ok(reply) => {
                *kept = Some(connection);
                Ok(reply)
            }
            Err(refusal) => {
                connection.abort().await;
                Err(refusal)
            }
        }
    }

    fn response(&self, status: u16, said: &str, command: Option<&str>) -> Response {
        let command = command.map(|command| (ANSWERED_COMMAND.to_owned(), command.to_owned()));
        let headers = Headers(command.into_iter().collect());
        let body = said.chars().take(REPLY_CHARS_MAX).collect::<String>().into_bytes();
        Response { status, headers, body, url: self.address.clone(), redirects: Vec::new() }
    }
}

/// One letter over a connection. lettre's own `send` doesn't say which command was refused, and whether a mailbox is meant
/// depends on that.
async fn spoken(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<Reply, Refusal> {
    let (envelope, text) = (message.envelope(), message.formatted());
    let refused = |command| move |error| Refusal { error, command: Some(command) };
    let mut options = Vec::new();
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if !addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !text.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    connection.command(Mail::new(envelope.from().cloned(), options)).await.map_err(refused("MAIL"))?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused("RCPT"))?;
    }
    connection.command(Data).await.map_err(refused("DATA"))?;
    connection.message(&text).await.map_err(refused("DATA"))
}

fn kind(error: &smtp::Error) -> FailureKind {
    if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_tls() {
        FailureKind::Tls
    } else if error.is_response() || error.is_client() {
        FailureKind::Protocol
    } else {
        FailureKind::Connect
    }
}

/// The innermost words: what the relay or the system said.
fn cause(error: &smtp::Error) -> String {
    let mut words = error.to_string();
    let mut inner = error.source();
    while let Some(source) = inner {
        words = source.to_string();
        inner = source.source();
    }
    words
}

impl Way {
    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let wrapped = (self.security == Security::Tls).then(|| self.tls.clone());
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(LETTER_MAX), &self.greeting, wrapped, None).await?;
        if self.security == Security::StartTls {
            connection.starttls(self.tls.clone(), &self.greeting).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(connection)
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("host", &self.way.host).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::model::{Mailbox, Sender};

    fn letter() -> Letter {
        Letter {
            from: Sender::parse("tidings@example.org").unwrap(),
            to: Mailbox::parse("desk@example.org").unwrap(),
            date: Timestamp::UNIX_EPOCH,
            subject: "Council adopts budget".to_owned(),
            message_id: "<1@example.org>".to_owned(),
            thread: None,
            is_reply: false,
            list_id: "<tidings.example.org>".to_owned(),
            text: "It did.".to_owned(),
            html: "<p>It did.</p>".to_owned(),
        }
    }

    /// Takes `letters` over one connection, and then none: it ends the talk with 421.
    async fn take(stream: TcpStream, letters: usize) -> usize {
        let mut stream = BufReader::new(stream);
        let (mut taken, mut is_text, mut line) = (0, false, String::new());
        stream.write_all(b"220 relay\r\n").await.unwrap();
        while stream.read_line(&mut line).await.unwrap_or_default() > 0 {
            let said = std::mem::take(&mut line);
            let answer = match said.split([' ', '\r']).next().unwrap_or_default() {
                "." => {
                    (taken, is_text) = (taken + 1, false);
                    "250 taken"
                }
                _ if is_text => continue,
                "MAIL" if taken == letters => {
                    stream.write_all(b"421 too many letters\r\n").await.unwrap();
                    return taken;
                }
                "DATA" => {
                    is_text = true;
                    "354 go on"
                }
                _ => "250 relay",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
        taken
    }

    #[tokio::test]
    async fn a_relay_that_has_had_enough_of_a_kept_connection_is_given_the_letter_over_another_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailer = Mailer::new(&Relay {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
            security: Security::Plain,
            login: None,
            greeting: "example.org".to_owned(),
            root: None,
        })
        .unwrap();
        let relay = async {
            let mut taken = Vec::new();
            for letters in [1, 2] {
                let (stream, _) = listener.accept().await.unwrap();
                taken.push(take(stream, letters).await);
            }
            taken
        };
        let sender = async {
            let mut codes = Vec::new();
            for _ in 0..3 {
                codes.push(mailer.send(&letter()).await.unwrap().status);
            }
            drop(mailer);
            codes
        };
        let (taken, codes) = tokio::join!(relay, sender);
        assert_eq!((codes, taken), (vec![250, 250, 250], vec![1, 2]));
    }
}

//! The connection to NATS.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::client::RequestError;
use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, Message};
use bytes::Bytes;

use crate::address::Address;
use crate::control::{hexadecimal, is_subject};
use crate::log::{self, Frequent};
use crate::session::{HEADER, LARGEST_PIECE, MOST_WAITING};

/// How many messages wait for the connection to NATS before their senders wait.
const MOST_QUEUED: usize = 256;

/// How the gateway shows itself to the NATS servers.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub struct NatsOptions {
    /// Log in with the credentials in this file, which NATS's tools make: a JWT and an nkey.
    #[arg(long, env = "NATS_CREDS", value_name = "FILE", conflicts_with_all = ["nkey", "user", "token_file"])]
    creds: Option<PathBuf>,
    /// Log in with the nkey whose seed is in this file.
    #[arg(long, env = "NATS_NKEY", value_name = "FILE", conflicts_with_all = ["user", "token_file"])]
    nkey: Option<PathBuf>,
    /// Log in as this user.
    #[arg(long, value_name = "NAME", requires = "password_file", conflicts_with = "token_file")]
    user: Option<String>,
    /// The user's password is in this file.
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// Log in with the token in this file.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Use TLS, and trust the servers whose certificates an authority in this file has signed.
    #[arg(long, env = "NATS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// Use TLS, and show this certificate.
    #[arg(long, env = "NATS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key is in this file.
    #[arg(long, env = "NATS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The prefix of the subjects on which this gateway receives; NATS's permissions may be bound to it.
    #[arg(long, value_name = "PREFIX", default_value = "_INBOX", value_parser = inbox)]
    inbox: String,
}

impl NatsOptions {
    async fn connect_options(&self, heartbeat: Duration) -> Result<ConnectOptions, String> {
        let events = Events::default();
        let mut options = ConnectOptions::new()
            .name("callgate-gateway")
            .custom_inbox_prefix(&self.inbox)
            .subscription_capacity(MOST_WAITING)
            .client_capacity(MOST_QUEUED)
            // A server that has not answered two of them is left for another one.
            .ping_interval(heartbeat)
            .event_callback(move |event| {
                events.note(&event);
                async {}
            });
        if let Some(file) = &self.creds {
            let read = options.credentials_file(file).await;
            options = read.map_err(|error| unreadable(file, &error))?;
        }
        if let Some(file) = &self.nkey {
            options = options.nkey(secret(file)?);
        }
        if let (Some(user), Some(file)) = (&self.user, &self.password_file) {
            options = options.user_and_password(user.clone(), secret(file)?);
        }
        if let Some(file) = &self.token_file {
            options = options.token(secret(file)?);
        }
        if let Some(file) = &self.tls_ca {
            options = options.add_root_certificates(file.clone()).require_tls(true);
        }
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            options =
                options.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
        }
        Ok(options)
    }
}

/// What is printed of the connection's events.
#[derive(Default)]
struct Events {
    is_lost: AtomicBool,
    changes: Frequent,
    errors: Frequent,
}

impl Events {
    fn note(&self, event: &Event) {
        match event {
            Event::Disconnected => {
                self.is_lost.store(true, Ordering::Relaxed);
                self.changes.note("the connection to NATS is lost; connecting again");
            }
            Event::Connected if self.is_lost.swap(false, Ordering::Relaxed) => {
                self.changes.note("connected to NATS again");
            }
            Event::ServerError(_) | Event::ClientError(_) => {
                self.errors.note(&format!("NATS: {event}"));
            }
            // A session that loses messages because it is slow says so itself.
            _ => {}
        }
    }
}

fn inbox(text: &str) -> Result<String, String> {
    match is_subject(text) {
        true => Ok(text.to_owned()),
        false => Err("it must be letters, digits, '-' and '_', with dots between them".into()),
    }
}

/// The first line of a file.
fn secret(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn unreadable(file: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", file.display())
}

/// The connection to NATS, which comes back by itself when it is lost.
#[derive(Clone)]
pub struct Nats {
    pub client: Client,
    pub address: Address,
    inbox: String,
}

impl Nats {
    /// Connects. A server that is silent for about three heartbeats is left for another one.
    pub async fn connect(
        options: &NatsOptions,
        address: &Address,
        heartbeat: Duration,
    ) -> Result<Nats, String> {
        let servers: Vec<String> = address.servers().collect();
        let connected = options.connect_options(heartbeat).await?.connect(servers).await;
        let client = connected
            .map_err(|error| format!("NATS at {} cannot be reached: {error}", address.place()))?;
        Ok(Nats { client, address: address.clone(), inbox: options.inbox.clone() })
    }

    /// Whether there is a connection now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Asks for one answer.
    pub async fn request(
        &self,
        subject: String,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Message, RequestError> {
        let request = async_nats::Request::new().payload(payload).timeout(Some(timeout));
        self.client.send_request(subject, request).await
    }

    /// A subject that nobody else knows, for messages to this gateway.
    pub fn new_subject(&self) -> String {
        format!("{}.{}", self.inbox, hexadecimal(&random()))
    }

    /// The most bytes of a stream in one message, as the server allows.
    pub fn largest_piece(&self) -> usize {
        self.client.max_payload().saturating_sub(HEADER).clamp(1, LARGEST_PIECE)
    }

    /// Waits until everything that was published has left, for a short time.
    pub async fn flush(&self) {
        if tokio::time::timeout(Duration::from_secs(1), self.client.flush()).await.is_err() {
            log::note("NATS did not take the last messages in time");
        }
    }
}

/// A number that nobody can guess.
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

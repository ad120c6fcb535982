//! Looks up the addresses of a host.

use super::event::Event;
use super::os;
use crate::sync::{thread, Arc};
use crate::transport::Dialler;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;
use std::sync::mpsc;

type Addresses = io::Result<Vec<SocketAddr>>;

/// The addresses of a host.
pub(super) fn addresses(host: &str, port: u16, dialler: &Dialler<'_>) -> Addresses {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = host.to_string();
    look_up(dialler, move || (host, port).to_socket_addrs().map(Vec::from_iter))
}

/// The system's look-up has no deadline and cannot be stopped, so a thread of its own does it, and is left
/// behind if it takes too long. That thread holds nothing of the client, and ends with the look-up.
fn look_up(
    dialler: &Dialler<'_>,
    ask_system: impl FnOnce() -> Addresses + Send + 'static,
) -> Addresses {
    let answered = Arc::new(Event::new()?);
    let (found, answer) = mpsc::channel();
    let told = answered.clone();
    thread::Builder::new().name("callgate-lookup".to_string()).spawn(move || {
        // The receiver may have stopped waiting.
        let _ = found.send(ask_system());
        told.raise();
    })?;
    let answered = os::interest(answered.as_fd(), libc::POLLIN);
    dialler.stopper.wait(answered, Some(dialler.deadline))?.or_gave_up()?;
    answer.recv().map_err(|_| io::Error::other("the look-up failed"))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;
    use crate::transport::{Dialler, Endpoint};
    use std::time::{Duration, Instant};

    fn endpoint() -> Endpoint {
        "tcp://somewhere:1".parse().unwrap()
    }

    fn far() -> Instant {
        time::now() + Duration::from_secs(60)
    }

    #[test]
    fn a_look_up_that_hangs_is_left_behind() {
        let endpoint = endpoint();
        let dialler = Dialler::new(&endpoint, far()).unwrap();
        let stopper = dialler.stopper();
        let (ends, end) = mpsc::channel::<()>();
        let looked_up = look_up(&dialler, move || {
            stopper.stop();
            // Blocks until the test is over.
            end.recv().unwrap_err();
            Ok(Vec::new())
        });
        assert_eq!(looked_up.unwrap_err().kind(), io::ErrorKind::Interrupted);
        let soon = Dialler::new(&endpoint, time::now() + Duration::from_millis(20)).unwrap();
        let (hangs, hang) = mpsc::channel::<()>();
        let looked_up = look_up(&soon, move || {
            hang.recv().unwrap_err();
            Ok(Vec::new())
        });
        assert_eq!(looked_up.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop((ends, hangs));
    }

    #[test]
    fn what_the_system_says_is_handed_on() {
        let endpoint = endpoint();
        let dialler = Dialler::new(&endpoint, far()).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 7));
        let found = look_up(&dialler, move || Ok(vec![address]));
        assert_eq!(found.unwrap(), [address]);
        let refused = look_up(&dialler, || Err(io::ErrorKind::NotFound.into()));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

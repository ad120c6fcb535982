//! Proxies that act by themselves on each new connection of their client.

use crate::connection::Connection;
use crate::error::Result;
use crate::link::{Eager, Link};
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::proxy::{Inner, Proxy};
use crate::sync::{Arc, Weak};

impl Proxy {
    /// Compares the proxy's description with the host's on the present connection and on each new one.
    pub(super) fn verify_when_connecting(&self, link: &Link) {
        // A proxy with a routine is there already.
        if self.0.initialisation.is_none() {
            self.be_eager(link);
        }
        if let Some(connection) = link.connection_now() {
            self.start_verification(link, &connection);
        }
    }

    /// Lets the client notify the proxy of connections.
    pub(super) fn be_eager(&self, link: &Link) {
        let eager: Weak<dyn Eager> = Arc::downgrade(&(self.0.clone() as Arc<dyn Eager>));
        link.add_eager(eager);
    }

    /// Starts the initialisation routine for a connection, on another thread.
    pub(super) fn start_initialisation(&self, link: &Link, connection: &Connection) -> Result<()> {
        let (proxy, connection) = (self.clone(), connection.clone());
        link.runtime.workers.execute(move || {
            if let Some((initialisation, routine)) = &proxy.0.initialisation {
                initialisation.run(&connection, || routine(&proxy));
            }
        })
    }
}

impl Eager for Inner {
    fn connected(self: Arc<Self>, link: &Link, connection: &Connection) {
        let proxy = Proxy(self);
        proxy.start_verification(link, connection);
        let Some((initialisation, _)) = &proxy.0.initialisation else { return };
        // The first call initialises the first connection.
        if connection.generation() == 1 {
            return;
        }
        if initialisation.take_on(connection) {
            if let Err(error) = proxy.start_initialisation(link, connection) {
                initialisation.not_started();
                link.runtime.log(|| {
                    let interface = proxy.interface();
                    let message =
                        format!("the initialisation routine of {interface} could not be started; the next call starts it: {error}");
                    let event = LogEvent::new(LogLevel::Error, LogTarget::Client, message);
                    event.connection(connection.id()).interface(interface).error(&error)
                });
            }
        }
    }

    fn disconnected(&self) {
        if let Some((initialisation, _)) = &self.initialisation {
            initialisation.look_again();
        }
    }
}

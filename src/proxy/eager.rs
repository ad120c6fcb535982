//! Proxies that initialise themselves on each new connection of their client.

use crate::connection::Connection;
use crate::error::Result;
use crate::link::{Eager, Link};
use crate::log::LogLevel;
use crate::proxy::{Inner, Proxy};
use crate::sync::Arc;

impl Proxy {
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
        let Some((initialisation, _)) = &proxy.0.initialisation else { return };
        if initialisation.take_on(connection) {
            if let Err(error) = proxy.start_initialisation(link, connection) {
                initialisation.not_started();
                let message = format!("an initialisation routine could not be started: {error}");
                link.runtime.log(LogLevel::Error, &message);
            }
        }
    }

    fn disconnected(&self) {
        if let Some((initialisation, _)) = &self.initialisation {
            initialisation.look_again();
        }
    }
}

//! What a client compares with its host, and when.

use crate::contract::Contract;

/// When a client's proxies compare their descriptions of interfaces with the host's. Typed proxies have a
/// description; others get one by [`Proxy::describe`](crate::Proxy::describe).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Only [`Proxy::verify`](crate::Proxy::verify) compares. Calls that do not fit fail one by one.
    Never,
    /// Before their first call on each connection, in the thread of that call and within its deadline. The
    /// default.
    #[default]
    AtFirstCall,
    /// As soon as the client has connected, or the proxy is made, in the background. The log has the
    /// differences, as errors; a call that is made meanwhile compares too.
    WhenConnecting,
}

/// What a client compares with its host beside its proxies' descriptions, and when.
#[derive(Default)]
pub(crate) struct Agreement {
    pub verify: Verify,
    /// The descriptions of the callback interfaces that the client serves.
    pub callbacks: Vec<Contract>,
}

impl Agreement {
    /// A proxy's description with that of the callback interface, if the host calls one that this client
    /// has a description of.
    pub fn complete(&self, caller: &Contract, host: &Contract) -> Contract {
        let called = host.callback().filter(|_| caller.callback().is_none());
        let served = called.and_then(|called| {
            self.callbacks.iter().find(|served| served.interface() == called.interface())
        });
        served.and_then(|served| caller.with_callback(served).ok()).unwrap_or(caller.clone())
    }
}

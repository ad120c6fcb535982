//! Ctrl-C, and other ways to ask the gateway to end.

use std::io;

use tokio::sync::oneshot;

/// Watches for the signals from now on.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    input: Option<oneshot::Receiver<()>>,
}

impl Signals {
    /// Must be called within the runtime.
    pub fn watch() -> io::Result<Signals> {
        #[cfg(unix)]
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Signals {
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            input: None,
        })
    }

    /// Takes the end of standard input for a signal.
    pub fn watch_input(&mut self) {
        let (ended, input) = oneshot::channel();
        self.input = Some(input);
        // Not a thread of the runtime, which would wait for it.
        std::thread::spawn(move || {
            io::copy(&mut io::stdin(), &mut io::sink()).ok();
            ended.send(()).ok();
        });
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            () = end_of(&mut self.input) => {}
            () = next_signal(
                #[cfg(unix)]
                &mut self.terminate,
                #[cfg(unix)]
                &mut self.interrupt,
            ) => {}
        }
    }
}

/// Waits for the end of what is watched, once.
async fn end_of(input: &mut Option<oneshot::Receiver<()>>) {
    match input {
        Some(receiver) => {
            receiver.await.ok();
            *input = None;
        }
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn next_signal(
    terminate: &mut tokio::signal::unix::Signal,
    interrupt: &mut tokio::signal::unix::Signal,
) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn next_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

//! The sessions of a gateway: their number, its limit, and their common end.

use std::sync::Arc;

use tokio::sync::watch;

/// The sessions of a gateway.
pub struct Sessions {
    most: usize,
    open: watch::Sender<usize>,
    cut: watch::Sender<bool>,
}

/// The place of a session among them, until it is dropped.
pub struct Place {
    sessions: Arc<Sessions>,
    cut: watch::Receiver<bool>,
}

impl Sessions {
    pub fn new(most: usize) -> Arc<Sessions> {
        Arc::new(Sessions { most, open: watch::Sender::new(0), cut: watch::Sender::new(false) })
    }

    /// A place for a new session, unless there are too many.
    pub fn enter(self: &Arc<Sessions>) -> Option<Place> {
        let entered = self.open.send_if_modified(|open| {
            let fits = *open < self.most;
            *open += usize::from(fits);
            fits
        });
        entered.then(|| Place { sessions: self.clone(), cut: self.cut.subscribe() })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        *self.open.borrow()
    }

    /// The most that there may be.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Waits until there are none.
    pub async fn all_ended(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open == 0).await.expect("this has the sender");
    }

    /// Ends all of them, and those that begin from now on.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }
}

impl Place {
    /// Waits until the session must end.
    pub async fn cut(&mut self) {
        self.cut.wait_for(|cut| *cut).await.expect("the sessions have the sender");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sessions.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_sessions_than_allowed() {
        let sessions = Sessions::new(2);
        let (first, _second) = (sessions.enter().unwrap(), sessions.enter().unwrap());
        assert!(sessions.enter().is_none());
        assert_eq!(sessions.count(), 2);
        drop(first);
        assert_eq!(sessions.count(), 1);
        assert!(sessions.enter().is_some());
    }
}

//! The place of a connection among those that its owner allows.

use crate::sync::Mutex;

/// A place, freed when it is dropped. It bounds the owner's threads too, so a connection that has ended
/// keeps it until none of its calls runs.
pub(crate) struct Place(Mutex<State>);

struct State {
    held: Option<Box<dyn Send>>,
    released: bool,
}

impl Place {
    /// Keeps `held`.
    pub fn new(held: Box<dyn Send>) -> Place {
        Place(Mutex::new(State { held: Some(held), released: false }))
    }

    /// Called when the connection has ended, and only running calls keep the place.
    pub fn release(&self) {
        self.0.lock().released = true;
    }

    /// Frees the place if it was released. Called when no call runs: after the release, and after each
    /// call that returns. The later of the two sees that both have happened.
    pub fn leave(&self) {
        let mut state = self.0.lock();
        let held = if state.released { state.held.take() } else { None };
        drop(state);
        drop(held);
    }
}

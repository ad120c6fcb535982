//! What happens to the bytes of one direction of a connection.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::random::Random;
use crate::relay::{Direction, Faults};

/// The longest piece that is forwarded after one pause.
const PIECE: u64 = 4096;

/// What to do next with the bytes that have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Forward this many, at least 1.
    Forward(usize),
    /// Wait, then ask again.
    Pause(Duration),
    /// Forward the next byte with these bits turned over.
    Corrupt(u8),
    /// Leave out the next byte.
    Lose,
    /// Cut the connection.
    Cut,
    /// Leave out this byte and all that follow.
    Silence,
}

#[derive(Debug)]
pub(super) struct Plan {
    random: Random,
    /// The position of the next byte.
    position: u64,
    /// The faults to come and their positions, the last of them first.
    events: Vec<(u64, Step)>,
    byte_wise: bool,
    delay: Duration,
    /// Where the piece ends for which the pause is over.
    piece_end: u64,
}

impl Plan {
    /// The plan of one direction of the connection with that number.
    pub fn new(faults: &Faults, connection: u64, direction: Direction) -> Plan {
        let mut seeds = Random::new(faults.seed);
        let seed = seeds.next() ^ (2 * connection + direction as u64);
        let mut plan = Plan {
            random: Random::new(seed),
            position: 0,
            events: Vec::new(),
            byte_wise: false,
            delay: Duration::ZERO,
            piece_end: 0,
        };
        if faults.direction.is_none_or(|spoiled| spoiled == direction) {
            plan.spoil(faults);
        }
        plan
    }

    fn spoil(&mut self, faults: &Faults) {
        self.byte_wise = faults.byte_wise;
        self.delay = faults.delay;
        let bits = self.random.below(255) as u8 + 1;
        let events = [
            (&faults.lose, Step::Lose),
            (&faults.corrupt, Step::Corrupt(bits)),
            (&faults.silence, Step::Silence),
            (&faults.cut, Step::Cut),
        ];
        for (range, step) in events {
            if let Some(range) = range {
                let position = self.one_of(range);
                self.events.push((position, step));
            }
        }
        // Stable: where two meet at one position, the later of the list comes first.
        self.events.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
    }

    fn one_of(&mut self, range: &RangeInclusive<u64>) -> u64 {
        let (first, last) = (*range.start(), *range.end());
        match (last - first).checked_add(1) {
            Some(count) => first + self.random.below(count),
            None => self.random.next(),
        }
    }

    /// The next step for `available` bytes, of which there is at least one.
    pub fn next(&mut self, available: usize) -> Step {
        if let Some(step) = self.event() {
            return step;
        }
        if self.delay > Duration::ZERO && self.position == self.piece_end {
            let length = if self.byte_wise { 1 } else { 1 + self.random.below(PIECE) };
            self.piece_end += length;
            let longest = u64::try_from(self.delay.as_nanos()).unwrap_or(u64::MAX - 1);
            return Step::Pause(Duration::from_nanos(self.random.below(longest + 1)));
        }
        let mut count = if self.byte_wise { 1 } else { available as u64 };
        if let Some((position, _)) = self.events.last() {
            count = count.min(position - self.position);
        }
        if self.delay > Duration::ZERO {
            count = count.min(self.piece_end - self.position);
        }
        self.position += count;
        Step::Forward(count as usize)
    }

    /// The fault at this position. Two at one position happen to two bytes, one after the other.
    fn event(&mut self) -> Option<Step> {
        let (position, step) = *self.events.last()?;
        if position > self.position {
            return None;
        }
        self.events.pop();
        if matches!(step, Step::Lose | Step::Corrupt(_)) {
            self.position += 1;
            self.piece_end = self.piece_end.max(self.position);
        }
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps for that many bytes, which arrive `at_once` at a time.
    fn steps(faults: &Faults, bytes: usize, at_once: usize) -> Vec<Step> {
        let mut plan = Plan::new(faults, 0, Direction::ToHost);
        let (mut left, mut steps) = (bytes, Vec::new());
        while left > 0 {
            let step = plan.next(left.min(at_once));
            steps.push(step);
            left -= match step {
                Step::Forward(count) => count,
                Step::Pause(_) => 0,
                Step::Corrupt(_) | Step::Lose => 1,
                Step::Cut | Step::Silence => left,
            };
        }
        steps
    }

    #[test]
    fn without_faults_all_is_forwarded_as_it_comes() {
        assert_eq!(steps(&Faults::default(), 10, 4), [4, 4, 2].map(Step::Forward));
    }

    #[test]
    fn faults_happen_at_their_positions() {
        let faults = Faults { lose: Some(3..=3), cut: Some(7..=7), ..Faults::default() };
        let expected = [Step::Forward(3), Step::Lose, Step::Forward(3), Step::Cut];
        assert_eq!(steps(&faults, 10, 10), expected);
        let crumbs = Faults { byte_wise: true, silence: Some(2..=2), ..Faults::default() };
        assert_eq!(steps(&crumbs, 10, 10), [Step::Forward(1), Step::Forward(1), Step::Silence]);
    }

    #[test]
    fn two_faults_may_meet() {
        let faults = Faults { lose: Some(0..=0), corrupt: Some(0..=0), ..Faults::default() };
        let steps = steps(&faults, 3, 3);
        assert!(matches!(steps[..], [Step::Corrupt(_), Step::Lose, Step::Forward(1)]), "{steps:?}");
    }

    #[test]
    fn choices_follow_from_the_seed_and_not_from_how_bytes_arrive() {
        let choices = |seed, at_once| {
            let delay = Duration::from_micros(5);
            let faults = Faults { seed, delay, cut: Some(1..=100_000), ..Faults::default() };
            let mut steps = steps(&faults, 200_000, at_once);
            steps.retain(|step| !matches!(step, Step::Forward(_)));
            steps
        };
        assert_eq!(choices(1, 1000), choices(1, 70_000));
        assert_ne!(choices(1, 1000), choices(2, 1000));
    }

    #[test]
    fn directions_and_connections_have_choices_of_their_own() {
        let faults = Faults { cut: Some(0..=u64::MAX), ..Faults::default() };
        let of = |connection, way| Plan::new(&faults, connection, way).events;
        assert_ne!(of(0, Direction::ToHost), of(0, Direction::ToClient));
        assert_ne!(of(0, Direction::ToHost), of(1, Direction::ToHost));
        let one_way = Faults { direction: Some(Direction::ToClient), ..faults };
        assert!(Plan::new(&one_way, 0, Direction::ToHost).events.is_empty());
    }
}

//! Measures several subjects interleaved: machines are noisy, and subjects that are compared must share the
//! noise.

use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::stats::{multiples, over_rounds, Figure, Figures, Slice};

/// The pause after each slice, so that what it leaves running for a while (such as a monitor) counts as its
/// own.
const SETTLING: Duration = Duration::from_millis(12);

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Amount {
    /// How many turns each subject has.
    pub rounds: usize,
    /// How many calls it makes in a turn.
    pub calls: usize,
}

/// Something to measure: makes a given number of calls.
pub struct Subject<'a> {
    pub name: &'a str,
    slice: Box<dyn FnMut(usize) -> Slice + 'a>,
}

impl<'a> Subject<'a> {
    pub fn new(name: &'a str, slice: impl FnMut(usize) -> Slice + 'a) -> Subject<'a> {
        Subject { name, slice: Box::new(slice) }
    }

    /// A subject that makes its calls one after another; `call` returns how long each took.
    pub fn calls(name: &'a str, mut call: impl FnMut() -> Duration + 'a) -> Subject<'a> {
        Self::new(name, move |calls| Slice::one_by_one(calls, &mut call))
    }
}

/// The measurements of a subject, one per round.
pub struct Line {
    name: String,
    rounds: Vec<Figures>,
}

impl Line {
    /// The figures over all rounds.
    pub fn figures(&self) -> Figures {
        over_rounds(&self.rounds)
    }

    /// Medians of the ratios per round, since the lines of a round share the noise; for maxima, the ratio
    /// of the largest ones.
    fn as_multiple_of(&self, other: &Line) -> Figures {
        let pairs = self.rounds.iter().zip(&other.rounds);
        let rounds: Vec<Figures> = pairs.map(|(mine, its)| multiples(mine, its)).collect();
        let mut medians = over_rounds(&rounds);
        let overall = multiples(&self.figures(), &other.figures());
        medians.extend(overall.get(&Figure::Max).map(|&multiple| (Figure::Max, multiple)));
        medians
    }
}

/// Lets the subjects make their calls in turn. `processor_time` returns the CPU time that all processes
/// have used.
pub fn interleave(
    amount: Amount,
    processor_time: impl Fn() -> Duration,
    mut subjects: Vec<Subject<'_>>,
) -> Vec<Line> {
    let named = |subject: &Subject| Line { name: subject.name.into(), rounds: Vec::new() };
    let mut lines: Vec<Line> = subjects.iter().map(named).collect();
    for subject in &mut subjects {
        // Warm-up.
        (subject.slice)((amount.calls / 10).max(1));
    }
    for _ in 0..amount.rounds {
        for (subject, line) in subjects.iter_mut().zip(&mut lines) {
            let before = processor_time();
            let slice = (subject.slice)(amount.calls);
            thread::sleep(SETTLING);
            line.rounds.push(slice.figures(processor_time() - before));
        }
    }
    lines
}

/// The result of a row in one placement.
#[derive(Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The references, and last the subject compared with them.
    pub lines: Vec<Named>,
    /// The last line, as multiples of each of the others.
    pub multiples: Vec<Named>,
    pub notes: Vec<Note>,
}

#[derive(Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub figures: Figures,
}

/// A figure that belongs to no line.
#[derive(Serialize, Deserialize)]
pub struct Note {
    pub what: String,
    pub value: f64,
}

impl Outcome {
    /// The outcome of interleaved lines.
    pub fn of(lines: Vec<Line>) -> Outcome {
        let summary = |line: &Line| Named { name: line.name.clone(), figures: line.figures() };
        let (last, references) = lines.split_last().expect("something was measured");
        let compared = references.iter().map(|reference| Named {
            name: reference.name.clone(),
            figures: last.as_multiple_of(reference),
        });
        Outcome {
            multiples: compared.collect(),
            lines: lines.iter().map(summary).collect(),
            notes: Vec::new(),
        }
    }

    /// Adds a figure that belongs to no line.
    pub fn note(mut self, what: &str, value: f64) -> Outcome {
        self.notes.push(Note { what: what.into(), value });
        self
    }
}

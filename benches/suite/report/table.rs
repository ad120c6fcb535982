//! The table on the terminal, at most 100 columns wide.

use crate::measure::Outcome;
use crate::placement::Placement;
use crate::rows::Row;
use crate::run::Verdict;
use crate::stats::{Figure, Figures};

/// The width of the names before the figures.
const NAMES: usize = 33;

/// The title of a row, above its columns.
pub fn heading(row: &Row) -> String {
    let columns = row.figures.iter().map(|&figure| right(figure, title(figure)));
    format!("{}: {}\n{:NAMES$}{}", row.name, row.title, "", columns.collect::<String>())
}

/// The result of a row in one placement.
pub fn block(row: &Row, placement: Placement, verdict: &Result<Verdict, String>) -> String {
    let head = format!("  {}\n", placement.describe());
    head + &match verdict {
        Ok(Ok(outcome)) => lines(row.figures, outcome),
        Ok(Err(reason)) => format!("    SKIPPED: {reason}\n"),
        Err(failure) => format!("    FAILED: {failure}\n"),
    }
}

fn lines(columns: &[Figure], outcome: &Outcome) -> String {
    let mut text = String::new();
    for named in &outcome.lines {
        text += &line(&format!("    {}", named.name), columns, &named.figures, amount);
    }
    for named in &outcome.multiples {
        text += &line(&format!("      × {}", named.name), columns, &named.figures, multiple);
    }
    for note in &outcome.notes {
        text += &format!("      {}: {:.2}\n", note.what, note.value);
    }
    text
}

fn line(
    name: &str,
    columns: &[Figure],
    figures: &Figures,
    format: fn(Figure, f64) -> String,
) -> String {
    let cells = columns.iter().map(|figure| {
        let cell = figures.get(figure).map(|&value| format(*figure, value));
        right(*figure, cell.as_deref().unwrap_or("-"))
    });
    format!("{name:NAMES$}{}\n", cells.collect::<String>())
}

fn title(figure: Figure) -> &'static str {
    match figure {
        Figure::P50 => "p50 µs",
        Figure::P99 => "p99 µs",
        Figure::P999 => "p99.9 µs",
        Figure::Max => "max µs",
        Figure::Mean => "mean µs",
        Figure::Rate => "calls/s",
        Figure::Processor => "cpu µs",
    }
}

fn right(figure: Figure, cell: &str) -> String {
    let width = if figure == Figure::Rate { 12 } else { 9 };
    format!("{cell:>width$}")
}

fn amount(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Rate if value >= 100.0 => thousands(value),
        _ if value >= 10_000.0 => thousands(value),
        _ if value >= 1_000.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

fn multiple(_: Figure, value: f64) -> String {
    format!("{value:.2}")
}

/// A whole number in groups of three digits.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

//! What is on the screen.

use std::time::Duration;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline};
use ratatui::Frame;

use crate::commands::watch::figures::status_name;
use crate::commands::watch::numbers::{bytes, latency, number};
use crate::commands::watch::report;
use crate::commands::watch::{About, CallFigures, Figures, History};
use crate::duration;
use crate::output::Plain;

/// The widths of the columns; a terminal that is narrower than all of them shows no callbacks.
const LABEL: usize = 18;
const COLUMN: usize = 16;

/// The longest text of a host, in characters.
const LONGEST_TEXT: usize = 40;

/// Draws what is known of the host at one of these endpoints.
pub fn draw(frame: &mut Frame<'_>, endpoints: &str, history: &History) {
    let width = usize::from(frame.area().width);
    let mut lines =
        vec![Line::from(Plain(history.endpoint(endpoints)).to_string()).bold(), state(history)];
    if let Some(figures) = history.figures() {
        lines.push(Line::default());
        lines.extend(calls(&figures, width >= LABEL + 2 * COLUMN));
        lines.push(Line::default());
        lines.extend(totals(&figures));
    }
    let height = lines.len() as u16;
    let [top, chart, bottom] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(0), Constraint::Length(1)])
            .areas(frame.area());
    frame.render_widget(Paragraph::new(lines), top);
    if chart.height > 2 {
        draw_chart(frame, chart, history);
    }
    frame.render_widget(Line::from("q quits").dim(), bottom);
}

/// The host's process, or why there is none.
fn state(history: &History) -> Line<'static> {
    match (&history.failure, history.about()) {
        (Some(error), _) => Line::from(report::failure(error)).red(),
        (None, Some(about)) => Line::from(process(about)),
        (None, None) => Line::from("connecting"),
    }
}

fn process(about: &About) -> String {
    let short = |text: &str| Plain(text).to_string().chars().take(LONGEST_TEXT).collect::<String>();
    let mut parts = Vec::new();
    match (&about.program, about.pid) {
        (Some(program), Some(pid)) => parts.push(format!("{} (process {pid})", short(program))),
        (None, Some(pid)) => parts.push(format!("process {pid}")),
        _ => {}
    }
    parts.push(format!("up {}", duration::long(about.started.elapsed())));
    parts.push(format!("callgate {}", short(&about.version)));
    parts.join(", ")
}

/// A row for each figure, with a column for the calls that the host serves and one for those that it makes.
fn calls(figures: &Figures, has_callbacks: bool) -> Vec<Line<'static>> {
    let row = |label: &str, of: &dyn Fn(&CallFigures) -> String| {
        row(label, &of(&figures.served), has_callbacks.then(|| of(&figures.made)).as_deref())
    };
    let mut rows = vec![
        self::row("", "served", has_callbacks.then_some("callbacks")).dim(),
        row("calls/s", &|calls| number(calls.calls)),
        row("one-way/s", &|calls| number(calls.one_way)),
        row("in flight", &|calls| number(calls.in_flight as f64)),
    ];
    for (label, part) in [("latency p50", 0.5), ("latency p90", 0.9), ("latency p99", 0.99)] {
        rows.push(row(label, &|calls| latency(calls.latencies.quantile(part))));
    }
    rows.push(row("errors/s", &|calls| number(calls.errors)));
    let mut statuses: Vec<i32> = figures.served.errors_by_status.keys().copied().collect();
    if has_callbacks {
        statuses.extend(figures.made.errors_by_status.keys());
    }
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let label = format!("  {}", status_name(status));
        rows.push(row(&label, &|calls| errors(calls, status)));
    }
    rows
}

/// How often a status occurs, and in brackets how often it has occurred.
fn errors(calls: &CallFigures, status: i32) -> String {
    match calls.errors_by_status.get(&status) {
        Some(errors) => {
            format!("{} ({})", number(errors.per_second), number(errors.total as f64))
        }
        None => "-".into(),
    }
}

fn row(label: &str, served: &str, made: Option<&str>) -> Line<'static> {
    let mut cells = vec![
        Span::from(format!("{label:LABEL$.LABEL$}")),
        Span::from(format!("{served:>COLUMN$}")).bold(),
    ];
    cells.extend(made.map(|made| Span::from(format!("{made:>COLUMN$}"))));
    Line::from(cells)
}

/// Connections, bytes and queues.
fn totals(figures: &Figures) -> Vec<Line<'static>> {
    let now = &figures.now;
    let count = |value: u64| number(value as f64);
    let connections = format!(
        "{} open, {} established, {} failed",
        count(now.connections),
        count(now.connections_established),
        count(now.connections_failed)
    );
    let line = |label: &str, text: String| Line::from(format!("{label:LABEL$}{text}"));
    vec![
        line("connections", connections),
        line("received", format!("{}/s", bytes(figures.bytes_received))),
        line("sent", format!("{}/s", bytes(figures.bytes_sent))),
        line("waits to be sent", bytes(now.bytes_queued as f64)),
    ]
}

/// The calls a second that the host has served, the latest at the right.
fn draw_chart(frame: &mut Frame<'_>, area: Rect, history: &History) {
    let [_, title, bars] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)])
            .areas(area);
    let rates = history.rates(usize::from(bars.width));
    let most = rates.iter().copied().max().unwrap_or(0);
    let covered = history.interval().mul_f64(rates.len() as f64);
    let text = match covered {
        Duration::ZERO => String::new(),
        covered => format!(
            "served a second, of the last {}; at most {}",
            duration::long(covered),
            number(most as f64)
        ),
    };
    frame.render_widget(Line::from(text).dim(), title);
    frame.render_widget(Sparkline::default().data(&rates), bars);
}

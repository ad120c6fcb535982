//! An inbound call.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::connection::state::context::Ancestry;
use crate::connection::state::schedule::RunsAs;
use crate::sync::Arc;
use crate::time;
use crate::wire::{metadata_pairs, range_in, CallHeader, Frame, OneWayHeader};

/// A range within a frame; half the size of a `Range`, since calls are moved a lot.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range of `part` within the frame. Frame lengths fit a `u32`.
    fn of(frame: &Frame, part: &[u8]) -> Span {
        let range = range_in(frame, part);
        Span { start: range.start as u32, end: range.end as u32 }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The ranges of a call's fields within its frame.
#[derive(Clone, Copy)]
struct Shape {
    interface: Span,
    method: Span,
    signature: Option<Span>,
    metadata: Option<Span>,
    /// Where the arguments begin; they extend to the end of the frame.
    arguments: usize,
}

/// A call as it arrived: its frame, and the ranges of its fields.
pub(crate) struct Inbound {
    frame: Frame,
    shape: Shape,
    /// `None` for a one-way call.
    pub id: Option<u64>,
    pub lane: u64,
    pub parent: Option<u64>,
    /// The number of its ordered interface, if its interface is ordered and it waits for others there.
    pub ordered: Option<usize>,
    /// What it counts as while it runs, once admitted.
    pub runs_as: RunsAs,
    /// Identifies the call; 0 until that is needed, at the latest when it runs.
    pub scope_id: u64,
    /// How many calls it is nested in; 0 for a root.
    pub depth: u32,
    /// What caused it.
    pub within: Option<Arc<Ancestry>>,
    pub deadline: Option<Instant>,
    /// When it arrived. `None` for a one-way call: millions may arrive in a second, and reading the clock for
    /// each would be noticeable.
    pub arrived: Option<Instant>,
    /// Whether it has waited for others or for a thread.
    pub has_waited: bool,
}

impl Inbound {
    pub fn call(frame: &Frame, header: &CallHeader<'_>, arguments: &[u8]) -> Inbound {
        let &CallHeader { interface, method, signature, lane, parent, metadata, .. } = header;
        let one_way = OneWayHeader {
            flags: header.flags,
            interface,
            method,
            signature,
            lane,
            parent,
            metadata,
        };
        let mut call = Inbound::one_way(frame, &one_way, arguments);
        let arrived = time::now();
        call.id = Some(header.id);
        call.arrived = Some(arrived);
        call.deadline =
            header.timeout_ms.map(|left| time::later(arrived, Duration::from_millis(left)));
        call
    }

    #[inline]
    pub fn one_way(frame: &Frame, header: &OneWayHeader<'_>, arguments: &[u8]) -> Inbound {
        let at = |part: &[u8]| Span::of(frame, part);
        let shape = Shape {
            interface: at(header.interface.as_bytes()),
            method: at(header.method.as_bytes()),
            signature: header.signature.map(|signature| at(signature.as_bytes())),
            metadata: header.metadata.map(at),
            arguments: frame.len() - arguments.len(),
        };
        Inbound {
            shape,
            id: None,
            lane: header.lane,
            parent: header.parent,
            ordered: None,
            runs_as: RunsAs::Nothing,
            scope_id: 0,
            depth: 0,
            within: None,
            deadline: None,
            arrived: None,
            has_waited: false,
            frame: frame.clone(),
        }
    }

    /// The credit that it uses, in bytes.
    pub fn cost(&self) -> u64 {
        self.frame.len() as u64
    }

    pub fn is_one_way(&self) -> bool {
        self.id.is_none()
    }

    /// Whether a call of ours waits for it. It has a parent then; but a call whose parent already has its
    /// reply is a root.
    pub fn is_nested(&self) -> bool {
        self.depth > 0
    }

    /// Whether others of its lane wait until it has returned.
    pub fn holds_lane(&self) -> bool {
        self.is_one_way() || self.ordered.is_some()
    }

    /// Whether it is nested in the call with this scope id.
    pub fn is_caused_by(&self, scope_id: u64) -> bool {
        self.within.as_ref().is_some_and(|within| within.contains(scope_id))
    }

    pub fn interface(&self) -> &str {
        self.text(self.shape.interface)
    }

    pub fn method(&self) -> &str {
        self.text(self.shape.method)
    }

    pub fn signature(&self) -> Option<&str> {
        self.shape.signature.map(|span| self.text(span))
    }

    pub fn metadata(&self) -> Vec<(&str, &str)> {
        match self.shape.metadata {
            Some(span) => metadata_pairs(&self.frame[span.range()]).collect(),
            None => Vec::new(),
        }
    }

    pub fn arguments(&self) -> &[u8] {
        &self.frame[self.shape.arguments..]
    }

    /// The interface's name, for look-ups.
    pub fn interface_bytes(&self) -> &[u8] {
        &self.frame[self.shape.interface.range()]
    }

    /// The method's name, for look-ups.
    pub fn method_bytes(&self) -> &[u8] {
        &self.frame[self.shape.method.range()]
    }

    /// The method's name, for use after the call is gone.
    pub fn method_name(&self) -> MethodName {
        MethodName(self.frame.slice(self.shape.method.range()))
    }

    /// Called if the call will wait: makes it keep only its own frame, not a much larger chunk.
    pub fn compact(&mut self) {
        self.frame = self.frame.compact();
        self.has_waited = true;
    }

    /// The frame without the arguments. A one-way call with the same head calls the same method in the same
    /// lane.
    pub fn head(&self) -> &[u8] {
        &self.frame[..self.shape.arguments]
    }

    /// What one-way calls with the same [head](Inbound::head) have in common with this one.
    pub fn template(&self) -> CallTemplate {
        let &Inbound { shape, lane, ordered, scope_id, .. } = self;
        CallTemplate { shape, lane, ordered, scope_id }
    }

    fn text(&self, span: Span) -> &str {
        // The header was checked when it was decoded.
        std::str::from_utf8(&self.frame[span.range()]).unwrap_or_default()
    }
}

/// What a batch of one-way calls has in common with its first call, so that the others need no decoding.
#[derive(Clone, Copy)]
pub(crate) struct CallTemplate {
    shape: Shape,
    lane: u64,
    ordered: Option<usize>,
    /// Identifies the first call, and the batch with it.
    pub scope_id: u64,
}

impl CallTemplate {
    /// The call in a frame with the same head.
    pub fn call(&self, frame: Frame) -> Inbound {
        let &CallTemplate { shape, lane, ordered, scope_id } = self;
        Inbound {
            frame,
            shape,
            id: None,
            lane,
            parent: None,
            ordered,
            runs_as: RunsAs::Nothing,
            scope_id,
            depth: 0,
            within: None,
            deadline: None,
            arrived: None,
            has_waited: false,
        }
    }
}

/// A method's name, kept in the frame of its call.
pub(crate) struct MethodName(Frame);

impl MethodName {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

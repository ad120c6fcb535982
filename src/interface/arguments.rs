//! The arguments of a typed call, one after the other.

use std::fmt::Display;

use serde::Deserialize;

use crate::connection::InboundCall;
use crate::error::{Error, Result, Status};
use crate::value::Values;

/// The arguments of a call, decoded in their order; a mismatch names the one that does not fit.
pub struct Arguments<'a> {
    call: &'a InboundCall,
    values: Values<'a>,
    taken: u32,
}

impl<'a> Arguments<'a> {
    /// Those of a call that takes so many.
    pub(super) fn of(call: &'a InboundCall, takes: u32) -> Result<Arguments<'a>> {
        let (values, count) = read(call)?;
        if count != takes {
            let plural = if takes == 1 { "" } else { "s" };
            return Err(mismatch(
                call,
                format_args!("takes {takes} argument{plural}, not {count}"),
            ));
        }
        Ok(Arguments { call, values, taken: 0 })
    }

    /// How many a call has.
    pub(super) fn count(call: &InboundCall) -> Result<u32> {
        read(call).map(|(_, count)| count)
    }

    /// The next one, which is written so in the trait.
    pub fn next<T: Deserialize<'a>>(&mut self, written: &str) -> Result<T> {
        self.taken += 1;
        self.values.next().map_err(|reason| {
            let number = self.taken;
            mismatch(
                self.call,
                format_args!("argument {number} ({written}) does not fit: {reason}"),
            )
        })
    }
}

fn read(call: &InboundCall) -> Result<(Values<'_>, u32)> {
    Values::of_array(call.arguments())
        .map_err(|reason| mismatch(call, format_args!("the arguments do not fit: {reason}")))
}

/// The error of a call that does not fit what it calls.
pub(super) fn mismatch(call: &InboundCall, what: impl Display) -> Error {
    let message = format!("{}.{}: {what}", call.interface(), call.method());
    Error::new(Status::ContractMismatch, message)
}

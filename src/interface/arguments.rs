//! Decodes the arguments of a typed call, one after the other.

use std::fmt::Display;

use serde::Deserialize;

use crate::connection::InboundCall;
use crate::error::{Error, Execution, Result, Status};
use crate::value::Values;

/// The arguments of a call, decoded in order; a mismatch names the argument that does not fit.
pub struct Arguments<'a> {
    call: &'a InboundCall,
    values: Values<'a>,
    taken: u32,
    given: u32,
}

impl<'a> Arguments<'a> {
    /// The arguments of a call that must have at least `least` of them and at most `most`.
    pub(super) fn of(call: &'a InboundCall, least: u32, most: u32) -> Result<Arguments<'a>> {
        let (values, given) = read(call)?;
        if given < least || given > most {
            let takes = if least == most { String::new() } else { format!("{least} to ") };
            let plural = if most == 1 { "" } else { "s" };
            return Err(mismatch(
                call,
                format_args!("takes {takes}{most} argument{plural}, not {given}"),
            ));
        }
        Ok(Arguments { call, values, taken: 0, given })
    }

    /// The number of arguments of a call.
    pub(super) fn count(call: &InboundCall) -> Result<u32> {
        read(call).map(|(_, count)| count)
    }

    /// The next argument, or the default value if the caller left it out.
    pub fn next_or_default<T>(&mut self, written: &str) -> Result<T>
    where
        T: Deserialize<'a> + Default,
    {
        if self.taken == self.given {
            return Ok(T::default());
        }
        self.next(written)
    }

    /// The next argument; `written` is its type as the trait spells it.
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

/// The error of a call that does not match the interface.
pub(super) fn mismatch(call: &InboundCall, what: impl Display) -> Error {
    let message = format!("{}.{}: {what}", call.interface(), call.method());
    Error::new(Status::ContractMismatch, message).with_execution(Execution::NotRun)
}

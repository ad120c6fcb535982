//! What delegates of test programs have in common.

use callgate::{InboundCall, Result};
use serde::de::DeserializeOwned;
use serde::Serialize;

/// Replies with the result of `work` on the arguments.
pub fn reply<A: DeserializeOwned, R: Serialize>(
    call: InboundCall,
    work: impl FnOnce(A) -> Result<R>,
) -> Result<()> {
    let outcome = call.args().and_then(work);
    call.reply_with(outcome)
}

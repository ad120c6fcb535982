use std::sync::mpsc;

use super::*;
use crate::error::Status;

#[test]
fn an_end_that_comes_before_the_function_for_it_is_given_to_it() {
    let pending = Pending::new();
    let slot = pending.open(pending.issue(), Cost::default()).unwrap();
    pending.end(&Error::new(Status::ChannelFaulted, "lost"), &Written::default());
    let (tell, told) = mpsc::channel();
    slot.on_done(Box::new(move |outcome| tell.send(outcome).unwrap()));
    let error = told.try_recv().expect("an outcome").expect_err("no answer");
    assert_eq!(error.execution(), Execution::NotRun);
}

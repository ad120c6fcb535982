//! Inbound calls
//!
//! A call that a delegate must reply to, once, with one of the functions below. Names and metadata are
//! borrowed until the handle ends, arguments until the reply. The handle ends when the callback that
//! received it returns; to reply later, from any thread, get an owned handle from callgate_call_defer().
//! For a call that already has its reply, and for an invalid handle, the functions return empty text, no
//! bytes, false or 0; but callgate_call_is_cancelled() returns true.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use once_cell::sync::OnceCell;

use crate::ffi::arguments::{invalid, Out};
use crate::ffi::guard::guard_value;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::handles::{self, Object};
use crate::ffi::owners::connection::callgate_connection;
use crate::ffi::thread_cache::{self, Cache, ThreadCached};
use crate::ffi::timeout::{self, CALLGATE_TIMEOUT_NONE, CALLGATE_TIMEOUT_NOW};
use crate::ffi::values::text::{hand_out, Text};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex};
use crate::time::{self, rounded_up_ms};
use crate::{CancelNotice, Error, InboundCall, Result};

/// A call that waits for its reply.
#[derive(Default)]
pub struct callgate_call {
    content: Mutex<Content>,
    deferred: AtomicBool,
    method: OnceCell<Text>,
    names: OnceCell<Names>,
    rare: OnceCell<Box<Rare>>,
}

#[derive(Default)]
struct Content {
    /// `None` after the reply.
    inbound: Option<InboundCall>,
    /// Reusable memory for the method's name.
    spare: Text,
}

/// Rarely needed by delegates.
#[derive(Default)]
struct Rare {
    metadata: OnceCell<Vec<(Text, Text)>>,
    connection: OnceCell<BorrowedHandle<callgate_connection>>,
    /// Functions that run when the caller stops waiting.
    notices: Mutex<Vec<CancelNotice>>,
}

struct Names {
    interface: Text,
    signature: Text,
}

impl Object for callgate_call {
    const KIND: &'static str = "a call";
}

impl callgate_call {
    pub(in crate::ffi) fn holding(inbound: InboundCall) -> Arc<callgate_call> {
        let call = thread_cache::take::<callgate_call>();
        call.content.lock().inbound = Some(inbound);
        call
    }

    /// Runs `at` on the call if it has no reply yet.
    pub(in crate::ffi) fn look<T>(&self, at: impl FnOnce(&InboundCall) -> T) -> Result<T> {
        let content = self.content.lock();
        content.inbound.as_ref().map(at).ok_or_else(answered)
    }

    /// Takes the call in order to reply; only the first caller gets it.
    pub(in crate::ffi) fn take(&self) -> Result<InboundCall> {
        self.content.lock().inbound.take().ok_or_else(answered)
    }

    /// Returns whether the call was already deferred.
    pub(in crate::ffi) fn defer(&self) -> bool {
        self.deferred.swap(true, Ordering::Relaxed)
    }

    /// Called when the delegate returns: from then on only a deferred handle can reply.
    pub(in crate::ffi) fn returned(&self) {
        if self.deferred.load(Ordering::Relaxed) {
            return;
        }
        let unanswered = self.content.lock().inbound.take();
        if let Some(inbound) = unanswered {
            let message = format!(
                "the delegate of {} returned from {} without replying to the call or deferring it",
                inbound.interface(),
                inbound.method()
            );
            // A caller that is gone needs no reply.
            let _ = inbound.fail(Error::remote_error("", message));
        }
    }

    /// Separate from the other names, because every delegate needs it.
    pub(in crate::ffi) fn method(&self) -> Result<&Text> {
        self.method.get_or_try_init(|| {
            let mut content = self.content.lock();
            let Content { inbound, spare } = &mut *content;
            let inbound = inbound.as_ref().ok_or_else(answered)?;
            Ok(std::mem::take(spare).replaced(inbound.method()))
        })
    }

    fn names(&self) -> Result<&Names> {
        self.names.get_or_try_init(|| {
            self.look(|inbound| Names {
                interface: Text::new(inbound.interface()),
                signature: Text::new(inbound.signature().unwrap_or_default()),
            })
        })
    }

    fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }

    /// Keeps a notice until the call's handles end.
    pub(in crate::ffi) fn keep_notice(&self, notice: CancelNotice) {
        self.rare().notices.lock().push(notice);
    }

    /// Removes the notice with this number, if there is one.
    pub(in crate::ffi) fn take_notice(&self, number: u64) -> Option<CancelNotice> {
        let mut notices = self.rare.get()?.notices.lock();
        let index = notices.iter().position(|notice| notice.number() == number)?;
        Some(notices.swap_remove(index))
    }

    fn metadata(&self) -> Result<&[(Text, Text)]> {
        let metadata = self.rare().metadata.get_or_try_init(|| {
            self.look(|inbound| {
                let entries = inbound.metadata();
                let entries = entries.iter();
                entries.map(|(key, value)| (Text::new(key), Text::new(value))).collect()
            })
        })?;
        Ok(metadata)
    }

    fn connection(&self) -> Result<*mut callgate_connection> {
        let borrowed = self.rare().connection.get_or_try_init(|| {
            let connection = self.look(|inbound| inbound.connection().clone())?;
            BorrowedHandle::new(callgate_connection::new(connection))
        })?;
        Ok(borrowed.handle())
    }
}

impl ThreadCached for callgate_call {
    fn kept() -> &'static Cache<callgate_call> {
        thread_local!(static KEPT: Cell<Option<Arc<callgate_call>>> = const { Cell::new(None) });
        &KEPT
    }

    fn renew(&mut self) {
        let callgate_call { content, deferred, method, names, rare } = self;
        let content = content.get_mut();
        content.inbound = None;
        if let Some(method) = method.take() {
            content.spare = method;
        }
        *deferred.get_mut() = false;
        names.take();
        rare.take();
    }
}

fn answered() -> Error {
    invalid("the call already has its reply")
}

fn look<T: Copy>(call: *const callgate_call, fallback: T, at: impl FnOnce(&InboundCall) -> T) -> T {
    guard_value(fallback, || {
        let looked = handles::get(call).and_then(|call| call.look(at));
        looked.unwrap_or(fallback)
    })
}

fn hand_out_text(
    call: *const callgate_call,
    length: *mut usize,
    of: impl FnOnce(&callgate_call) -> Option<&Text>,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let call = handles::look_up(call);
        hand_out(call.as_deref().and_then(of), length)
    })
}

/// The interface's name, as the caller's proxy spells it.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_interface(
    call: *const callgate_call,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(call, length, |call| Some(&call.names().ok()?.interface))
}

/// The method's name.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_method(
    call: *const callgate_call,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(call, length, |call| call.method().ok())
}

/// The signature that distinguishes overloads of a method, or empty.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_signature(
    call: *const callgate_call,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(call, length, |call| Some(&call.names().ok()?.signature))
}

/// The arguments: one MessagePack array. Read them with callgate_call_read_arguments().
#[no_mangle]
pub unsafe extern "C" fn callgate_call_arguments(
    call: *const callgate_call,
    length: *mut usize,
) -> *const c_void {
    let (data, count) = look(call, (std::ptr::null(), 0), |inbound| {
        let arguments = inbound.arguments();
        (arguments.as_ptr().cast(), arguments.len())
    });
    // SAFETY: the header requires NULL or a valid pointer for the length.
    unsafe { Out::optional(length) }.set(count);
    data
}

/// Whether this is a one-way call, which gets no reply. Replying to it is allowed and does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_is_one_way(call: *const callgate_call) -> bool {
    look(call, false, InboundCall::is_one_way)
}

/// How long the caller will still wait, as a timeout for calls made on its behalf: CALLGATE_TIMEOUT_NONE if
/// it waits without limit, CALLGATE_TIMEOUT_NOW if it has stopped waiting.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_time_left_ms(call: *const callgate_call) -> i64 {
    look(call, CALLGATE_TIMEOUT_NOW, |inbound| {
        let Some(deadline) = inbound.deadline() else {
            return CALLGATE_TIMEOUT_NONE;
        };
        let left = time::left(deadline);
        match i64::try_from(rounded_up_ms(left)).unwrap_or(i64::MAX) {
            0 => CALLGATE_TIMEOUT_NOW,
            milliseconds => milliseconds,
        }
    })
}

/// Whether the caller no longer waits: it cancelled the call, the deadline passed, the connection ended, or
/// the call already has its reply. Also true for an invalid handle, so that a worker that loops until this
/// is true always ends. A delegate may then stop early and reply with what it has: the caller gets
/// CALLGATE_STATUS_CANCELLED or CALLGATE_STATUS_TIMED_OUT, never the result.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_is_cancelled(call: *const callgate_call) -> bool {
    look(call, true, InboundCall::is_cancelled)
}

/// Waits until callgate_call_is_cancelled() is true, and returns whether it is (default timeout: none). A
/// reply from another thread does not end the wait. An invalid timeout returns false at once.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_wait_cancelled(
    call: *const callgate_call,
    timeout_ms: i64,
) -> bool {
    guard_value(true, || {
        let Ok(timeout) = timeout::wait(timeout_ms, "timeout_ms", None) else {
            return false;
        };
        // Without the call's lock, so that other threads can reply meanwhile.
        let interest = handles::get(call).and_then(|call| call.look(InboundCall::interest));
        interest.map_or(true, |interest| interest.wait_lost(timeout))
    })
}

/// The number of metadata entries that the caller sent.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_metadata_count(call: *const callgate_call) -> usize {
    look(call, 0, |inbound| inbound.metadata().len())
}

/// The key of the metadata entry at `index`, counted from 0.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_metadata_key(
    call: *const callgate_call,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(call, length, |call| Some(&call.metadata().ok()?.get(index)?.0))
}

/// The value of the metadata entry at `index`, counted from 0.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_metadata_value(
    call: *const callgate_call,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(call, length, |call| Some(&call.metadata().ok()?.get(index)?.1))
}

/// The connection that the call came on, or NULL. Borrowed until the handle ends.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_connection(
    call: *const callgate_call,
) -> *mut callgate_connection {
    guard_value(std::ptr::null_mut(), || {
        let connection = handles::get(call).and_then(|call| call.connection());
        connection.unwrap_or(std::ptr::null_mut())
    })
}

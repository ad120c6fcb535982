//! Error types of the program.

use crate::error::Error;

/// An error type for methods of typed interfaces: says how an error travels to the caller, and how the
/// caller's error is made from the outcome of a failed call.
///
/// [`Error`] implements it. An `enum` can derive it: see [the derive macro](derive@crate::CallError).
///
/// # Examples
/// By hand, with the parts that a remote error may carry besides its type name and message:
/// ```
/// use callgate::{CallError, Error, Remote};
///
/// #[derive(Debug)]
/// enum StoreError {
///     Full { trace: String },
///     Other(Error),
/// }
///
/// impl CallError for StoreError {
///     fn into_error(self) -> Error {
///         match self {
///             StoreError::Full { trace } => {
///                 let remote =
///                     Remote { type_name: "Store.Full".into(), trace, ..Remote::default() };
///                 Error::remote_error("", "the store is full").with_remote(remote)
///             }
///             StoreError::Other(error) => error,
///         }
///     }
///
///     fn from_error(error: Error) -> StoreError {
///         match error.remote() {
///             Some(remote) if remote.type_name == "Store.Full" => {
///                 StoreError::Full { trace: remote.trace.clone() }
///             }
///             _ => StoreError::Other(error),
///         }
///     }
/// }
/// # let full = StoreError::Full { trace: "at shelf 7".into() };
/// # let back = StoreError::from_error(full.into_error());
/// # assert!(matches!(back, StoreError::Full { trace } if trace == "at shelf 7"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an interface's method",
    label = "this error cannot travel",
    note = "derive or implement `callgate::CallError` for it, or use `callgate::Error`"
)]
pub trait CallError: Sized {
    /// The type names of the remote errors that it stands for, as the description of an interface lists
    /// them: for each error the name that is sent, and further names that are understood. `None` if any
    /// error may occur.
    const NAMES: Option<&'static [&'static [&'static str]]> = None;

    /// The error that travels to the caller.
    fn into_error(self) -> Error;

    /// The caller's error for any failed call, whether the delegate failed or something else did.
    fn from_error(error: Error) -> Self;
}

impl CallError for Error {
    fn into_error(self) -> Error {
        self
    }

    fn from_error(error: Error) -> Error {
        error
    }
}

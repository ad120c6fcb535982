"""Delegates: Python objects that serve calls."""

from concurrent.futures import Future
from contextvars import copy_context
from ctypes import addressof
from threading import get_ident
from types import CoroutineType
from typing import Any, Callable, Dict, Optional, Union

from .. import _log
from .._abi import native, structs
from .._abi.handles import Handle, user_data
from .._abi.threads import keep, kept
from .._calling.context import served_call
from .._contracts.interface import Interface, resolve
from .._errors import failures
from .._exceptions import ContractMismatch, Execution, InvalidArgument
from .._values.buffers import CAPACITY, ValueBuffer
from .._values.large import Encoded
from .._values.messagepack import decode, pack
from .inbound_call import Call, Serving
from .owner_context import OwnerContext
from .served_method import ServedMethod, TypedServedMethod, find_method
from .tasks import outcome

_Served = Union[ServedMethod, TypedServedMethod]


class _Inbound(Serving):
    """The state with which a thread serves calls."""

    __slots__ = ("is_kept", "buffer")

    def __init__(self) -> None:
        super().__init__()
        self.buffer = ValueBuffer()
        #: Whether this object lives as long as its thread, so that C may use the buffer.
        self.is_kept = keep(self)
        if self.is_kept:
            native.thread_buffer(self.buffer.address, CAPACITY)


class Delegate:
    """Serves an interface through the methods of an object."""

    __slots__ = ("_contract", "_served", "context", "interface", "methods", "server")

    def __init__(self, served: Any, interface: Interface, context: OwnerContext) -> None:
        """Creates the delegate of an object.

        Args:
            served: The object, or a mapping of functions by method name.
            interface: The interface's name, or the class that describes it.
            context: The OwnerContext of the host or client.

        Raises:
            InvalidArgument: The object lacks a method of that class.
        """
        #: The C representation.
        self.server = structs.FastDelegate()
        self._served = served
        self.interface, self._contract = resolve(interface)
        self.context = context
        self.methods: Dict[bytes, _Served] = {}
        if self._contract is not None:
            self._contract.check_object(served)
            for name, method in self._contract.methods.items():
                function = self._contract.function(served, name)
                self.methods[method.wire_name] = TypedServedMethod(method, function)

    def find(self, name: bytes) -> Optional[ServedMethod]:
        """Looks for a method that was not called before."""
        if self._contract is not None:
            return None
        found = find_method(self._served, name.decode("utf-8", "replace"))
        # Names come from the peer: only the methods that the object really has are kept.
        if found is not None and found.is_fixed:
            self.methods[name] = found
        return found

    def encode(
        self,
        handle: int,
        result: Any,
        method: _Served,
        encode: Callable[[Any], Encoded] = pack,
    ) -> Optional[Encoded]:
        """Encodes a result; returns None if that fails, after replying with the error."""
        try:
            if method.send_result is not None:
                result = method.send_result(result)
            return encode(result)
        except InvalidArgument as error:
            words = f"the result of {self.interface}.{method.name} {error.message}"
            self.fail(handle, ContractMismatch(words), Execution.RAN)
        except BaseException as error:
            # The program's own conversion may raise anything.
            self.fail(handle, error, Execution.RAN)
        return None

    def reject_arguments(self, handle: int, name: bytes, error: ContractMismatch) -> None:
        """Replies to a call whose arguments do not match."""
        words = error.message
        if self._contract is None:
            words = f"{self.interface}.{name.decode('utf-8', 'replace')} {words}"
        self.fail(handle, ContractMismatch(words), Execution.NOT_RUN)

    def fail(
        self,
        handle: int,
        raised: BaseException,
        execution: Execution,
    ) -> None:
        """Replies to a call with an exception."""
        context = self.context
        if not native.call_is_one_way(handle):
            if not context.remote_traces:
                _log.call_failed(self.interface, native.call_method(handle, None), raised)
        # C logs a failed one-way call if the program has set a log.
        elif not context.has_log:
            _log.one_way_failed(self.interface, native.call_method(handle, None), raised)
        failure = failures.to_error(raised, execution, context.exceptions, context.remote_traces)
        native.call_fail_with(handle, failure, None)
        native.error_free(failure)

    def _end_cancelled(self, handle: int) -> None:
        """Ends a one-way call whose task was cancelled, e.g. because the program exits.

        That is not logged as a failure, since the program itself cancelled it.
        """
        _log.one_way_cancelled(self.interface, native.call_method(handle, None))
        _reply(handle, _NIL)

    def reply_later(self, handle: int, result: Any, method: _Served) -> None:
        """Replies to a call when a future or coroutine has finished."""
        try:
            deferred = _DeferredCall(failures.make(native.call_defer, handle))
            call = Call(deferred.value, self.context, deferred)

            def reply(done: Any) -> None:
                call._end()
                if done.cancelled() and native.call_is_one_way(deferred.value):
                    self._end_cancelled(deferred.value)
                    return
                try:
                    result = outcome(done)
                except BaseException as error:
                    self.fail(deferred.value, error, Execution.RAN)
                else:
                    data = self.encode(deferred.value, result, method)
                    if data is not None:
                        _reply(deferred.value, data)

            if isinstance(result, Future):
                result.add_done_callback(reply)
                return
            context = copy_context()
            context.run(served_call.set, call)
            self.context.tasks.start(result, call, context, reply)
        except BaseException as error:
            # No exception may leave a callback.
            if not isinstance(result, Future):
                result.close()
            self.fail(handle, error, Execution.RAN)


class _DeferredCall(Handle):
    """A call with a deferred reply. If it is freed without one, the caller gets an error."""

    __slots__ = ()
    free = native.call_free


_NIL = pack(None)


def _reply(handle: int, data: Encoded) -> None:
    # An error is ignored: if the reply cannot be sent, the caller already has its own error.
    native.call_reply(handle, data, len(data), None)


# Returned to C if the result is not in the thread's buffer.
_REPLIED = -1


@structs.Serve
def _serve(key: int, handle: int, name: bytes, address: int, length: int) -> int:
    """The trampoline that serves a call. This is the hot path.

    Returns the length of the result in the thread's buffer, or _REPLIED.
    """
    inbound: _Inbound = kept.get(get_ident()) or _Inbound()
    buffer = inbound.buffer
    delegate: Delegate = user_data[key]
    try:
        method = delegate.methods.get(name) or delegate.find(name)
        if method is None:
            if not delegate.context.has_log and native.call_is_one_way(handle):
                _log.one_way_failed(delegate.interface, name, "there is no such method")
            native.call_fail_no_such_method(handle, None)
            return _REPLIED
        if address == buffer.address:
            arguments = method.accept(buffer.read(length, address))
        else:
            arguments = method.accept(decode(native.view(address, length)))
    except ContractMismatch as error:
        delegate.reject_arguments(handle, name, error)
        return _REPLIED
    except BaseException as error:
        # No exception may leave a callback. Looking for the method may run the program's code.
        delegate.fail(handle, error, Execution.NOT_RUN)
        return _REPLIED
    inbound.handle, inbound.context = handle, delegate.context
    try:
        try:
            result = method.function(*arguments)
        finally:
            # Before the reply, which ends the call.
            inbound.handle = 0
            if inbound.call is not None:
                inbound.call._end()
                inbound.call = None
    except BaseException as error:
        # No exception may leave a callback.
        delegate.fail(handle, error, Execution.RAN)
        return _REPLIED
    if type(result) not in _AT_ONCE and isinstance(result, (CoroutineType, Future)):
        delegate.reply_later(handle, result, method)
        return _REPLIED
    data = delegate.encode(handle, result, method, buffer.encode)
    if data is None:
        return _REPLIED
    length = len(data)
    if length <= CAPACITY and inbound.is_kept:
        buffer.view[:length] = data
        return length
    _reply(handle, data)
    return _REPLIED


# Most results have one of these types; the check is faster than isinstance().
_AT_ONCE = {type(None), bool, int, float, str, bytes, list, dict, tuple}


def keep_delegate(delegate: Delegate) -> int:
    """Keeps a delegate for C; returns its user data for native.fast_invoke."""
    delegate.server.serve = _serve
    address = delegate.server.user_data = addressof(delegate.server)
    return user_data.keep_at(address, delegate)

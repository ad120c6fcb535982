"""Delegates: Python objects that serve calls."""

from concurrent.futures import Future
from ctypes import addressof, c_void_p
from typing import Any, Callable, Dict, List, Optional

from . import _abi, _failures
from ._call import Call, current
from ._connection import Connection
from ._errors import ContractMismatch, Error, Execution, InvalidArgument
from ._handles import Handle, release, user_data
from ._methods import ServedMethod, find_method, least_arguments
from ._proxy import Proxy
from ._proxy_handle import ProxyHandle
from ._spaces import CAPACITY, Space
from ._threads import keep_state
from ._values import pack

#: Makes the object that serves an interface on a connection, or None when it is not theirs.
Factory = Callable[[str, Connection], Optional[Any]]


class _Inbound:
    """Where C puts what there is to serve, to be used again."""

    __slots__ = ("addresses", "content", "error", "space")

    def __init__(self) -> None:
        self.space = Space()
        self.content = _abi.CallContent()
        self.error = c_void_p()
        self.addresses = (
            self.space.address,
            CAPACITY,
            addressof(self.content),
            addressof(self.error),
        )


_idle_inbounds: List[_Inbound] = []


class Delegate:
    """Serves an interface through the methods of an object."""

    def __init__(self, served: Any, interface: str) -> None:
        self._served = served
        self._interface = interface
        self._methods: Dict[bytes, ServedMethod] = {}

    def serve(self, handle: int) -> None:
        """Answers a call. This is the hot path."""
        try:
            inbound = _idle_inbounds.pop()
        except IndexError:
            inbound = _Inbound()
        try:
            if _abi.call_read_into(handle, *inbound.addresses):
                _abi.call_fail_with(handle, inbound.error, None)
                _abi.error_free(inbound.error)
                return
            content = inbound.content
            name = content.method
            method = self._methods.get(name) or self._find(name)
            if method is None:
                _abi.call_fail_no_such_method(handle, None)
                return
            arguments = inbound.space.read(content.arguments_length, content.arguments)
            method.check(arguments)
        except ContractMismatch as error:
            words = f"{self._interface}.{name.decode('utf-8', 'replace')} {error.message}"
            _fail(handle, ContractMismatch(words), Execution.NOT_RUN)
            return
        finally:
            _idle_inbounds.append(inbound)
        call = Call(handle)
        token = current.set(call)
        try:
            try:
                result = method.function(*arguments)
            finally:
                # Before the answer: it releases the call.
                call._end()
                current.reset(token)
        except BaseException as error:
            # Nothing may leave a callback.
            _fail(handle, error, Execution.RAN)
        else:
            if isinstance(result, Future):
                _answer_later(handle, result, self._interface, method.name)
            else:
                _reply(handle, result, self._interface, method.name)

    def _find(self, name: bytes) -> Optional[ServedMethod]:
        found = find_method(self._served, name.decode("utf-8", "replace"))
        # Names come from the peer: only so many are kept as the object really has.
        if found is not None and found.is_fixed:
            self._methods[name] = found
        return found


def _reply(handle: int, result: Any, interface: str, method: str) -> None:
    try:
        data = pack(result)
    except InvalidArgument as error:
        refusal = ContractMismatch(f"the result of {interface}.{method} {error.message}")
        _fail(handle, refusal, Execution.RAN)
        return
    # An answer that cannot be sent has no one to tell: the caller has its own error by then.
    _abi.call_reply(handle, data, len(data), None)


def _fail(handle: int, raised: BaseException, execution: Execution) -> None:
    failure = _failures.give(raised, execution)
    _abi.call_fail_with(handle, failure, None)
    _abi.error_free(failure)


class _DeferredCall(Handle):
    """A call that is answered later. Freed without an answer, it fails for the caller."""

    __slots__ = ()
    free = _abi.call_free


def _answer_later(handle: int, future: "Future[Any]", interface: str, method: str) -> None:
    try:
        deferred = _DeferredCall(_failures.make(_abi.call_defer, handle))
    except Error as error:
        _fail(handle, error, Execution.RAN)
        return

    def answer(done: "Future[Any]") -> None:
        try:
            result = done.result()
        except BaseException as error:
            _fail(deferred.value, error, Execution.RAN)
        else:
            _reply(deferred.value, result, interface, method)

    future.add_done_callback(answer)


@_abi.Invoke
def invoke(key: int, handle: int) -> None:
    """The trampoline that lets a Delegate serve a call."""
    keep_state()
    user_data[key].serve(handle)


@_abi.MakeDelegate
def make_delegate(key: int, name: bytes, handle: int, place: Any, error: Any) -> int:
    """The trampoline that asks a factory for a delegate."""
    try:
        interface = name.decode("utf-8", "replace")
        served = user_data[key](interface, Connection._borrowed(handle))
        _describe(place[0], served, interface)
    except BaseException as raised:
        # Nothing may leave a callback. The method has not run, for there is nothing to run it.
        return _failures.refuse(raised, error, Execution.NOT_RUN)
    return 0


class DuplexFactory:
    """Makes the object that serves an interface, of a proxy of the caller's callback interface."""

    def __init__(self, interface: str, callback: str, make: Callable[..., Any]) -> None:
        self.interface = interface
        self.callback = callback
        self.make = make


@_abi.MakeDuplex
def make_duplex(key: int, connection: int, callback: int, place: Any, error: Any) -> int:
    """The trampoline that asks a duplex factory for a delegate."""
    try:
        factory: DuplexFactory = user_data[key]
        owner = Connection._borrowed(connection)
        kept = ProxyHandle(_failures.make(_abi.proxy_clone, callback), owner)
        proxy = Proxy(kept, factory.callback)
        arguments = (proxy, owner) if least_arguments(factory.make) > 1 else (proxy,)
        _describe(place[0], factory.make(*arguments), factory.interface)
    except BaseException as raised:
        # Nothing may leave a callback. The method has not run, for there is nothing to run it.
        return _failures.refuse(raised, error, Execution.NOT_RUN)
    return 0


def _describe(place: _abi.Delegate, served: Any, interface: str) -> None:
    if served is not None:
        place.user_data = user_data.keep(Delegate(served, interface))
        place.user_data_free = release
        place.invoke = invoke

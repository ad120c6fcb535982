"""Delegates: Python objects that serve calls."""

from concurrent.futures import Future
from contextvars import copy_context
from ctypes import addressof, c_void_p
from types import CoroutineType
from typing import Any, Dict, List, Optional, Union

from . import _abi, _failures
from ._call import Call, current
from ._context import OwnerContext
from ._errors import ContractMismatch, Execution, InvalidArgument
from ._handles import Handle, user_data
from ._interface import Interface, resolve
from ._methods import ServedMethod, TypedServedMethod, find_method
from ._spaces import CAPACITY, Space
from ._threads import keep_state
from ._values import pack

_Served = Union[ServedMethod, TypedServedMethod]


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

    __slots__ = ("_contract", "_methods", "_served", "context", "interface")

    def __init__(self, served: Any, interface: Interface, context: OwnerContext) -> None:
        """Takes an object.

        Args:
            served: What has the methods.
            interface: The interface's name, or the class that describes it.
            context: What the host or client was given.

        Raises:
            InvalidArgument: It lacks a method of that class.
        """
        self._served = served
        self.interface, self._contract = resolve(interface)
        self.context = context
        self._methods: Dict[bytes, _Served] = {}
        if self._contract is not None:
            self._contract.check_served(served)
            for name, method in self._contract.methods.items():
                function = self._contract.function(served, name)
                self._methods[method.wire_name] = TypedServedMethod(method, function)

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
            arguments = method.accept(arguments)
        except ContractMismatch as error:
            words = error.message
            if self._contract is None:
                words = f"{self.interface}.{name.decode('utf-8', 'replace')} {words}"
            self.fail(handle, ContractMismatch(words), Execution.NOT_RUN)
            return
        finally:
            _idle_inbounds.append(inbound)
        call = Call(handle, self.context)
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
            self.fail(handle, error, Execution.RAN)
            return
        if type(result) is CoroutineType or isinstance(result, Future):
            self._answer_later(handle, result, method)
        else:
            self.reply(handle, result, method)

    def _find(self, name: bytes) -> Optional[ServedMethod]:
        if self._contract is not None:
            return None
        found = find_method(self._served, name.decode("utf-8", "replace"))
        # Names come from the peer: only so many are kept as the object really has.
        if found is not None and found.is_fixed:
            self._methods[name] = found
        return found

    def reply(self, handle: int, result: Any, method: _Served) -> None:
        """Answers a call with a result."""
        try:
            if method.send_result is not None:
                result = method.send_result(result)
            data = pack(result)
        except InvalidArgument as error:
            words = f"the result of {self.interface}.{method.name} {error.message}"
            self.fail(handle, ContractMismatch(words), Execution.RAN)
        except BaseException as error:
            # What converts a result may be the program's own.
            self.fail(handle, error, Execution.RAN)
        else:
            # When it cannot be sent there is no one to tell: the caller has its own error by then.
            _abi.call_reply(handle, data, len(data), None)

    def fail(self, handle: int, raised: BaseException, execution: Execution) -> None:
        """Answers a call with what was raised."""
        failure = _failures.give(raised, execution, self.context.exceptions)
        _abi.call_fail_with(handle, failure, None)
        _abi.error_free(failure)

    def _answer_later(self, handle: int, result: Any, method: _Served) -> None:
        try:
            deferred = _DeferredCall(_failures.make(_abi.call_defer, handle))
            call = Call(deferred.value, self.context)

            def answer(done: Any) -> None:
                call._end()
                try:
                    result = done.result()
                except BaseException as error:
                    self.fail(deferred.value, error, Execution.RAN)
                else:
                    self.reply(deferred.value, result, method)

            if isinstance(result, Future):
                result.add_done_callback(answer)
                return
            context = copy_context()
            context.run(current.set, call)
            self.context.tasks.start(result, call, context, answer)
        except BaseException as error:
            # Nothing may leave a callback.
            if not isinstance(result, Future):
                result.close()
            self.fail(handle, error, Execution.RAN)


class _DeferredCall(Handle):
    """A call that is answered later. Freed without an answer, it fails for the caller."""

    __slots__ = ()
    free = _abi.call_free


@_abi.Invoke
def invoke(key: int, handle: int) -> None:
    """The trampoline that lets a Delegate serve a call."""
    keep_state()
    user_data[key].serve(handle)

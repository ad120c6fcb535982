"""Exceptions of the program's own that travel as themselves."""

from typing import Dict, Mapping, Optional, Type

from .._exceptions import InvalidArgument, RemoteError


class ExceptionTypes:
    """Exception classes by the names that they have on the wire.

    What a peer names is looked up here; nothing else is ever made of it.
    """

    __slots__ = ("_classes", "_names")

    def __init__(self, classes: Mapping[str, Type[Exception]]) -> None:
        """Knows these, by their names.

        Raises:
            InvalidArgument: One is no exception class.
        """
        self._classes = dict(classes)
        self._names: Dict[Type[BaseException], str] = {}
        for name, kind in self._classes.items():
            is_exception = isinstance(kind, type) and issubclass(kind, Exception)
            if not (isinstance(name, str) and is_exception):
                raise InvalidArgument(
                    f"exceptions are classes by name, e.g. {{'Bank.Refused': Refused}}, but there "
                    f"is {name!r}: {kind!r}"
                )
            # The first of several names is the one to send.
            self._names.setdefault(kind, name)

    def name_of(self, raised: BaseException) -> Optional[str]:
        """The name of its class, or of the nearest one that it derives from."""
        for kind in type(raised).__mro__:
            name = self._names.get(kind)
            if name is not None:
                return name
        return None

    def revive(self, remote: RemoteError) -> BaseException:
        """What a caller gets: the exception itself, caused by the remote error; or that error."""
        kind = self._classes.get(remote.type_name)
        if kind is None:
            return remote
        make = getattr(kind, "from_remote", None)
        try:
            made = kind(remote.message) if make is None else make(remote)
            made.__cause__ = remote
        except Exception as failure:
            # How it is made is the program's own; that the call failed matters more.
            return _not_made(remote, kind, failure)
        return made if isinstance(made, BaseException) else remote


def _not_made(remote: RemoteError, kind: Type[Exception], failure: Exception) -> RemoteError:
    """The remote error itself, whose traceback says why it is not of its class."""
    why = RuntimeError(
        f"the registered class {kind.__qualname__} could not be made of this error: "
        f"{type(failure).__name__}: {failure}; let it take the message alone, or have a class "
        "method from_remote(error)"
    )
    why.__cause__ = remote.__cause__
    remote.__cause__ = why
    return remote

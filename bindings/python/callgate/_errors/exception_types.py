"""The program's exception classes that are sent and raised by a registered name."""

from typing import Dict, Mapping, Optional, Type

from .._exceptions import InvalidArgument, RemoteError


class ExceptionTypes:
    """Exception classes by their names on the wire.

    Only classes registered here are instantiated for a name that a peer sends.
    """

    __slots__ = ("_classes", "_names")

    def __init__(self, classes: Mapping[str, Type[Exception]]) -> None:
        """Registers classes by name.

        Raises:
            InvalidArgument: One of them is not an exception class.
        """
        self._classes = dict(classes)
        self._names: Dict[Type[BaseException], str] = {}
        for name, kind in self._classes.items():
            is_exception = isinstance(kind, type) and issubclass(kind, Exception)
            if not (isinstance(name, str) and is_exception):
                raise InvalidArgument(
                    "exceptions must be exception classes by name, e.g. {'Bank.Refused': Refused}, "
                    f"not {name!r}: {kind!r}"
                )
            # A class with several names is sent under the first.
            self._names.setdefault(kind, name)

    def name_of(self, raised: BaseException) -> Optional[str]:
        """The registered name of an exception's class, or of its nearest registered base class."""
        for kind in type(raised).__mro__:
            name = self._names.get(kind)
            if name is not None:
                return name
        return None

    def revive(self, remote: RemoteError) -> BaseException:
        """The registered exception for a remote error, or else the remote error itself."""
        kind = self._classes.get(remote.type_name)
        if kind is None:
            return remote
        make = getattr(kind, "from_remote", None)
        try:
            made = kind(remote.message) if make is None else make(remote)
            made.__cause__ = remote
        except Exception as failure:
            # The program's constructor failed; that the call failed matters more.
            return _not_made(remote, kind, failure)
        return made if isinstance(made, BaseException) else remote


def _not_made(remote: RemoteError, kind: Type[Exception], failure: Exception) -> RemoteError:
    """The remote error itself, with a traceback that says why it is not of its class."""
    why = RuntimeError(
        f"the registered class {kind.__qualname__} could not be created from this error: "
        f"{type(failure).__name__}: {failure}; give it a constructor that takes only the message, "
        "or a class method from_remote(error)"
    )
    why.__cause__ = remote.__cause__
    remote.__cause__ = why
    return remote

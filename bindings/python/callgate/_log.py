"""The log of a host or client, sent to one of Python's loggers."""

import ctypes
import logging

from . import _abi
from ._handles import release, user_data

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def send_to(logger: logging.Logger, options: _abi.OwnerOptions) -> None:
    """Sends the log of who is made with these options to a logger."""
    options.log = _log
    options.log_user_data = user_data.keep(logger)
    options.log_user_data_free = release


@_abi.Log
def _log(key: int, level: int, message: int, length: int) -> None:
    logger: logging.Logger = user_data[key]
    level = _LEVELS.get(level, logging.INFO)
    if logger.isEnabledFor(level):
        logger.log(level, "%s", ctypes.string_at(message, length).decode("utf-8", "replace"))


def report(what: str) -> None:
    """Says that a handler of the program's raised, which no one else will be told."""
    logging.getLogger("callgate").exception("%s raised", what)

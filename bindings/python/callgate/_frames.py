"""The part of a traceback that belongs to the program."""

import os
import types
from typing import Optional

_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


def of_program(frames: Optional[types.TracebackType]) -> Optional[types.TracebackType]:
    """Leaves out the outermost frames, which are Callgate's; if all are, leaves out none."""
    rest = frames
    while rest is not None and rest.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        rest = rest.tb_next
    return frames if rest is None else rest

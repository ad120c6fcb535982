"""The named types of a description."""

import re
import typing
from typing import Any, Callable, Dict

Schema = Dict[str, Any]

_PLACE = "#/components/schemas/"


class NamedTypes:
    """Classes that are described by name, since several places use them, themselves included."""

    def __init__(self) -> None:
        """Begins without types."""
        self.schemas: Dict[str, Schema] = {}
        self._names: Dict[Any, str] = {}

    def refer(self, annotation: Any, describe: Callable[[], Schema]) -> Schema:
        """A reference to the schema of a class, which is made when it is first asked for."""
        name = self._names.get(annotation)
        if name is None:
            name = self._names[annotation] = self._free(_name(annotation))
            self.schemas[name] = {}  # A class may contain itself.
            self.schemas[name] = describe()
        return {"$ref": _PLACE + name}

    def of_model(self, model: Any) -> Schema:
        """The schema that a class such as a pydantic model has of itself."""
        try:
            made: Schema = model.model_json_schema(ref_template=_PLACE + "{model}")
        except Exception:
            return {}  # It can be sent, although it cannot be described.
        for name, held in made.pop("$defs", {}).items():
            self.schemas.setdefault(name, _loosened(held))
        loose: Schema = _loosened(made)
        return loose

    def _free(self, name: str) -> str:
        number, free = 1, name
        while free in self.schemas:
            number += 1
            free = f"{name}{number}"
        return free


def _name(annotation: Any) -> str:
    kind = typing.get_origin(annotation) or annotation
    arguments = "".join(f"_{_name(each)}" for each in typing.get_args(annotation))
    name = getattr(kind, "__name__", None) or str(kind)
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name) + arguments


def _loosened(held: Any) -> Any:
    """A model's schema, as far as it holds whatever the program's conversion sends.

    Texts of a format, such as a date-time, may be any value, and all members count as sent.
    """
    if isinstance(held, list):
        return [_loosened(each) for each in held]
    if not isinstance(held, dict):
        return held
    if held.get("type") == "string" and "format" in held:
        return {name: each for name, each in held.items() if name not in ("type", "format")}
    loose = {name: _loosened(each) for name, each in held.items()}
    return {**loose, "x-callgate-complete": True} if "properties" in held else loose

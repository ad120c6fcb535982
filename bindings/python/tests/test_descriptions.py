"""Descriptions of interfaces: what annotations become in an OpenRPC document."""

import collections
import enum
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import (
    Any,
    Dict,
    FrozenSet,
    Generic,
    List,
    Literal,
    Mapping,
    NamedTuple,
    NewType,
    Optional,
    Protocol,
    Tuple,
    TypedDict,
    TypeVar,
    Union,
)
from uuid import UUID

import pytest
from shapes import Shapes

import callgate

_Item = TypeVar("_Item")


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Mixed(enum.Enum):
    NONE = None
    ONE = 1
    FALSE = False


@dataclass
class Tree:
    """A tree of numbers."""

    leaf: int
    children: List["Tree"] = field(default_factory=list)
    name: str = "tree"


@dataclass
class Page(Generic[_Item]):
    items: List[_Item]


class Pair(NamedTuple):
    left: int
    right: str


class Options(TypedDict, total=False):
    depth: int


class Money:
    """Sent as text."""


class Model:
    """Describes itself, as pydantic's models do."""

    @classmethod
    def model_json_schema(cls, ref_template):
        return {
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "inner": {"$ref": ref_template.format(model="Inner")},
            },
            "required": ["at"],
            "$defs": {"Inner": {"type": "integer"}},
        }


callgate.add_conversion(Money, str, str, lambda text: Money())
callgate.add_conversion(Model, Dict[str, Any], vars, lambda members: Model())

INTEGER, TEXT, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}
BINARY = {"type": "string", "x-callgate-type": "binary"}


def described(interface, callback=None):
    return json.loads(callgate.describe(interface, callback))


def schema_of(annotation):
    """The schema of an annotation, and the named types."""

    class ITaking(Protocol):
        def take(self, it): ...

    ITaking.take.__annotations__["it"] = annotation
    made = described(ITaking)
    return made["methods"][0]["params"][0]["schema"], made.get("components", {}).get("schemas", {})


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (None, NULL),
        (bool, {"type": "boolean"}),
        (int, INTEGER),
        (float, {"type": "number"}),
        (str, TEXT),
        (bytes, BINARY),
        (memoryview, BINARY),
        (datetime, {"type": "string", "x-callgate-type": "timestamp"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (Any, {}),
        (object, {}),
        (NewType("Id", int), INTEGER),
        (_Item, {}),
        (Optional[int], {"anyOf": [INTEGER, NULL]}),
        (Union[int, str, None], {"anyOf": [INTEGER, TEXT, NULL]}),
        (Union[int, bool], {"anyOf": [INTEGER, {"type": "boolean"}]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Literal["a", None], {"anyOf": [{"enum": ["a"]}, NULL]}),
        (List[int], {"type": "array", "items": INTEGER}),
        (list, {"type": "array", "items": {}}),
        (FrozenSet[str], {"type": "array", "items": TEXT}),
        (collections.deque, {"type": "array", "items": {}}),
        (Tuple[int, ...], {"type": "array", "items": INTEGER}),
        (Tuple[int, str], {"type": "array", "prefixItems": [INTEGER, TEXT], "items": False}),
        (Dict[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (
            Mapping[int, str],
            {"type": "object", "additionalProperties": TEXT, "x-callgate-keys": INTEGER},
        ),
        (dict, {"type": "object", "additionalProperties": {}, "x-callgate-keys": {}}),
        (Money, TEXT),
    ],
)
def test_types(annotation, expected):
    assert schema_of(annotation) == (expected, {})


def test_scalars_that_are_sent_as_others():
    for annotation, kind in ((Decimal, "string"), (timedelta, "integer")):
        assert schema_of(annotation)[0]["type"] == kind
    assert schema_of(timedelta)[0]["format"] == "int64"


def test_classes_are_named():
    def of(annotation, name):
        found, types = schema_of(annotation)
        assert found == {"$ref": f"#/components/schemas/{name}"}
        return types[name]

    assert of(Colour, "Colour") == {"enum": ["red", "green"]}
    assert of(Access, "Access") == INTEGER
    assert of(Mixed, "Mixed") == {"anyOf": [{"enum": [1]}, NULL, {"type": "boolean"}]}
    assert of(Tree, "Tree") == {
        "type": "object",
        "description": "A tree of numbers.",
        "properties": {
            "leaf": INTEGER,
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "name": {"type": "string", "default": "tree"},
        },
        "required": ["leaf"],
        "x-callgate-complete": True,
    }
    page = of(Page[int], "Page_int")
    assert page["properties"] == {"items": {"type": "array", "items": INTEGER}}
    assert of(Pair, "Pair") == {"type": "array", "prefixItems": [INTEGER, TEXT], "items": False}
    options = {"type": "object", "properties": {"depth": INTEGER}, "required": []}
    assert of(Options, "Options") == options


def test_classes_that_describe_themselves():
    found, types = schema_of(List[Model])
    assert found["items"] == {"$ref": "#/components/schemas/Model"}
    assert types["Inner"] == INTEGER
    assert types["Model"] == {
        "type": "object",
        "properties": {"at": {}, "inner": {"$ref": "#/components/schemas/Inner"}},
        "required": ["at"],
        "x-callgate-complete": True,
    }


def test_methods():
    made = described(Shapes)
    assert (made["openrpc"], made["info"]) == ("1.3.2", {"title": "Test.IShapes", "version": "1"})
    methods = {method["name"]: method for method in made["methods"]}
    assert sorted(methods) == ["Later", "Mirror", "Name", "Note", "Sum", "Wrong"]
    names, extra = methods["Later"]["params"]
    assert (names["name"], names["required"]) == ("names", True)
    assert extra == {
        "name": "extra",
        "required": False,
        "schema": {"anyOf": [INTEGER, NULL], "default": None},
    }
    assert methods["Later"]["result"] == {"name": "result", "schema": INTEGER}
    assert methods["Sum"]["params"][1]["schema"] == {"type": "integer", "default": 1}
    assert "result" not in methods["Note"]
    assert "x-callgate-errors" not in methods["Name"]


def test_docstrings_errors_callbacks_and_what_is_not_annotated():
    class IEar(Protocol):
        def Heard(self, line: str) -> None: ...

    @callgate.interface("IMouth", callback=IEar)
    class Mouth(Protocol):
        """Speaks."""

        @callgate.raises("Full", "Empty")
        def Say(self, line: str) -> None:
            """Says a line."""

        def Loose(self, anything): ...

    made = described(Mouth)
    assert made["info"]["description"] == "Speaks."
    loose, say = sorted(made["methods"], key=lambda method: method["name"])
    assert say["description"] == "Says a line."
    assert say["x-callgate-errors"] == ["Full", "Empty"]
    assert say["result"]["schema"] == NULL
    assert (loose["params"][0]["schema"], loose["result"]["schema"]) == ({}, {})
    assert made["x-callgate-callback"]["info"]["title"] == "IEar"
    assert described(Shapes, IEar)["x-callgate-callback"] == made["x-callgate-callback"]
    with pytest.raises(callgate.InvalidArgument):
        callgate.describe("IMouth")

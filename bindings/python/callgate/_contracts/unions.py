"""Converters of unions: the kind of a received value determines the member that it belongs to.

Members that are sent as maps are distinguished by a field with different Literals in each. Other
ambiguous unions are rejected: trying one member after another could turn a Dog into a Cat.
"""

import itertools
from typing import Any, Dict, List, Optional, Tuple

from .converter import KINDS, Convert, Converter, UnknownType
from .mismatch import Mismatch, other, unlike

_MAP = KINDS[dict]
_FLOAT, _INTEGER = KINDS[float], KINDS[int]


def optional(held: Converter) -> Converter:
    """The converter of the same type or None."""

    def but_for_none(convert: Convert) -> Convert:
        def choose(value: Any) -> Any:
            if value is None:
                return None
            try:
                return convert(value)
            except Mismatch as mismatch:
                if mismatch.path:
                    raise
                raise Mismatch(f"{mismatch.expected} or None", mismatch.given) from None

        return choose

    return held._replace(
        name=f"{held.name} or None",
        send=but_for_none(held.send),
        receive=but_for_none(held.receive),
        kinds=held.kinds | {KINDS[type(None)]},
    )


def union(members: List[Converter]) -> Converter:
    """The converter of a union.

    Raises:
        UnknownType: Two members cannot be distinguished.
    """
    if len(members) == 1:
        return members[0]
    # A float also accepts integers, so it comes last.
    members = sorted(members, key=lambda member: member.of is float)
    tag = _find_tag(members)
    by_kind: Dict[str, Converter] = {}
    for member in members:
        for kind in member.kinds:
            if kind != _MAP or tag is None:
                by_kind.setdefault(kind, member)
    if _FLOAT in by_kind:
        by_kind.setdefault(_INTEGER, by_kind[_FLOAT])
    name = " or ".join(member.name for member in members)
    kinds = frozenset(itertools.chain.from_iterable(member.kinds for member in members))
    is_plain = all(member.is_plain for member in members)
    receive = _receiver(name, members, by_kind, tag)
    return Converter(name, _sender(name, members), receive, kinds, is_plain=is_plain)


class _Tag:
    """The field whose value distinguishes members that are sent as maps."""

    def __init__(self, field: str, members: Dict[Any, Converter]) -> None:
        self.field = field
        self.members = members

    def member(self, name: str, value: Any) -> Converter:
        """The member that a received map belongs to."""
        if self.field not in value:
            raise Mismatch(name, f"a map without {self.field!r}")
        found = value[self.field]
        member = self.members.get(found) if isinstance(found, (str, int, bytes)) else None
        if member is None:
            raise Mismatch(name, f"one with the {self.field} {other('', found).given}")
        return member


def _find_tag(members: List[Converter]) -> Optional[_Tag]:
    """The tag of the members that are sent as maps; None unless there are at least two."""
    maps = [member for member in members if _MAP in member.kinds]
    tag = _common_tag(maps) if len(maps) > 1 else None
    for one, two in itertools.combinations(members, 2):
        shared = one.kinds & two.kinds
        if tag is not None and one in maps and two in maps:
            shared -= {_MAP}
        if shared and not (one.is_plain and two.is_plain):
            raise UnknownType(_ambiguous(one, two, sorted(shared)[0]))
    return tag


def _ambiguous(one: Converter, two: Converter, kind: str) -> str:
    words = f"{one.name} and {two.name} are both sent as {kind} and cannot be distinguished"
    if kind == _MAP:
        return (
            f"{words}: add a field with a different Literal to each class, e.g. `kind: "
            "Literal['cat'] = 'cat'` in one and `kind: Literal['dog'] = 'dog'` in the other"
        )
    return f"{words}: use one of them, or a dataclass with a field for each"


def _common_tag(maps: List[Converter]) -> Optional[_Tag]:
    """A field with different values in each member."""
    found = [member.tags() if member.tags is not None else {} for member in maps]
    for field in found[0]:
        members: Dict[Any, Converter] = {}
        count = 0
        for member, tags in zip(maps, found):
            values = tags.get(field, ())
            members.update(dict.fromkeys(values, member))
            count += len(values) or len(maps)
        if len(members) == count:
            return _Tag(field, members)
    return None


def _sender(name: str, members: List[Converter]) -> Convert:
    exact: Dict[Any, List[Converter]] = {}
    for member in members:
        exact.setdefault(member.of, []).append(member)

    def send(value: Any) -> Any:
        # First the member of exactly this class, since another member may be its base class.
        fits = exact.get(type(value), ())
        deepest: Optional[Mismatch] = None
        for member in itertools.chain(fits, members):
            try:
                return member.send(value)
            except Mismatch as mismatch:
                if mismatch.path and deepest is None:
                    deepest = mismatch
        raise deepest or unlike(name, value)

    return send


def _receiver(
    name: str, members: List[Converter], by_kind: Dict[str, Converter], tag: Optional[_Tag]
) -> Convert:
    plain: Tuple[Converter, ...] = tuple(member for member in members if member.is_plain)

    def receive(value: Any) -> Any:
        if tag is not None and isinstance(value, dict):
            return tag.member(name, value).receive(value)
        member = by_kind.get(KINDS.get(type(value), ""))
        if member is None:
            raise unlike(name, value)
        if not member.is_plain:
            return member.receive(value)
        # Several plain members may be of the same kind; which one it is makes no difference.
        for each in plain:
            try:
                return each.receive(value)
            except Mismatch:
                continue
        raise unlike(name, value)

    return receive

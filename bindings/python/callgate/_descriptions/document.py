"""OpenRPC documents of interfaces."""

import inspect
import json
from typing import Any, Dict, List, Optional, Type

from .._contracts.contract_method import ContractMethod
from .._contracts.conversion import hints
from .._contracts.interface import Contract, resolve
from .._exceptions import InvalidArgument
from .named import NamedTypes, Schema
from .schemas import schema
from .values import any_of, with_default

_OPENRPC = "1.3.2"


def describe(interface: Type[Any], callback: Optional[Type[Any]] = None) -> str:
    """The description of an interface: an OpenRPC document, as JSON.

    A host with this interface declares it, and a proxy compares it with the host's before its first
    call. Tools take it as a file.

    Args:
        interface: The class that describes the interface.
        callback: The class that describes the callback interface [the one that
            `@callgate.interface` names].
    """
    contract, called = _contract(interface), None if callback is None else _contract(callback)
    return document(contract, called).decode()


def document(contract: Contract, callback: Optional[Contract] = None) -> bytes:
    """The document of a contract, with the one of a callback interface if it is given."""
    if callback is None and contract.callback is not None:
        callback = _contract(contract.callback)
    known = contract.documents.get(callback)
    if known is None:
        made = _document(contract)
        if callback is not None:
            made["x-callgate-callback"] = _document(callback)
        known = contract.documents[callback] = json.dumps(made).encode()
    return known


def _contract(described: Any) -> Contract:
    _, contract = resolve(described)
    if contract is None:
        raise InvalidArgument(f"describe() takes a class, not {described!r}")
    return contract


def _document(contract: Contract) -> Dict[str, Any]:
    types = NamedTypes()
    info = {"title": contract.name, "version": "1"}
    _describe_with(info, contract.words)
    methods = [_method(method, types) for method in contract.methods.values()]
    made: Dict[str, Any] = {"openrpc": _OPENRPC, "info": info, "methods": methods}
    if types.schemas:
        made["components"] = {"schemas": types.schemas}
    return made


def _method(method: ContractMethod, types: NamedTypes) -> Dict[str, Any]:
    known = hints(method.function)
    made: Dict[str, Any] = {"name": method.name, "paramStructure": "by-position"}
    _describe_with(made, inspect.getdoc(method.function))
    made["params"] = _parameters(method, known, types)
    if not method.is_one_way:
        result = schema(known["return"], types) if "return" in known else {}
        made["result"] = {"name": "result", "schema": result}
    if method.errors is not None:
        made["x-callgate-errors"] = list(method.errors)
    return made


def _parameters(
    method: ContractMethod, known: Dict[str, Any], types: NamedTypes
) -> List[Dict[str, Any]]:
    made = []
    for name, parameter in method.signature.parameters.items():
        held: Schema = schema(known.get(name, Any), types)
        if parameter.default is None:
            held = any_of([held, {"type": "null"}])
        required = parameter.default is parameter.empty
        made.append(
            {"name": name, "required": required, "schema": with_default(held, parameter.default)}
        )
    return made


def _describe_with(made: Dict[str, Any], words: Optional[str]) -> None:
    if words:
        made["description"] = words

"""The input of the programs: the scenarios, and the golden vectors as scenarios."""

import json
from pathlib import Path
from typing import Any, Dict, List

import msgpack
from describe import describe

_HERE = Path(__file__).parent


def scenarios() -> List[Dict[str, Any]]:
    """All scenarios, including those of the vectors that every language can represent."""
    told = json.loads((_HERE / "scenarios.json").read_text("utf-8"))["scenarios"]
    vectors = json.loads((_HERE / "values.json").read_text("utf-8"))["values"]
    for vector in vectors:
        if "becomes" not in vector:
            name, value, text = f"value-{vector['name']}", vector["hex"], vector["text"]
            told.append({"name": name, "steps": "value", "value": value, "text": text})
    return told


def line(scenario: Dict[str, Any]) -> str:
    """A scenario as a line for the programs."""
    fields = dict(scenario)
    if "arguments" in fields:
        fields["arguments"] = msgpack.packb(fields["arguments"]).hex()
    if "result" in fields:
        fields["result"] = describe(fields["result"])
    return "\t".join(f"{key}={value}" for key, value in fields.items())

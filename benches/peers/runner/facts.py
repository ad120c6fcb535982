"""The conditions of a measurement: the machine and the peers' versions."""

import os
import platform
import re
import subprocess
import time
from typing import Dict, List

from .build import HERE, python
from .catalogue import Peer


def machine() -> Dict[str, object]:
    """The processors, the system and the date."""
    with open("/proc/cpuinfo") as about:
        told = about.read()
    model = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return {
        "processors": len(os.sched_getaffinity(0)),
        "model": model.group(1) if model else platform.machine(),
        "is_virtual": bool(re.search(r"^flags\s*:.*\bhypervisor\b", told, re.MULTILINE)),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": _said(python(), "-c", "import platform; print(platform.python_version())"),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def versions(peers: List[Peer]) -> Dict[str, str]:
    """Each peer's version, as far as it can be found out."""
    return {peer.name: version for peer in peers if (version := _version(peer))}


def _version(peer: Peer) -> str:
    if peer.package:
        return _said("dpkg-query", "-W", "-f", "${Version}", peer.package).split("-")[0]
    if peer.libraries:
        return _said("pkg-config", "--modversion", next(iter(peer.libraries)))
    if peer.kind == "rust" and peer.source != "callgate":
        pattern = rf'name = "{peer.source}"\nversion = "(.+)"'
        found = re.search(pattern, (HERE / "rust/Cargo.lock").read_text())
        return found.group(1) if found else ""
    if peer.modules and peer.source != "callgate_":
        package = next(iter(peer.modules.values()))
        tell = f"from importlib.metadata import version; print(version('{package}'))"
        return _said(python(), "-c", tell)
    return ""


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""

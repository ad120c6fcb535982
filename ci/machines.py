"""Machines of a page: network namespaces that share one wire, 10.77.0.0/24."""

import shutil
import subprocess
from typing import Dict, List


def missing() -> str:
    """Why there can be no machines here, or nothing."""
    if shutil.which("ip") is None:
        return "ip is not installed"
    tried = subprocess.run(["unshare", "--net", "true"], stderr=subprocess.PIPE, check=False)
    return "network namespaces are not allowed" if tried.returncode else ""


class Machines:
    """Namespaces with these names, in this order: the first has the address 10.77.0.1."""

    def __init__(self, names: List[str], prefix: str) -> None:
        self._prefix = prefix
        self._spaces: Dict[str, str] = {}
        try:
            if names:
                self._lay_wire(names)
        except BaseException:
            self.close()
            raise

    def _lay_wire(self, names: List[str]) -> None:
        wire = self._add("wire")
        _ip("-n", wire, "link", "add", "wire", "type", "bridge")
        _ip("-n", wire, "link", "set", "wire", "up")
        for number, name in enumerate(names, 1):
            space, port = self._add(name), f"port{number}"
            _ip("-n", wire, "link", "add", port, "type", "veth", "peer", "eth0", "netns", space)
            _ip("-n", wire, "link", "set", port, "master", "wire", "up")
            _ip("-n", space, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", space, "link", "set", "lo", "up")

    def _add(self, name: str) -> str:
        space = f"{self._prefix}-{name}"
        _ip("netns", "add", space)
        self._spaces[name] = space
        return space

    def command(self, name: str) -> List[str]:
        """The beginning of a command that runs on a machine."""
        return ["ip", "netns", "exec", self._spaces[name]]

    def close(self) -> None:
        """Removes them. What still runs there must have ended."""
        for space in self._spaces.values():
            subprocess.run(["ip", "netns", "delete", space], check=False)
        self._spaces.clear()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)

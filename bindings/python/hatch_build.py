"""Builds Callgate's shared library with cargo, and puts it into the wheel.

A wheel is for any Python 3 on the platform that it was built on. A source distribution contains the
library's sources in the folder `crate`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Dict, Optional

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

# Where the sources are in a source distribution.
CRATE = "crate"

# The files of a checkout that cargo needs; the manifest names the benchmarks and the programs.
SOURCES = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "benches/instructions",
    "benches/suite",
    "build.rs",
    "cbindgen.toml",
    "cli",
    "gateway",
    "macros",
    "src",
]

# The environment variable with the path of a library that is already built.
LIBRARY = "CALLGATE_LIBRARY"


# The environment variables with the addresses that packages name, by their labels in the metadata.
URLS = {"Homepage": "CALLGATE_HOMEPAGE_URL", "Repository": "CALLGATE_REPOSITORY_URL"}


class AddressHook(MetadataHookInterface):
    """Called by hatchling."""

    def update(self, metadata: Dict[str, Any]) -> None:
        """Adds the addresses that the build is given."""
        given = {label: os.environ.get(variable) for label, variable in URLS.items()}
        metadata["urls"] = {label: url for label, url in given.items() if url}


class LibraryHook(BuildHookInterface):
    """Called by hatchling."""

    _folder: Optional["tempfile.TemporaryDirectory[str]"] = None

    def initialize(self, version: str, build_data: Dict[str, Any]) -> None:
        """Adds the library to a wheel, or its sources to a source distribution."""
        root = Path(self.root)
        crate = root / CRATE
        if not crate.is_dir():
            crate = root.parents[1]
        if not (crate / "Cargo.toml").is_file() and LIBRARY not in os.environ:
            raise RuntimeError(
                f"Callgate's Rust sources are not in {crate}: build in a complete checkout, or set "
                f"{LIBRARY} to the path of a built library"
            )
        if self.target_name == "sdist":
            if crate != root / CRATE:
                sources = {str(crate / source): f"{CRATE}/{source}" for source in SOURCES}
                build_data["force_include"].update(sources)
            return
        library = Path(os.environ.get(LIBRARY) or _build(crate))
        # An editable package finds the library in the checkout.
        if version != "editable":
            self._folder = tempfile.TemporaryDirectory()
            stripped = _strip(library.resolve(), Path(self._folder.name))
            build_data["force_include"][str(stripped)] = f"callgate/{library.name}"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform(stripped)}"

    def finalize(self, version: str, build_data: Dict[str, Any], artifact_path: str) -> None:
        """Called when the archive has been written."""
        if self._folder is not None:
            self._folder.cleanup()


def _strip(library: Path, folder: Path) -> Path:
    """Copies a library without its debug information, which is most of its size."""
    copied = folder / library.name
    shutil.copy2(library, copied)
    if sys.platform == "linux" and shutil.which("strip") is not None:
        subprocess.run(["strip", "--strip-unneeded", copied], check=True)
    return copied


def _platform(library: Path) -> str:
    """The platform tag: the oldest glibc that has all functions that the library uses."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    versions = [int(found) for found in _GLIBC.findall(library.read_bytes())]
    if platform.startswith("linux_") and versions:
        return f"manylinux_2_{max(versions)}_{platform[len('linux_') :]}"
    return platform


_GLIBC = re.compile(rb"GLIBC_2\.(\d+)")


def _build(crate: Path) -> str:
    """Builds the library and returns its path."""
    command = ["cargo", "build", "--release", "--locked", "--lib"]
    try:
        built = subprocess.run(
            [*command, "--message-format=json-render-diagnostics"],
            cwd=crate,
            stdout=subprocess.PIPE,
            check=True,
        )
    except FileNotFoundError:
        raise RuntimeError(
            f"cargo is needed to build Callgate's library: install Rust, or set {LIBRARY} to the "
            "path of a built library"
        ) from None
    for line in built.stdout.splitlines():
        message = json.loads(line)
        made = message.get("reason") == "compiler-artifact" and message["target"]["name"]
        if made == "callgate":
            for file in message["filenames"]:
                if Path(file).suffix in (".so", ".dylib", ".dll"):
                    return str(file)
    raise RuntimeError(f"cargo built no shared library in {crate}")

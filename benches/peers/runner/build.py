"""Builds the peers under target/peers, and says what is missing."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

from .catalogue import Peer

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
OUT = TARGET / "peers"
LIBRARIES = TARGET / "release"
GATEWAY = LIBRARIES / "callgate-gateway"
KEYS = OUT / "keys"
ENDINGS = {"c": "cpp/{}.cpp", "python": "py/{}.py", "rust": "rust/src/bin/{}.rs"}


class NotBuiltError(Exception):
    """A peer that cannot be run here, and why."""


def python() -> str:
    """The interpreter for the Python peers: the one in target/peers/python, or this one."""
    own = OUT / "python/bin/python"
    return str(own) if own.exists() else sys.executable


def build(peer: Peer) -> List[str]:
    """Builds a peer; returns the command that runs it."""
    check_needs(peer)
    if peer.source.startswith("callgate") and peer.kind != "rust":
        _run(f"cargo build --quiet --release --lib --target-dir {_quoted(TARGET)}", ROOT)
    if peer.between == "gateways":
        build_gateway()
    if peer.between == "tls":
        _make_keys()
    made = OUT / f"generated-{peer.name}"
    if peer.generate:
        made.mkdir(parents=True, exist_ok=True)
        _run(peer.generate.format(out=_quoted(made), python=_quoted(python())))
    if peer.kind == "python":
        return [python(), str(HERE / ENDINGS["python"].format(peer.source))]
    return [str(_rust(peer) if peer.kind == "rust" else _cpp(peer, made))]


def build_gateway() -> None:
    """Builds the gateway."""
    target = _quoted(TARGET)
    _run(f"cargo build --quiet --release -p callgate-gateway --target-dir {target}", ROOT)


def environment(peer: Peer) -> Dict[str, str]:
    """The environment in which it runs."""
    paths = [ROOT / "bindings/python", OUT / f"generated-{peer.name}"]
    return {
        **os.environ,
        **peer.environment,
        **({"PEERS_KEYS": str(KEYS)} if peer.between == "tls" else {}),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONPYCACHEPREFIX": str(OUT / "pycache"),
        "CALLGATE_LIBRARY": str(LIBRARIES / "libcallgate.so"),
    }


def check_needs(peer: Peer) -> None:
    """Raises NotBuiltError, which says what to install, if something is missing."""
    debian = [package for tool, package in peer.commands.items() if not shutil.which(tool)]
    if peer.kind == "c":
        tools = {"g++": "g++", "pkg-config": "pkg-config"}
        debian += [package for tool, package in tools.items() if not shutil.which(tool)]
        debian += [name for lib, name in peer.libraries.items() if not _succeeds("pkg-config", lib)]
        debian += [name for path, name in peer.headers.items() if not _has_header(path)]
    if not shutil.which("cargo") and (peer.kind == "rust" or peer.source.startswith("callgate")):
        raise NotBuiltError("needs Rust's cargo: https://rustup.rs")
    if debian:
        raise NotBuiltError(f"apt-get install {' '.join(debian)}")
    pip = [name for module, name in peer.modules.items() if not _has_module(module)]
    if pip:
        raise NotBuiltError(f"{python()} -m pip install {' '.join(pip)}")


def _succeeds(*command: str) -> bool:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def _has_module(module: str) -> bool:
    return _succeeds(python(), "-c", f"import {module}")


def _has_header(header: str) -> bool:
    source = f"#include <{header}>\n".encode()
    done = subprocess.run(["g++", "-E", "-x", "c++", "-"], input=source, capture_output=True)
    return done.returncode == 0


def _make_keys() -> None:
    """Makes the key and the certificate of a host, which clients trust by itself."""
    KEYS.mkdir(parents=True, exist_ok=True)
    _run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
        f" -keyout {_quoted(KEYS / 'host.key')} -out {_quoted(KEYS / 'host.pem')}"
        " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        " -addext basicConstraints=critical,CA:FALSE"
    )


def _cpp(peer: Peer, made: Path) -> Path:
    program = OUT / peer.name
    source = HERE / ENDINGS["c"].format(peer.source)
    sources = [source, *(made / name for name in peer.generated)]
    needed = [*sources, HERE / "cpp/bench.hpp"]
    if peer.source == "callgate":
        needed.append(ROOT / "include/callgate.h")
    if peer.generate:
        # Generated every time, so their age says nothing: compare that of their sources.
        needed = [source, HERE / "cpp/bench.hpp", *(HERE / "idl").iterdir()]
    if program.exists() and all(_older(path, program) for path in needed):
        return program
    OUT.mkdir(parents=True, exist_ok=True)
    options = peer.library_option
    if peer.libraries:
        options = f"$(pkg-config --cflags --libs {' '.join(peer.libraries)})"
    elif peer.source == "callgate":
        at = _quoted(LIBRARIES)
        options = f"-I {_quoted(ROOT / 'include')} -L {at} {options} -Wl,-rpath,{at}"
    files = " ".join(map(_quoted, sources))
    _run(f"g++ -std=c++20 -O2 -I {_quoted(made)} -o {_quoted(program)} {files} -pthread {options}")
    return program


def _rust(peer: Peer) -> Path:
    feature = "" if peer.source == "callgate" else f"--features {peer.source}"
    _run(
        f"cargo build --quiet --locked --release --target-dir {_quoted(OUT / 'rust')}"
        f" --bin {peer.source} {feature}",
        HERE / "rust",
    )
    return OUT / "rust/release" / peer.source


def _run(command: str, folder: Path = HERE) -> None:
    print(f"+ {command}", file=sys.stderr)
    done = subprocess.run(command, shell=True, cwd=folder)
    if done.returncode:
        raise NotBuiltError("it could not be built; the compiler's words stand above")


def _older(path: Path, than: Path) -> bool:
    return path.stat().st_mtime <= than.stat().st_mtime


def _quoted(path: object) -> str:
    return shlex.quote(str(path))

"""One pip command installs the package with its library, for programs anywhere."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import PACKAGE

# Environment variables with which the package or its library would be found elsewhere, or its build
# would be another.
ELSEWHERE = (
    "PYTHONPATH",
    "CALLGATE_LIBRARY",
    "LD_LIBRARY_PATH",
    "CALLGATE_HOMEPAGE_URL",
    "CALLGATE_REPOSITORY_URL",
)

PROGRAM = """
import sys, callgate
class Calculator:
    def Add(self, a: int, b: int) -> int:
        return a + b
with callgate.Host(sys.argv[1]) as host, callgate.Client(sys.argv[1]) as client:
    host.add(Calculator, Calculator())
    host.start()
    print(client.proxy(Calculator).Add(1, 2), callgate.__file__)
"""


@pytest.fixture(scope="module")
def environment():
    return {name: value for name, value in os.environ.items() if name not in ELSEWHERE}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A Python with nothing but pip."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin" / "python"


def pip(python, environment, *arguments):
    options = ["--quiet", "--disable-pip-version-check"]
    command = [python, "-m", "pip", arguments[0], *options, *arguments[1:]]
    subprocess.run(list(map(str, command)), check=True, env=environment)


def test_one_pip_command_installs_it_with_its_library(
    fresh, environment, pipe, tmp_path, patient_watchdog
):
    pip(fresh, environment, "install", PACKAGE)
    called = subprocess.run(
        [fresh, "-c", PROGRAM, pipe],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    result, place = called.stdout.split()
    assert (called.returncode, result) == (0, "3")
    assert fresh.parents[1] in Path(place).parents


def test_a_wheel_is_for_every_python_of_its_platform(
    fresh, environment, tmp_path, patient_watchdog
):
    pip(fresh, environment, "wheel", "--no-deps", "--wheel-dir", tmp_path, PACKAGE)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.split("-", 2)[2].startswith("py3-none-")
    with zipfile.ZipFile(wheel) as archive:
        (library,) = [name for name in archive.namelist() if Path(name).stem == "libcallgate"]
        content = archive.read(library)
        (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        described = archive.read(metadata).decode()
        licences = [name for name in archive.namelist() if "/licenses/LICENSE-" in name]
    assert b"\0.symtab\0" not in content or shutil.which("strip") is None
    assert len(licences) == 2
    assert "Classifier: Programming Language :: Python :: 3.8" in described
    if sys.platform == "linux" and "glibc" in str(os.confstr("CS_GNU_LIBC_VERSION")):
        newest = max(int(found) for found in re.findall(rb"GLIBC_2\.(\d+)", content))
        assert f"manylinux_2_{newest}_" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"callgate/__init__.py", "callgate/py.typed"} < set(names)
    assert [name for name in names if Path(name).stem == "libcallgate"]
    assert not [name for name in names if "tests" in name]


def test_a_source_distribution_has_all_that_cargo_needs(
    fresh, environment, tmp_path, patient_watchdog
):
    pip(fresh, environment, "install", "hatchling")
    build = [fresh, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path]
    subprocess.run(build, cwd=PACKAGE, env=environment, check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path)
    manifest = tmp_path / archive.name[: -len(".tar.gz")] / "crate" / "Cargo.toml"
    metadata = ["cargo", "metadata", "--no-deps", "--format-version=1", "--manifest-path", manifest]
    subprocess.run(metadata, env=environment, stdout=subprocess.DEVNULL, check=True)


@pytest.mark.parametrize(
    "addresses",
    [
        {},
        {
            "CALLGATE_HOMEPAGE_URL": "https://example.org/callgate",
            "CALLGATE_REPOSITORY_URL": "https://example.org/callgate.git",
        },
    ],
)
def test_the_build_gives_a_wheel_its_addresses(fresh, environment, tmp_path, addresses):
    pip(fresh, environment, "install", "hatchling")
    build = [fresh, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    built = {"CALLGATE_LIBRARY": os.environ["CALLGATE_LIBRARY"], **addresses}
    subprocess.run(build, cwd=PACKAGE, env={**environment, **built}, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        lines = archive.read(metadata).decode().splitlines()
    found = {line for line in lines if line.startswith(("Project-URL:", "Home-page:"))}
    names = {"CALLGATE_HOMEPAGE_URL": "Homepage", "CALLGATE_REPOSITORY_URL": "Repository"}
    assert found == {f"Project-URL: {names[name]}, {url}" for name, url in addresses.items()}


def test_without_cargo_it_says_what_is_missing(fresh, environment, tmp_path):
    pip(fresh, environment, "install", "hatchling")
    build = [fresh, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    bare = {**environment, "PATH": str(fresh.parent)}
    failed = subprocess.run(build, cwd=PACKAGE, env=bare, stderr=subprocess.PIPE, text=True)
    assert failed.returncode != 0
    assert "cargo is needed to build Callgate's library" in failed.stderr

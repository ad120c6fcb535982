"""What is special on Windows, where nothing of this package has run: it is imitated here."""

import ctypes
import subprocess
import sys
import textwrap

from callgate._abi import library, system


def test_the_library_has_the_systems_name():
    names = {name: system.library_name(name) for name in ("win32", "darwin", "linux")}
    assert names == {
        "win32": "callgate.dll",
        "darwin": "libcallgate.dylib",
        "linux": "libcallgate.so",
    }


def test_the_library_is_sought_by_that_name(monkeypatch):
    monkeypatch.delenv(library.VARIABLE)
    monkeypatch.setattr(system, "library_name", lambda: system._LIBRARIES["win32"])
    places = [place.name for place in library._places()]
    assert places
    assert set(places) == {"callgate.dll"}


def test_codes_of_windows_are_translated(monkeypatch):
    monkeypatch.setattr(system, "_errno_of", {10061: 111}.get)
    error = OSError()
    system.set_code(error, 10061, is_windows=True)
    assert (error.errno, error.winerror) == (111, 10061)
    system.set_code(error, 104, is_windows=False)
    assert error.errno == 104


def test_a_program_that_is_no_library_has_no_hook():
    def open_program(_: None) -> ctypes.PyDLL:
        raise TypeError("a name must be a str")

    assert system.thread_end_hook(open_program) is None


# A process without what Windows lacks. _thread.interrupt_main() notes Ctrl-C as the console does
# there: no signal wakes the main thread.
IMITATED = """
    import _thread, asyncio, ctypes, mmap, os, sys
    load = ctypes.PyDLL.__init__
    def refuse(self, name, *others, **named):
        if name is None:
            raise TypeError("LoadLibrary() argument 1 must be str, not None")
        load(self, name, *others, **named)
    ctypes.PyDLL.__init__ = refuse
    del os.fork, os.register_at_fork, mmap.MAP_PRIVATE, mmap.MAP_ANONYMOUS
    sys.platform = "win32"

    import callgate

    class Test:
        def echo(self, value):
            return value
        def wait(self):
            _thread.interrupt_main()
            callgate.current_call().wait_cancelled()

    with callgate.Host(sys.argv[1]) as host:
        host.add("ITest", Test())
        host.start()
        with callgate.Client(sys.argv[1], call_timeout=None) as client:
            proxy = client.proxy("ITest")
            print([proxy.echo(n) for n in range(100)] == list(range(100)))
            large = bytes(4 << 20)
            print(proxy.echo(large) == large)
            try:
                proxy.wait()
            except KeyboardInterrupt:
                print("interrupted")
    print("closed")
"""


def test_a_process_without_what_windows_lacks_calls_is_interrupted_and_closes(pipe):
    script = textwrap.dedent(IMITATED)
    ran = subprocess.run(
        [sys.executable, "-c", script, pipe],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert ran.stdout.split() == ["True", "True", "interrupted", "closed"]
    assert ran.returncode == 0

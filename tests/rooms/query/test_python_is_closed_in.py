"""What code in a Python function can reach: nothing but its arguments. Each way out is tried from inside the process,
through what Python offers and through the C library below it."""

from __future__ import annotations

import errno
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from boathouse.contracts.errors import FeatureNotSupported, RoutineFailed
from boathouse.contracts.types import varchar
from boathouse.query.python import columns, process
from boathouse.query.python.process import FunctionFailed, Process

MEMORY = 192 * 1024 * 1024
INSIDE = """
import random
os = random._os
sys = os.sys
ctypes = sys.modules['ctypes']
libc = ctypes.CDLL(None, use_errno=True)
def errno(found):
    return (found, ctypes.get_errno())
"""
EPERM = f"(-1, {errno.EPERM})"


@pytest.fixture(scope="module")
def inside() -> Iterator[Process]:
    made = Process(MEMORY)
    made.greet()
    yield made
    made.close()


def run(inside: Process, body: str, arguments: tuple[str, ...] = (), given: tuple[columns.Column, ...] = ()) -> str:
    """What a function of that body returns."""
    inside.ask(("define", 1, arguments, body, columns.returned(varchar(65535))))
    found = columns.read("s", 1, inside.ask(("call", 1, 1, given)))
    return str(found[0].as_py())


PYTHON = (
    "open('/etc/passwd')", "open('/dev/null', 'w')", "open('/proc/self/environ')", "io.FileIO('/proc/self/mem', 'r+')",
    "os.open('/tmp', 0)", "os.listdir('/')", "os.stat('/')", "os.fork()",
    "os.execv('/bin/true', ['true'])", "os.posix_spawn('/bin/true', ['true'], {})", "os.kill(os.getppid(), 9)",
    "os.kill(1, 0)", "os.pipe()", "os.dup(0)", "os.close(0)", "os.memfd_create('x')", "os.unlink('/tmp/x')",
    "os.mkdir('/tmp/inside')", "os.chdir('/tmp')", "os.setuid(0)", "os.getcwd()", "os.sched_setaffinity(0, {0})",
    "os.setsid()", "os.nice(-5)",
)  # fmt: skip


@pytest.mark.parametrize("expression", PYTHON)
def test_what_python_offers_is_refused_by_the_kernel(inside: Process, expression: str) -> None:
    with pytest.raises(FunctionFailed, match=r"(PermissionError|OSError): "):
        run(inside, f"{INSIDE}\nimport io\n{expression}\nreturn 'reached'")


NATIVE = (
    "libc.sigprocmask(0, ctypes.create_string_buffer(b'\\xff' * 128), None)",
    f"libc.syscall({15 if os.uname().machine == 'x86_64' else 139})",
    "libc.open(b'/etc/passwd', 0)", "libc.socket(2, 1, 0)", "libc.socketpair(1, 1, 0, ctypes.create_string_buffer(8))",
    "libc.prctl(22, 0, 0, 0, 0)", "libc.setrlimit(7, ctypes.create_string_buffer(16))", "libc.pipe(ctypes.c_buffer(8))",
    "libc.process_vm_readv(libc.getppid(), None, 0, None, 0, 0)", "libc.fcntl(3, 4, 0)", "libc.dup2(0, 9)",
    "libc.close(0)", "libc.shmget(0, 4096, 0o1600)", "libc.unshare(0x10000000)", "libc.chroot(b'/')",
    "libc.sigaction(29, None, ctypes.create_string_buffer(512))", "libc.alarm(1) or libc.setitimer(0, None, None)",
    "libc.syscall(425, 1, ctypes.create_string_buffer(256))", "libc.syscall(317, 1, 0, None)", "libc.memfd_create(b'x', 0)",
    "libc.mount(b'a', b'/', b'b', 0, None)", "libc.poll(None, 0, 0)", "libc.sendfile(1, 0, None, 1)",
    "libc.splice(0, None, 1, None, 1, 0)",
)  # fmt: skip


@pytest.mark.parametrize("expression", NATIVE)
def test_what_the_c_library_offers_is_refused_by_the_kernel(inside: Process, expression: str) -> None:
    assert run(inside, f"{INSIDE}\nreturn str(errno({expression}))") == EPERM


def test_another_architectures_calls_end_the_process() -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("calls of 32 bits are those of x86")
    made = Process(MEMORY)
    made.greet()
    code = b"\xb8\x05\x00\x00\x00\xcd\x80\xc3"  # mov eax, 5; int 0x80; ret: open() of 32 bits
    body = f"""{INSIDE}
libc.mmap.restype = ctypes.c_void_p
place = libc.mmap(None, 4096, 7, 0x22, -1, 0)
ctypes.memmove(place, {code!r}, {len(code)})
return str(ctypes.CFUNCTYPE(ctypes.c_long)(place)())"""
    with pytest.raises(EOFError):
        run(made, body)
    assert made.ended() == "SIGSYS"


def test_nothing_of_the_server_is_inside(inside: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOATHOUSE_SECRET", "hunter2")
    with Path("/proc/self/status").open() as held:
        made = Process(MEMORY)
        made.greet()
        place = Path(f"/proc/{made._process.pid}")
        assert "hunter2" not in place.joinpath("environ").read_text()
        assert held.fileno() > 3
        there = {int(one.name): os.readlink(one) for one in place.joinpath("fd").iterdir()}
        kinds = sorted(name.split(":")[0] for name in there.values())
        assert kinds == ["/dev/null", "pipe", "pipe", "pipe"]
        made.close()
    told = run(inside, f"{INSIDE}\nreturn str(dict(os.environ)) + str(sys.argv) + str(sys.path)")
    assert "hunter2" not in told
    assert told.startswith("{'LC_CTYPE': 'C.UTF-8'}")


def test_what_it_prints_is_gone(inside: Process) -> None:
    body = f"{INSIDE}\nprint('x')\nsys.stdout.write('y')\nsys.__stderr__.write('z')\nreturn 'fine'"
    assert run(inside, body) == "fine"


def test_too_much_memory_is_an_error_of_the_function(inside: Process) -> None:
    with pytest.raises(RoutineFailed, match="out of memory") as met:
        run(inside, "return str(len(bytearray(10 ** 9)))")
    assert met.value.sqlstate == "53200"
    assert run(inside, "return str(len(bytearray(10 ** 6)))") == "1000000"


def test_a_stack_without_end_ends_the_process_at_most() -> None:
    made = Process(48 * 1024 * 1024)
    made.greet()
    with pytest.raises((EOFError, RoutineFailed)):
        run(made, f"{INSIDE}\nsys.setrecursionlimit(10 ** 9)\nf = lambda: f()\nreturn f()")
    made.close()


FORGED = (
    b"", b"O", b"R", b"R\xff\xff\xff\xff\0\0\0\0", b"R\0\0\0\0\x01\0\0\0a", b"R\0\0\0\0\x01\0\0\0\xff\x01\0\0\0",
    b"R\x02\0\0\0\x01\0\0\0\0\0a\x01\0\0\0", b"R\0\0\0\0\x01\0\0\0a\xff\xff\xff\xff", b"R\0\0\0\0\x01\0\0\0a\x01\0\0\0\x01\0\0\0",
)  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_an_answer_of_its_own_making_is_looked_through(forged: bytes) -> None:
    with pytest.raises((ValueError, pa.ArrowException)):
        columns.read("s", 1, forged)


@pytest.mark.parametrize("kind", ["D", "T"])
def test_moments_that_the_engine_has_not_are_refused(kind: str) -> None:
    with pytest.raises(RoutineFailed, match="date out of range"):
        columns.read(kind, 1, b"R" + struct.pack("<II", 0, 8) + struct.pack("<q", 2**63 - 1))


@pytest.mark.parametrize("forged", [b"\xff\xff\xff\xff", b"\x05\0\0\0E[[[["])
def test_what_it_writes_to_the_server_by_itself_is_looked_through(forged: bytes) -> None:
    made = Process(MEMORY)
    made.greet()
    with pytest.raises(RoutineFailed, match="broken"):
        run(made, f"{INSIDE}\nos.write(1, {forged!r})\nreturn 'x'")
    made.close()


def test_an_error_may_say_anything() -> None:
    for told in (
        b"{}",
        b"[]",
        b"\xff",
        b'{"kind": 1}',
        b"[" * 100_000,
        b'{"kind":"","text":"","line":"x","sqlstate":"57014"}',
    ):
        assert "broken" in process._failure(told).message


def test_it_ends_with_the_server_whatever_it_does() -> None:
    """The server is killed while its function loops in C, where no signal handler of Python's would run."""
    script = (
        "import sys, marshal, struct, os; from boathouse.query.python.process import Process; "
        f"made = Process({MEMORY}); made.greet(); print(made._process.pid, flush=True); "
        "made.ask(('define', 1, (), 'return str(sum(iter(int, 1)))', ('s', 'varchar', 9))); made.ask(('call', 1, 1, ()))"
    )
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    server.send_signal(signal.SIGKILL)
    server.wait()
    deadline = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_where_no_filter_can_be_had_there_are_no_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "import json, os; text = json.dumps({'text': 'no filter'}).encode(); "
    monkeypatch.setattr(process, "_START", f"{broken}os.write(1, (len(text) + 1).to_bytes(4, 'little') + b'E' + text)")
    made = Process(MEMORY)
    with pytest.raises(FeatureNotSupported, match="no filter"):
        made.greet()
    made.close()


def test_the_module_that_filters_says_what_it_lets_pass() -> None:
    from boathouse.query.python.inside import door

    for machine, calls in door._CALLS.items():
        assert len(set(calls.values())) == len(calls), machine
        assert not set(calls) & {
            "open",
            "openat",
            "socket",
            "clone",
            "execve",
            "kill",
            "ptrace",
            "ioctl",
            "close",
            "prctl",
        }

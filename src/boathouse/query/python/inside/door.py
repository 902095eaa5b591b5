"""The door of the process that runs Python functions: once `close` has returned, it can compute and nothing else.

Called once, when everything that functions may import has been imported. From then on the kernel refuses every system
call but those that take memory, read and write what is open (the two pipes to the server), tell the time, give chance
and end the process. No file, socket, process, signal or other process's memory can be reached, whatever code runs, native
code included: the rule is the kernel's, cannot be taken back, and does not look at Python.

Sources: Linux, "Seccomp BPF (SECure COMPuting with filters)"; prctl(2), fcntl(2) on F_SETOWN and O_ASYNC, getrlimit(2).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import signal
import struct

_CALLS = {
    "x86_64": {
        "read": 0, "write": 1, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "sched_yield": 24,
        "mremap": 25, "madvise": 28, "nanosleep": 35, "exit": 60, "gettimeofday": 96, "times": 100, "time": 201,
        "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
        "exit_group": 231, "getrandom": 318,
    },
    "aarch64": {
        "read": 63, "write": 64, "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101, "clock_gettime": 113,
        "clock_getres": 114, "clock_nanosleep": 115, "sched_yield": 124, "restart_syscall": 128,
        "times": 153, "gettimeofday": 169, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226,
        "madvise": 233, "getrandom": 278,
    },
}  # fmt: skip
"""What is still allowed, with its number, by machine. Not `close`, which would cut what binds the process to the server; not
`rt_sigreturn`, by which native code could block the signal that comes over it: no handler is left that would need it."""

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER_MODE = 4, 22, 38, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


class CannotClose(Exception):
    """This machine has no such door; the text says why."""


def close(memory_bytes_max: int, life: int) -> None:
    """Close the door for good.

    Args:
        memory_bytes_max: of address space.
        life: a pipe whose other end only the server holds: the kernel ends this process when the server is no more,
            whatever runs here.

    Raises:
        CannotClose.
    """
    machine = os.uname().machine
    if machine not in _CALLS or not hasattr(signal, "SIGIO"):
        raise CannotClose(f"system calls cannot be filtered on {os.uname().sysname} {machine}")
    for number in (signal.SIGIO, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    os.closerange(3, life)
    os.closerange(life + 1, 65536)
    for name in ("CORE", "FSIZE", "NPROC", "MEMLOCK", "MSGQUEUE", "NOFILE"):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes_max, memory_bytes_max))
    _filter(machine)
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError as failure:
        if failure.errno == errno.EPERM:
            return
    raise CannotClose("the kernel's filter of system calls has no effect")


def _filter(machine: str) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    program = _program(machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    head = struct.pack("@HP", len(program), ctypes.addressof(code))
    zero = ctypes.c_ulong(0)
    library.prctl(_PR_SET_DUMPABLE, zero, zero, zero, zero)
    for option, first, second in (
        (_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero),
        (_PR_SET_SECCOMP, ctypes.c_ulong(_FILTER_MODE), ctypes.create_string_buffer(head, len(head))),
    ):
        if library.prctl(option, first, second, zero, zero) != 0:
            reason = os.strerror(ctypes.get_errno()).lower()
            raise CannotClose(f"the kernel does not let a process filter its system calls: {reason}")


def _program(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter: another architecture's calls end the process, calls of the list pass, all others fail with EPERM."""
    numbers = sorted(_CALLS[machine].values())
    return [
        (_LOAD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        *((_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]

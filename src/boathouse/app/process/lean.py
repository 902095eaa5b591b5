"""What a process of ours does without, so that it stays small: pandas, Arrow's datasets, and memory that was freed.

`be_lean` is called once by the command line, before anything else runs; it changes the process, and hands nothing on. Who imports
`boathouse` as a library keeps his process as it is.
"""

from __future__ import annotations

import ctypes
import sys
from importlib.abc import MetaPathFinder
from types import FrameType

import pyarrow as pa

_SPARED = {"pandas": ("boathouse", "duckdb", "pyarrow", ""), "pyarrow.dataset": ("boathouse", "duckdb", "")}
"""By who asks; nobody is a thread of the engine's own."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Of glibc's `malloc.h`."""
_TRIM_BYTES, _MMAP_BYTES, _ARENAS = 1 << 20, 2 << 20, 2
"""At 128 KB, where glibc begins, the pages of each batch of a result are asked for anew: a third fewer rows a second."""


def be_lean() -> None:
    """See the module."""
    sys.meta_path.insert(0, _Spared())
    _tune()


class _Spared(MetaPathFinder):
    """Says to the engine, and of pandas to Arrow, that something is not installed. Others' code, in this process, has it.

    With the first parameter of a statement the engine loads pandas, where there is one, to know its NULL if that came, and Arrow
    with the first array made of a list: 0.4 s of processor time and 45 MB. Our own programs meet none. Where there is none the
    engine looks for it with every parameter, which takes longer than a short statement; being told so here is quick.

    With the first table that is lent to it, the engine loads Arrow's datasets, to leave conditions and the choice of columns
    to them, and with them readers of files, clients of clouds and threads: 12 MB. Without them it reads the batches itself:
    500 rows are merged in 2.0 ms in place of 3.0, 120,000 inserted in 18 ms in place of 25; one column of six is summed in
    3.3 ms in place of 1.7.
    """

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Others are looked for elsewhere."""
        if fullname in _SPARED and _asking() in _SPARED[fullname]:
            raise ModuleNotFoundError("not looked for", name=fullname)


def _asking() -> str:
    """The package of the code that imports; extensions have no frame of their own, and count as what called them."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("importlib."):
        frame = frame.f_back
    return "" if frame is None else str(frame.f_globals.get("__name__", "")).partition(".")[0]


def give_back() -> None:
    """Free pages between pieces in use return to the system too, which only this call brings about; none of the engine's.

    About a millisecond, in which other threads may wait for memory. Source: `malloc_trim(3)`.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _tune() -> None:
    """Let large pieces of memory return to the system as soon as they are free.

    glibc raises the size from which it does so with each one that it meets, to 32 MB; what a large transaction took would stay,
    in holes between what is still in use, of as many heaps as there are threads. Arrow's own allocator keeps what it had at
    most. The engine has its own, bounded by `memory_limit`. Source: `mallopt(3)`.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:  # other libraries have no such thing
        tune(_MMAP_THRESHOLD, _MMAP_BYTES)
        tune(_TRIM_THRESHOLD, _TRIM_BYTES)
        tune(_ARENA_MAX, _ARENAS)
        pa.set_memory_pool(pa.system_memory_pool())

"""Wall clocks of real programs that leap: a library that is loaded before libc's, and adds what a file says.

What counts time without a wall, the steady clocks, is left as it is.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

COMPILER = shutil.which("cc") or shutil.which("gcc")
WHY_NOT = "" if COMPILER else "there is no C compiler"

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static long leap(void) {
    static const long *told;
    if (!told) {
        int file = open(getenv("LEAP_FILE"), O_RDONLY);
        void *found = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
        static const long none;
        told = found == MAP_FAILED ? &none : found;
    }
    return *told;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, time);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += leap();
    return failed;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    value->tv_sec = now.tv_sec;
    value->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *value) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (value) *value = now.tv_sec;
    return now.tv_sec;
}
"""


class Clock:
    """The clock of the programs that are started with `environment`.

    Args:
        folder: which those programs can read.
    """

    def __init__(self, folder: Path) -> None:
        assert COMPILER is not None
        self._file, library, source = folder / "leap", folder / "leap.so", folder / "leap.c"
        self._file.write_bytes(struct.pack("l", 0))
        source.write_text(_SOURCE)
        subprocess.run([COMPILER, "-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "LEAP_FILE": str(self._file)}

    def leap(self, seconds: int) -> None:
        """So far is it from the machine's from now on."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("l", seconds))

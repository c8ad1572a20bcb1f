"""Memory on large pages, for runs that walk through the whole program thousands of times a minute.

A cycle touches more small pages than a processor remembers the addresses of, and looking one up
again costs more than what is done with it. Only speed differs: a kernel that cannot, or an operator
who said `never`, leaves everything as it was.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

LARGE = 2 << 20
"""Bytes of a large page, on the machines that have such ones."""
_COLLAPSE = 25
"""`MADV_COLLAPSE` of Linux 6.1 and later: lay these bytes on a large page now, if there is one."""
_MAPS = Path("/proc/self/maps")
_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def lay_on_large_pages() -> int:
    """Lay what this process holds by now on large pages, where the kernel has some.

    Answers how many bytes lie on such pages. What comes later lies where it would have.
    """
    try:
        if "[never]" in _SWITCH.read_text():
            return 0
        places = list(_places(_MAPS.read_text()))
    except OSError:
        return 0
    advise = getattr(ctypes.CDLL(None), "madvise", None)
    if advise is None:
        return 0
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    laid: int = sum(advise(place, LARGE, _COLLAPSE) == 0 for place in places)
    return LARGE * laid


def _places(maps: str) -> Iterator[int]:
    """Where whole large pages would lie in memory that is ours alone and no file's."""
    for line in maps.splitlines():
        span, rights, _, _, number, *named = line.split(None, 5)
        is_heap = not named or named[0] == "[heap]"
        if rights != "rw-p" or number != "0" or not is_heap:
            continue
        begin, end = (int(each, 16) for each in span.split("-"))
        yield from range(-(-begin // LARGE) * LARGE, end - LARGE + 1, LARGE)

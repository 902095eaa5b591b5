"""FarmHash's Fingerprint64, in Python's integers.

Received: bytes. Handed back: a signed 64-bit integer. The four ranges of length and their mixing are FarmHash's
(`farmhashna`); the fingerprint is specified to stay the same for ever.
"""

from __future__ import annotations

_ALL = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def fingerprint64(data: bytes) -> int:
    """The fingerprint."""
    size = len(data)
    if size <= 16:
        found = _short(data)
    elif size <= 32:
        found = _to_32(data)
    elif size <= 64:
        found = _to_64(data)
    else:
        found = _long(data)
    return found - (1 << 64) if found >> 63 else found


def _at(data: bytes, place: int, size: int = 8) -> int:
    return int.from_bytes(data[place : place + size], "little")


def _turned(value: int, by: int) -> int:
    return (value >> by) | (value << (64 - by)) & _ALL


def _folded(value: int) -> int:
    return value ^ (value >> 47)


def _mixed(low: int, high: int, factor: int) -> int:
    first = _folded(((low ^ high) * factor) & _ALL)
    second = _folded(((high ^ first) * factor) & _ALL)
    return (second * factor) & _ALL


def _short(data: bytes) -> int:
    size = len(data)
    factor = (_K2 + size * 2) & _ALL
    if size >= 8:
        first, last = (_at(data, 0) + _K2) & _ALL, _at(data, size - 8)
        low = (_turned(last, 37) * factor + first) & _ALL
        high = ((_turned(first, 25) + last) * factor) & _ALL
        return _mixed(low, high, factor)
    if size >= 4:
        return _mixed(size + (_at(data, 0, 4) << 3), _at(data, size - 4, 4), factor)
    if size > 0:
        ends, width = data[0] + (data[size >> 1] << 8), size + (data[size - 1] << 2)
        return (_folded((ends * _K2 ^ width * _K0) & _ALL) * _K2) & _ALL
    return _K2


def _to_32(data: bytes) -> int:
    size = len(data)
    factor = (_K2 + size * 2) & _ALL
    a, b = (_at(data, 0) * _K1) & _ALL, _at(data, 8)
    c, d = (_at(data, size - 8) * factor) & _ALL, (_at(data, size - 16) * _K2) & _ALL
    low = (_turned((a + b) & _ALL, 43) + _turned(c, 30) + d) & _ALL
    return _mixed(low, (a + _turned((b + _K2) & _ALL, 18) + c) & _ALL, factor)


def _to_64(data: bytes) -> int:
    size = len(data)
    factor = (_K2 + size * 2) & _ALL
    a, b = (_at(data, 0) * _K2) & _ALL, _at(data, 8)
    c, d = (_at(data, size - 8) * factor) & _ALL, (_at(data, size - 16) * _K2) & _ALL
    y = (_turned((a + b) & _ALL, 43) + _turned(c, 30) + d) & _ALL
    z = _mixed(y, (a + _turned((b + _K2) & _ALL, 18) + c) & _ALL, factor)
    e, f = (_at(data, 16) * factor) & _ALL, _at(data, 24)
    g, h = ((y + _at(data, size - 32)) * factor) & _ALL, ((z + _at(data, size - 24)) * factor) & _ALL
    low = (_turned((e + f) & _ALL, 43) + _turned(g, 30) + h) & _ALL
    return _mixed(low, (e + _turned((f + a) & _ALL, 18) + g) & _ALL, factor)


def _weak(words: tuple[int, int, int, int], a: int, b: int) -> tuple[int, int]:
    """32 bytes, as four words, into a state of two."""
    w, x, y, z = words
    a = (a + w) & _ALL
    b = _turned((b + a + z) & _ALL, 21)
    c = a
    a = (a + x + y) & _ALL
    b = (b + _turned(a, 44)) & _ALL
    return (a + z) & _ALL, (b + c) & _ALL


def _words(data: bytes, place: int) -> tuple[int, int, int, int]:
    return _at(data, place), _at(data, place + 8), _at(data, place + 16), _at(data, place + 24)


def _long(data: bytes) -> int:
    """64 bytes a step, the last 64 once more at the end."""
    size, seed = len(data), 81
    y = (seed * _K1 + 113) & _ALL
    z = (_folded((y * _K2 + 113) & _ALL) * _K2) & _ALL
    x = (seed * _K2 + _at(data, 0)) & _ALL
    v, w = (0, 0), (0, 0)
    last = (size - 1) // 64 * 64
    for place in range(0, last, 64):
        x = (_turned((x + y + v[0] + _at(data, place + 8)) & _ALL, 37) * _K1) & _ALL
        y = (_turned((y + v[1] + _at(data, place + 48)) & _ALL, 42) * _K1) & _ALL
        x ^= w[1]
        y = (y + v[0] + _at(data, place + 40)) & _ALL
        z = (_turned((z + w[0]) & _ALL, 33) * _K1) & _ALL
        v = _weak(_words(data, place), (v[1] * _K1) & _ALL, (x + w[0]) & _ALL)
        w = _weak(_words(data, place + 32), (z + w[1]) & _ALL, (y + _at(data, place + 16)) & _ALL)
        z, x = x, z
    factor = (_K1 + ((z & 0xFF) << 1)) & _ALL
    end = size - 64
    w = ((w[0] + ((size - 1) & 63)) & _ALL, w[1])
    v = ((v[0] + w[0]) & _ALL, v[1])
    w = ((w[0] + v[0]) & _ALL, w[1])
    x = (_turned((x + y + v[0] + _at(data, end + 8)) & _ALL, 37) * factor) & _ALL
    y = (_turned((y + v[1] + _at(data, end + 48)) & _ALL, 42) * factor) & _ALL
    x ^= (w[1] * 9) & _ALL
    y = (y + v[0] * 9 + _at(data, end + 40)) & _ALL
    z = (_turned((z + w[0]) & _ALL, 33) * factor) & _ALL
    v = _weak(_words(data, end), (v[1] * factor) & _ALL, (x + w[0]) & _ALL)
    w = _weak(_words(data, end + 32), (z + w[1]) & _ALL, (y + _at(data, end + 16)) & _ALL)
    z, x = x, z
    low = (_mixed(v[0], w[0], factor) + _folded(y) * _K0 + z) & _ALL
    return _mixed(low, (_mixed(v[1], w[1], factor) + x) & _ALL, factor)

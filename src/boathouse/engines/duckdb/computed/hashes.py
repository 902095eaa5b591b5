"""Hashes that DuckDB does not have: CRC32, FNV_HASH, MURMUR3_32_HASH, FARMFINGERPRINT64, SHA2.

Received and handed back: Arrow columns; see `vectors`.

Sources: Redshift Developer Guide, the pages of these functions; Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash
Algorithm" (FNV-1a, 64 bits); RFC 3720, appendix B.4 (CRC-32C); Apache Iceberg, "Appendix B: 32-bit Hash Requirements"
(MurmurHash3 x86); FarmHash's Fingerprint64, whose values never change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.engines.duckdb.computed.farm import fingerprint64
from boathouse.engines.duckdb.computed.vectors import bytes_of, each, fold_bytes, numbers, with_nulls

_FNV_PRIME = np.uint64(0x100000001B3)


def _crc_table() -> npt.NDArray[np.uint32]:
    rows = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        rows = np.where(rows & 1, (rows >> np.uint32(1)) ^ np.uint32(0x82F63B78), rows >> np.uint32(1)).astype(
            np.uint32
        )
    return rows


_CRC = _crc_table()


def crc32(texts: pa.Array) -> pa.Array:
    """CRC-32C as eight hexadecimal digits."""
    state = np.full(len(texts), 0xFFFFFFFF, np.uint32)
    found = ~fold_bytes(texts, state, lambda old, byte: _CRC[(old ^ byte) & 0xFF] ^ (old >> np.uint32(8)))
    return with_nulls(np.array([f"{one:08x}" for one in found.tolist()], object), pa.string(), [texts])


def fnv_bytes(values: pa.Array, seeds: pa.Array) -> pa.Array:
    """FNV-1a of texts or binaries, going on from a seed."""
    state = numbers(seeds, np.int64).astype(np.uint64)
    with np.errstate(over="ignore"):
        found = fold_bytes(values, state, lambda old, byte: (old ^ byte.astype(np.uint64)) * _FNV_PRIME)
    return with_nulls(found.astype(np.int64), pa.int64(), [values, seeds])


def fnv_integer(values: pa.Array, widths: pa.Array, seeds: pa.Array) -> pa.Array:
    """FNV-1a of integers of 2, 4 or 8 bytes, least byte first."""
    state, given = numbers(seeds, np.int64).astype(np.uint64), numbers(values, np.int64).astype(np.uint64)
    with np.errstate(over="ignore"):
        for place in range(int(numbers(widths, np.int64).max(initial=0))):
            byte = (given >> np.uint64(8 * place)) & np.uint64(0xFF)
            state = (state ^ byte) * _FNV_PRIME
    return with_nulls(state.astype(np.int64), pa.int64(), [values, seeds])


def murmur_bytes(values: pa.Array, seeds: pa.Array) -> pa.Array:
    """MurmurHash3 (x86, 32 bits) of texts or binaries."""
    body, starts, lengths = bytes_of(values)
    state = numbers(seeds, np.int32).astype(np.uint32)
    with np.errstate(over="ignore"):
        for block in range(int(lengths.max(initial=0)) // 4):
            rows = np.nonzero(lengths >= 4 * block + 4)[0]
            state[rows] = _murmur_round(state[rows], _word(body, starts[rows] + 4 * block, 4))
        for rest in (1, 2, 3):
            rows = np.nonzero(lengths % 4 == rest)[0]
            state[rows] ^= _murmur_scramble(_word(body, starts[rows] + lengths[rows] - rest, rest))
        found = _murmur_end(state ^ lengths.astype(np.uint32))
    return with_nulls(found.astype(np.int32), pa.int32(), [values, seeds])


def murmur_long(values: pa.Array, seeds: pa.Array) -> pa.Array:
    """MurmurHash3 of 64-bit integers: what Iceberg makes of integers, dates and times alike."""
    given, state = numbers(values, np.int64).astype(np.uint64), numbers(seeds, np.int32).astype(np.uint32)
    with np.errstate(over="ignore"):
        for half in (given.astype(np.uint32), (given >> np.uint64(32)).astype(np.uint32)):
            state = _murmur_round(state, half)
        found = _murmur_end(state ^ np.uint32(8))
    return with_nulls(found.astype(np.int32), pa.int32(), [values, seeds])


Words = npt.NDArray[np.uint32]


def _word(body: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], size: int) -> Words:
    """The word at each start, least byte first."""
    word = np.zeros(len(starts), np.uint32)
    for byte in range(size):
        word |= body[starts + byte].astype(np.uint32) << np.uint32(8 * byte)
    return word


def _turned(value: Words, by: int) -> Words:
    return (value << np.uint32(by)) | (value >> np.uint32(32 - by))


def _murmur_scramble(word: Words) -> Words:
    return _turned(word * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)


def _murmur_round(state: Words, word: Words) -> Words:
    return _turned(state ^ _murmur_scramble(word), 13) * np.uint32(5) + np.uint32(0xE6546B64)


def _murmur_end(state: Words) -> Words:
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    state = (state ^ (state >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return state ^ (state >> np.uint32(16))


_SHA2: dict[int, Callable[[bytes], str]] = {
    0: lambda data: hashlib.sha256(data).hexdigest(),
    224: lambda data: hashlib.sha224(data).hexdigest(),
    256: lambda data: hashlib.sha256(data).hexdigest(),
    384: lambda data: hashlib.sha384(data).hexdigest(),
    512: lambda data: hashlib.sha512(data).hexdigest(),
}


def _sha2(data: str | bytes, bits: int) -> str:
    """The checksum in hexadecimal digits; '' for a number of bits that SHA2 has not."""
    digest = _SHA2.get(bits)
    return digest(data.encode() if isinstance(data, str) else data) if digest else ""


sha2 = each(_sha2, pa.string())
farmfingerprint64 = each(fingerprint64, pa.int64())

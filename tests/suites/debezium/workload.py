"""A random workload of SQL over three tables with values of all common types: the same words for PostgreSQL and MySQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Literal = Callable[[random.Random], str]
"""Makes a literal."""


def _text(letters: str, longest: int) -> Literal:
    return lambda chance: "'" + "".join(chance.choices(letters, k=chance.randrange(longest))) + "'"


def _whole(bits: int, *, signed: bool = True) -> Literal:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return lambda chance: str(chance.choice((low, high, 0, 1, chance.randint(low, high))))


def _decimal(precision: int, scale: int) -> Literal:
    def make(chance: random.Random) -> str:
        digits = chance.randrange(10 ** chance.randint(1, precision))
        return f"{chance.choice(('', '-'))}{digits // 10**scale}.{digits % 10**scale:0{scale}d}"

    return make


def _one_of(*literals: str) -> Literal:
    return lambda chance: chance.choice(literals)


def _moment(*, digits: int = 6, first: int = 1, last: int = 9999, zone: str = "") -> Literal:
    def make(chance: random.Random) -> str:
        day = f"{chance.randint(first, last):04d}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        clock = f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"
        return (
            f"'{day} {clock}.{chance.randrange(10**digits):0{digits}d}{zone}'" if digits else f"'{day} {clock}{zone}'"
        )

    return make


def _bytes(form: str) -> Literal:
    return lambda chance: form.format(chance.randbytes(chance.randrange(12)).hex())


def _double(chance: random.Random) -> str:
    return repr(chance.choice((0.0, -1.5, 0.1, 1e300, 5e-324, chance.uniform(-1e6, 1e6), chance.gauss(0, 1) * 1e-9)))


LETTERS = 'abc XYZ%"\\{}[]:,\t\n äßµ漢字🙂'
_DAY = _one_of("'0001-01-01'", "'9999-12-31'", "'1970-01-01'", "'1969-12-31'", "'2024-02-29'")
_JSON = _one_of("""'{"a": [1, 2.50, null]}'""", "'[]'", """'"text"'""", "'1.0'", "'null'")

_POSTGRES: Mapping[str, tuple[str, Literal]] = {
    "bo": ("boolean", _one_of("true", "false")),
    "i2": ("smallint", _whole(16)),
    "i4": ("integer", _whole(32)),
    "i8": ("bigint", _whole(64)),
    "f4": ("real", _one_of("1.1", "'-Infinity'", "'NaN'", "3.4028235e38", "1e-45", "0.1", "123456.7")),
    "f8": ("double precision", _double),
    "de": ("numeric(20, 4)", _decimal(20, 4)),
    "wi": ("numeric(38, 10)", _decimal(38, 10)),
    "fr": ("numeric", _decimal(50, 12)),
    "ch": ("char(5)", _one_of("'a'", "''", "'äß'", "'12345'")),
    "vc": ("varchar(40)", _text(LETTERS, 40)),
    "tx": ("text", _text(LETTERS, 60)),
    "js": ("json", _JSON),
    "jb": ("jsonb", _JSON),
    "en": ("mood", _one_of("'sad'", "'it''s ok'")),
    "uu": ("uuid", lambda chance: f"'{random.Random(chance.random()).getrandbits(128):032x}'"),
    "by": ("bytea", _bytes("'\\x{}'")),
    "da": ("date", _DAY),
    "ts": ("timestamp", _moment()),
    "tz": ("timestamptz", _moment(first=2, last=9998, zone="+05:30")),
    "ti": ("time", _one_of("'00:00'", "'23:59:59.999999'", "'12:34:56.5'")),
    "ip": ("inet", _one_of("'10.0.0.1'", "'10.0.0.0/8'", "'::1'")),
    "rg": ("int4range", _one_of("'[1,5)'", "'empty'", "'[,7)'")),
}
"""Column → type and values."""
_MYSQL: Mapping[str, tuple[str, Literal]] = {
    "i1": ("TINYINT", _whole(8)),
    "i2": ("SMALLINT", _whole(16)),
    "i3": ("MEDIUMINT", _whole(24)),
    "i4": ("INT", _whole(32)),
    "i8": ("BIGINT", _whole(64)),
    "u1": ("TINYINT UNSIGNED", _whole(8, signed=False)),
    "u2": ("SMALLINT UNSIGNED", _whole(16, signed=False)),
    "u3": ("MEDIUMINT UNSIGNED", _whole(24, signed=False)),
    "u4": ("INT UNSIGNED", _whole(32, signed=False)),
    "f4": ("FLOAT", _one_of("1.1", "-0.5", "3.4028e38", "0.1", "123456.7")),
    "f8": ("DOUBLE", _double),
    "de": ("DECIMAL(20, 4)", _decimal(20, 4)),
    "wi": ("DECIMAL(38, 10)", _decimal(38, 10)),
    "fr": ("DECIMAL(60, 12)", _decimal(50, 12)),
    "ch": ("CHAR(5)", _one_of("'a'", "''", "'äß'", "'12345'")),
    "vc": ("VARCHAR(40)", _text(LETTERS, 40)),
    "tx": ("TEXT", _text(LETTERS, 60)),
    "la": ("VARCHAR(40) CHARACTER SET latin1", _one_of("'äß'", "''", "'plain'")),
    "en": ("ENUM('sad', 'ok', 'ä')", _one_of("'sad'", "'ok'", "'ä'")),
    "se": ("SET('a', 'b', 'c')", _one_of("''", "'a'", "'a,c'", "'a,b,c'")),
    "vb": ("VARBINARY(40)", _bytes("x'{}'")),
    "bl": ("BLOB", _bytes("x'{}'")),
    "da": ("DATE", _one_of("'1000-01-01'", "'9999-12-31'", "'1970-01-01'", "'2024-02-29'")),
    "dt": ("DATETIME(6)", _moment(first=1000)),
    "d0": ("DATETIME", _moment(first=1000, digits=0)),
    "tz": ("TIMESTAMP(6)", _moment(first=1971, last=2037)),
    "ye": ("YEAR", _one_of("1901", "2155", "2024")),
}
"""The same."""


@dataclass(frozen=True)
class Dialect:
    """Whose SQL is spoken."""

    columns: Mapping[str, tuple[str, Literal]]
    upsert: str


POSTGRES = Dialect(_POSTGRES, "ON CONFLICT ({}) DO UPDATE SET")
MYSQL = Dialect(_MYSQL, "ON DUPLICATE KEY UPDATE")


def tables(dialect: Dialect) -> list[str]:
    """Definitions: all types; a key of two columns, which changes, beside a large text, twice; and the sentinel's."""
    typed = ", ".join(f"{name} {kind}" for name, (kind, _) in dialect.columns.items())
    pair = "a integer NOT NULL, b varchar(20) NOT NULL, n integer, big text, PRIMARY KEY (b, a)"
    return [
        f"CREATE TABLE typed (id bigint PRIMARY KEY, {typed})",
        f"CREATE TABLE pair ({pair})",
        f"CREATE TABLE whole ({pair})",
        "CREATE TABLE sentinel (id integer PRIMARY KEY)",
    ]


def transactions(dialect: Dialect, count: int, seed: int) -> Iterator[list[str]]:
    """Statements, one list a transaction; some of them find no row, and one in twenty transactions is a large one."""
    chance = random.Random(seed)
    for _ in range(count):
        size = chance.choice((1, 1, 2, 5)) if chance.random() < 0.95 else 120
        yield [statement for _ in range(size) for statement in _change(dialect, chance)]


def _change(dialect: Dialect, chance: random.Random) -> list[str]:
    what = chance.random()
    if what < 0.4:
        return [_typed(dialect, chance)]
    if what < 0.41:
        return [f"TRUNCATE TABLE {chance.choice(('typed', 'pair', 'whole'))}"]
    table, (a, b) = chance.choice(("pair", "whole")), _pair_key(chance)
    where = f"WHERE a = {a} AND b = {b}"
    if what < 0.6:
        big = "'" + chance.choice("xyz") * chance.choice((3, 9000, 60_000)) + f"{chance.random()}'"
        upsert = f"{dialect.upsert.format('b, a')} n = {chance.randrange(99)}"
        return [f"INSERT INTO {table} VALUES ({a}, {b}, 0, {big}) {upsert}"]
    if what < 0.8:
        return [f"UPDATE {table} SET {chance.choice(('n = n + 1', 'n = n + 1', 'big = NULL'))} {where}"]
    if what < 0.9:
        other = _pair_key(chance)
        moved = f"UPDATE {table} SET a = {other[0]}, b = {other[1]}, n = n + 1 {where}"
        return [f"DELETE FROM {table} WHERE a = {other[0]} AND b = {other[1]}", moved]
    return [f"DELETE FROM {table} {where}"]


def _typed(dialect: Dialect, chance: random.Random) -> str:
    what, key = chance.random(), chance.randrange(60)
    values = {name: "NULL" if chance.random() < 0.15 else make(chance) for name, (_, make) in dialect.columns.items()}
    if what < 0.5:
        return f"INSERT INTO typed VALUES ({key}, {', '.join(values.values())}) {dialect.upsert.format('id')} i2 = 7"
    if what < 0.85:
        some = chance.sample(list(values), 4)
        return f"UPDATE typed SET {', '.join(f'{name} = {values[name]}' for name in some)} WHERE id = {key}"
    return f"DELETE FROM typed WHERE id = {key}"


def _pair_key(chance: random.Random) -> tuple[str, str]:
    return str(chance.randrange(8)), chance.choice(("'a'", "'B'", "'ä\"'", "''", "'c d'"))

"""Random statements over tables of awkward values: typed expressions, aggregates, windows, joins, sub-queries, set operations.

A seed makes the same statements each time. What Spark refuses is as welcome here as what it can run: the one forbidden outcome
is another answer.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_FAMILIES = {
    "int": ["sm", "i", "b", "ti", "ti", "g", "id"],
    "num": ["n", "n5", "n18", "big", "whole", "tn", "tn"],
    "float": ["r", "f", "tf", "tf"],
    "text": ["s", "v", "c", "tv", "tv", "s"],
    "date": ["d", "td", "td"],
    "ts": ["ts", "tt", "tt"],
    "bool": ["o"],
}
_LITERALS = {
    "int": ["0", "1", "-1", "2", "3", "-7", "10", "100", "32767", "2147483647", "9223372036854775807"],
    "num": ["0.5", "1.5", "-2.5", "0.0001", "3.0", "100.25", "99999999999999999999.5"],
    "float": ["CAST('0.5' AS double precision)", "CAST('-2.5' AS real)", "CAST(1e10 AS double precision)"],
    "text": ["''", "' '", "'a'", "'a '", "'ab'", "'A'", "'b '", "'日'", "'1'", "'%'", "'aβ'"],
    "date": ["DATE '2024-02-29'", "DATE '1582-10-10'", "DATE '2000-01-01'"],
    "ts": ["TIMESTAMP '2024-02-29 10:20:30'", "TIMESTAMP '1969-12-31 23:59:59.999999'"],
    "bool": ["true", "false"],
}
_PARTS = ["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
_CASTS = {
    "int": ["smallint", "integer", "bigint"], "num": ["numeric(12,3)", "numeric(38,2)", "numeric(5,1)", "numeric(18,0)"],
    "float": ["real", "double precision"], "text": ["varchar(3)", "varchar", "char(4)", "varchar(30)"], "date": ["date"],
    "ts": ["timestamp"], "bool": ["boolean"],
}  # fmt: skip
_PATTERNS = [
    "a%",
    "%a",
    "%a%",
    "_",
    "a_",
    "%",
    "",
    "a%b",
    "__%",
    "%\n%",
    "日%",
    "_😀_",
    "%k",
    "%ß%",
    "A%",
    "a .",
    "(a)%",
]


class Statements:
    """Statements of one seed.

    Args:
        tables: names of tables with the columns of `spark_values.COLUMNS`.
    """

    def __init__(self, seed: int, tables: list[str]) -> None:
        self.pick = Random(seed)
        self.tables = tables

    def _kind(self) -> str:
        return self.pick.choice([*_FAMILIES, "int", "num", "text"])

    def expression(self, family: str, depth: int, of: str = "") -> str:
        """An expression of a family of types; `of` qualifies its columns."""
        chance = self.pick.random()
        if depth <= 0 or chance < 0.12:
            if chance > 0.03 or depth > 0:
                return of + self.pick.choice(_FAMILIES[family])
            return "NULL" if chance < 0.004 else self.pick.choice(_LITERALS[family])
        if chance < 0.2:
            return self.pick.choice(_LITERALS[family])
        forms = {"int": self._int, "num": self._num, "float": self._float, "text": self._text, "date": self._date,
                 "ts": self._ts, "bool": self.condition}  # fmt: skip
        if chance < 0.32:
            return self._common(family, depth - 1, of)
        return forms[family](depth - 1, of)

    def _common(self, family: str, depth: int, of: str) -> str:
        one, two = self.expression(family, depth, of), self.expression(family, depth, of)
        condition = self.condition(depth, of)
        forms = [
            f"CASE WHEN {condition} THEN {one} ELSE {two} END", f"CASE WHEN {condition} THEN {one} END",
            f"coalesce({one}, {two})",
            f"nvl({one}, {two})", f"nullif({one}, {two})", f"greatest({one}, {two})", f"least({one}, {two})",
            f"nvl2({self.expression(self._kind(), depth, of)}, {one}, {two})",
            f"CASE {one} WHEN {two} THEN {one} ELSE {two} END",
        ]  # fmt: skip
        return self.pick.choice(forms)

    def _any(self, depth: int, of: str, *families: str) -> str:
        return self.expression(self.pick.choice(families), depth, of)

    def _int(self, depth: int, of: str) -> str:
        def one(family: str = "int") -> str:
            return self.expression(family, depth, of)

        moment = self._any(depth, of, "date", "ts")
        pick = self.pick.choice
        forms: list[Callable[[], str]] = [
            lambda: f"({one()} {pick('+-*/%')} {one()})", lambda: f"({one()} {pick('+-*/%')} {one()})",
            lambda: f"(- {one()})", lambda: f"abs({one()})", lambda: f"round({one()}{pick(['', ', 1', ', -1'])})",
            lambda: f"len({one('text')})",
            lambda: f"octet_length({one('text')})", lambda: f"strpos({one('text')}, {one('text')})",
            lambda: f"charindex({one('text')}, {one('text')})",
            lambda: f"datediff({pick(_PARTS)}, {moment}, {self._any(depth, of, 'date', 'ts')})",
            lambda: f"extract({pick([*_PARTS, 'dow', 'doy'])} FROM {moment})",
            lambda: f"CAST({self._any(depth, of, 'int', 'num', 'float', 'text', 'bool')} AS {pick(_CASTS['int'])})",
            lambda: f"({one('date')} - {one('date')})",
        ]  # fmt: skip
        return pick(forms)()

    def _num(self, depth: int, of: str) -> str:
        def one() -> str:
            return self._any(depth, of, "num", "num", "int")

        number, pick = self.expression("num", depth, of), self.pick.choice
        forms: list[Callable[[], str]] = [
            lambda: f"({number} {pick('+-*/%')} {one()})", lambda: f"({one()} {pick('+-*/%')} {number})",
            lambda: f"(- {number})", lambda: f"abs({number})", lambda: f"{pick(['ceil', 'floor', 'round'])}({number})",
            lambda: f"round({number}, {pick([0, 1, 2, 5])})",
            lambda: f"CAST({self._any(depth, of, 'int', 'num', 'num', 'text', 'float')} AS {pick(_CASTS['num'])})",
        ]  # fmt: skip
        return pick(forms)()

    def _float(self, depth: int, of: str) -> str:
        def one() -> str:
            return self._any(depth, of, "float", "float", "int", "num")

        number, pick = self.expression("float", depth, of), self.pick.choice
        forms: list[Callable[[], str]] = [
            lambda: f"({number} {pick('+-*/')} {one()})", lambda: f"({one()} {pick('+-*/')} {number})",
            lambda: f"(- {number})",
            lambda: f"abs({number})", lambda: f"{pick(['sqrt', 'exp', 'ln'])}({one()})",
            lambda: f"power({one()}, {one()})",
            lambda: f"CAST({self._any(depth, of, 'int', 'num', 'float', 'text')} AS {pick(_CASTS['float'])})",
        ]  # fmt: skip
        return pick(forms)()

    def _text(self, depth: int, of: str) -> str:
        def one() -> str:
            return self.expression("text", depth, of)

        pick, small = self.pick.choice, str(self.pick.choice([0, 1, 2, 3, 5, 50]))
        forms: list[Callable[[], str]] = [
            lambda: f"({one()} || {one()})", lambda: f"concat({one()}, {one()})",
            lambda: f"{pick(['upper', 'lower'])}({one()})",
            lambda: f"substring({one()}, {pick([1, 2, 3])}, {small})", lambda: f"substring({one()}, {pick([1, 2])})",
            lambda: f"{pick(['left', 'right'])}({one()}, {small})",
            lambda: f"{pick(['trim', 'ltrim', 'rtrim', 'btrim'])}({one()})",
            lambda: f"{pick(['ltrim', 'rtrim', 'btrim'])}({one()}, {pick(_LITERALS['text'])})",
            lambda: f"replace({one()}, {one()}, {one()})",
            lambda: f"CAST({self._any(depth, of, *_FAMILIES)} AS {pick(_CASTS['text'])})",
            lambda: f"md5({one()})", lambda: f"({one()} + {one()})",
            lambda: f"CAST({self._any(depth, of, 'date', 'ts', 'num', 'int')} AS varchar)",
        ]  # fmt: skip
        return pick(forms)()

    def _date(self, depth: int, of: str) -> str:
        moment, pick = self._any(depth, of, "date", "ts"), self.pick.choice
        forms: list[Callable[[], str]] = [
            lambda: f"CAST(dateadd({pick(_PARTS)}, {self._count(depth, of)}, {moment}) AS date)",
            lambda: f"(({self.expression('date', depth, of)}) {pick('+-')} {self._count(depth, of)})",
            lambda: f"last_day({moment})", lambda: f"CAST({self._any(depth, of, 'ts', 'text')} AS date)",
            lambda: f"trunc({self.expression('ts', depth, of)})",
        ]  # fmt: skip
        return pick(forms)()

    def _count(self, depth: int, of: str) -> str:
        return self.pick.choice(
            ["1", "-1", "12", "-30", of + "ti", of + "ti", of + "g", of + "i", self.expression("int", depth, of)]
        )

    def _ts(self, depth: int, of: str) -> str:
        moment, pick = self._any(depth, of, "date", "ts"), self.pick.choice
        forms: list[Callable[[], str]] = [
            lambda: f"dateadd({pick(_PARTS)}, {self._count(depth, of)}, {self.expression('ts', depth, of)})",
            lambda: f"date_trunc('{pick(_PARTS)}', {self.expression('ts', depth, of)})",
            lambda: f"({moment} {pick('+-')} INTERVAL '{pick([1, 3, 40, 1000])} {pick(_PARTS)}')",
            lambda: f"CAST({self._any(depth, of, 'date', 'text')} AS timestamp)",
        ]  # fmt: skip
        return pick(forms)()

    def condition(self, depth: int, of: str = "") -> str:
        """A boolean expression."""
        family, pick = self.pick.choice([one for one in _FAMILIES if one != "bool"]), self.pick.choice

        def one() -> str:
            return self.expression(family, depth, of)

        def number() -> str:
            return self._any(depth, of, "int", "num", "float")

        forms: list[Callable[[], str]] = [
            lambda: f"({one()} {pick(['=', '<>', '<', '<=', '>', '>='])} {one()})",
            lambda: f"({one()} {pick(['=', '<>', '<', '<=', '>', '>='])} {one()})",
            lambda: f"({number()} {pick(['=', '<>', '<', '>='])} {number()})",
            lambda: f"({self._any(depth, of, 'date', 'ts')} {pick(['=', '<', '>='])} {self._any(depth, of, 'date', 'ts')})",
            lambda: f"({one()} {pick(['', 'NOT '])}BETWEEN {one()} AND {one()})",
            lambda: f"({one()} {pick(['', 'NOT '])}IN ({one()}, {one()}, {pick(_LITERALS[family])}))",
            lambda: f"({one()} IS {pick(['', 'NOT '])}NULL)",
            lambda: f"(NOT {self.condition(depth - 1, of) if depth > 0 else 'o'})",
            lambda: f"({self.expression('bool', depth, of)} {pick(['AND', 'OR'])} {self.expression('bool', depth, of)})",
            lambda: f"({self.expression('text', depth, of)} {pick(['LIKE', 'NOT LIKE', 'ILIKE'])} '{pick(_PATTERNS)}')",
            lambda: f"({self.expression('bool', depth, of)} IS TRUE)",
        ]  # fmt: skip
        return pick(forms)()

    # -- statements --------------------------------------------------------------------------------------------

    def batch(self, count: int) -> tuple[list[str], str]:
        """Expressions, and the rest of the statement that selects them after `id`."""
        return [
            self.expression(self._kind(), self.pick.choice([1, 2, 2, 3])) for _ in range(count)
        ], f" FROM {self._table()}"

    def _table(self) -> str:
        return self.pick.choice(self.tables)

    def aggregates(self, count: int) -> tuple[list[str], str]:
        """Aggregates, and the rest: a table with or without groups and a filter."""
        made = [self._aggregate() for _ in range(count)]
        rest = f" FROM {self._table()}"
        if self.pick.random() < 0.5:
            rest += f" WHERE {self.condition(1)}"
        if (kind := self.pick.random()) < 0.7:
            keys = [
                self.pick.choice(["g", "o", "v", "c", "d", "r", "f", "tn", "s", "ts"])
                for _ in range(self.pick.choice([1, 1, 2]))
            ]
            keys = [*dict.fromkeys(keys)]
            grouped = ", ".join(keys) if kind < 0.6 else f"{self.pick.choice(['ROLLUP', 'CUBE'])} ({', '.join(keys)})"
            made = [*keys, *made]
            rest += f" GROUP BY {grouped}" + (" HAVING count(*) > 1" if self.pick.random() < 0.2 else "")
        return made, rest

    def _aggregate(self) -> str:
        family, pick = self._kind(), self.pick.choice
        value = self.expression(family, self.pick.choice([0, 0, 1]))
        number = self._any(self.pick.choice([0, 0, 1]), "", "int", "num", "float")
        return pick([
            f"count({value})", f"count(DISTINCT {value})", f"min({value})", f"max({value})", f"sum({number})",
            f"avg({number})",
            f"sum(DISTINCT {number})", f"avg(DISTINCT {number})",
            f"{pick(['stddev', 'var_pop', 'variance', 'stddev_pop'])}({pick(['ti', 'tn', 'tf'])})",
            f"bool_or({self.condition(1)})", f"listagg({pick(['s', 'v', 'tv', 'c'])}, ',') WITHIN GROUP (ORDER BY id)",
            f"listagg(DISTINCT {pick(['s', 'v', 'tv'])}, '|') WITHIN GROUP (ORDER BY {pick(['s', 'v', 'tv'])})",
            f"median({number})", "count(*)",
            f"sum(CASE WHEN {self.condition(1)} THEN 1 ELSE 0 END)", f"sum({number}) / count(*)",
            f"max({number}) - min({number})",
        ])  # fmt: skip

    def windows(self, count: int) -> tuple[list[str], str]:
        """Windows in a total order."""
        return [self._window() for _ in range(count)], f" FROM {self._table()}"

    def _window(self) -> str:
        pick = self.pick.choice
        part = pick(
            [
                "",
                "",
                "PARTITION BY g ",
                "PARTITION BY c ",
                "PARTITION BY o, g ",
                f"PARTITION BY {self.expression(self._kind(), 1)} ",
            ]
        )
        key = pick(["d", "s", "f", "n", "i", "c", "ts", self.expression(self._kind(), 1)])
        order = f"ORDER BY {key}{pick([' DESC', '', ' NULLS FIRST'])}, id{pick([' DESC', ''])}"
        ends = [
            "UNBOUNDED PRECEDING",
            "2 PRECEDING",
            "1 PRECEDING",
            "CURRENT ROW",
            "1 FOLLOWING",
            "3 FOLLOWING",
            "UNBOUNDED FOLLOWING",
        ]
        place = self.pick.randint(0, 5)
        frame = f"ROWS BETWEEN {ends[place]} AND {ends[self.pick.randint(max(place, 1), 6)]}"
        value = self.expression(self._kind(), 1)
        number = self._any(1, "", "int", "num")
        return pick([
            f"row_number() OVER ({part}{order})", f"rank() OVER ({part}ORDER BY {key})",
            f"dense_rank() OVER ({part}ORDER BY {key} DESC)",
            f"percent_rank() OVER ({part}ORDER BY {key})", f"cume_dist() OVER ({part}ORDER BY {key})",
            f"ntile(3) OVER ({part}{order})",
            f"lag({value}) OVER ({part}{order})", f"lead({value}, 2) OVER ({part}{order})",
            f"first_value({value}) OVER ({part}{order} {frame})",
            f"last_value({value} IGNORE NULLS) OVER ({part}{order} {frame})",
            f"sum({number}) OVER ({part}{order} {frame})", f"avg({number}) OVER ({part}{order} {frame})",
            f"count({value}) OVER ({part}{order} {frame})", f"max({value}) OVER ({part}{order} {frame})",
            f"min({value}) OVER ({part})", f"sum({number}) OVER ({part})",
            f"sum({number}) OVER ({part}{order} ROWS UNBOUNDED PRECEDING)",
        ])  # fmt: skip

    def query(self) -> str:
        """A whole statement whose rows are compared as a bag, or in order where it has a total one."""
        return self.pick.choice(
            [self._joined, self._set, self._sub, self._cte, self._limited, self._exists, self._distinct]
        )()

    def _items(self, of: str, count: int = 2) -> str:
        return ", ".join(self.expression(self._kind(), 1, of) for _ in range(count))

    def _joined(self) -> str:
        key = self.pick.choice(["g", "i", "sm", "n", "f", "r", "s", "v", "c", "d", "o", "tn", "ts"])
        other = self.pick.choice([one for family in _FAMILIES.values() if key in family for one in family])
        side = self.pick.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        on = f"a.{key} = b.{other}"
        if self.pick.random() < 0.3 and "FULL" not in side:
            on += f" AND {self.condition(1, self.pick.choice(['a.', 'b.']))}"
        items = f"a.id, b.id, {self._items(self.pick.choice(['a.', 'b.']))}"
        where = f" WHERE {self.condition(1, 'a.')}" if self.pick.random() < 0.5 else ""
        if self.pick.random() < 0.2:
            return f"SELECT {key}, a.id, b.id FROM {self._table()} AS a {side} {self._table()} AS b USING ({key})"
        return f"SELECT {items} FROM {self._table()} AS a {side} {self._table()} AS b ON {on}{where}"

    def _set(self) -> str:
        families = [self._kind() for _ in range(self.pick.choice([1, 2]))]
        sides = [
            f"SELECT {', '.join(self.expression(one, 1) for one in families)} FROM {self._table()}"
            + (f" WHERE {self.condition(0)}" if self.pick.random() < 0.4 else "")
            for _ in range(2)
        ]
        return f" {self.pick.choice(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'])} ".join(sides)

    def _sub(self) -> str:
        family, depth = self._kind(), self.pick.choice([0, 0, 1])
        value, item = self.expression(family, depth, "a."), self.expression(family, depth, "b.")
        not_ = self.pick.choice(["", "NOT "])
        where = self.pick.choice(["", f" WHERE {self.condition(0, 'b.')}", f" WHERE {item} IS NOT NULL"])
        inner = f"SELECT {item} FROM {self._table()} AS b{where}"
        return f"SELECT a.id, {value} FROM {self._table()} AS a WHERE {value} {not_}IN ({inner})"

    def _exists(self) -> str:
        key = self.pick.choice(["g", "i", "s", "c", "d", "tn", "o"])
        inner = (
            f"FROM {self._table()} AS b WHERE b.{key} = a.{self.pick.choice([key, key, 'g' if key == 'i' else key])}"
        )
        more = f" AND {self.condition(0, 'b.')}" if self.pick.random() < 0.5 else ""
        if self.pick.random() < 0.5:
            not_ = self.pick.choice(["", "NOT "])
            return f"SELECT a.id FROM {self._table()} AS a WHERE {not_}EXISTS (SELECT 1 {inner}{more})"
        made = self.pick.choice(
            ["count(*)", "max(b.n)", "sum(b.ti)", "min(b.s)", "avg(b.tn)", "count(b.i) + 1", "coalesce(sum(b.ti), 0)"]
        )
        return f"SELECT a.id, (SELECT {made} {inner}{more}) FROM {self._table()} AS a"

    def _cte(self) -> str:
        key, family = self.pick.choice(["g", "o", "c", "v"]), self._kind()
        value = self.expression(family, 1)
        grouped = f"SELECT {key} AS k, max({value}) AS m, count(*) AS c FROM {self._table()} GROUP BY {key}"
        return (
            f"WITH x AS ({grouped}), y AS (SELECT k, m FROM x WHERE c > 1) SELECT a.id, x.k, x.m, y.m FROM {self._table()} AS a "
            f"LEFT JOIN x ON x.k = a.{key} LEFT JOIN y ON y.k = x.k"
        )

    def _limited(self) -> str:
        key = self.expression(self._kind(), 1)
        order = f"2{self.pick.choice(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}, id"
        extent = self.pick.choice(["", " LIMIT 7", " LIMIT 5 OFFSET 3", " LIMIT 0", " OFFSET 20"])
        return f"SELECT id, {key} AS k FROM {self._table()} WHERE {self.condition(1)} ORDER BY {order}{extent}"

    def _distinct(self) -> str:
        items = ", ".join(self.expression(self._kind(), 1) for _ in range(self.pick.choice([1, 1, 2])))
        return f"SELECT DISTINCT {items} FROM {self._table()}"

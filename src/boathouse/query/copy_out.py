"""COPY … TO STDOUT: a query whose rows the endpoint encodes as COPY data."""

from __future__ import annotations

from typing import cast

from boathouse.contracts.answers import Answer, CopyFormat, CopyOut, Rows
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.query import plans
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s


def copy_out(house: House, session: Session, statement: s.CopyStdout) -> Answer:
    """COPY { table | (query) } TO STDOUT."""
    mine = cast(QuerySession, session)
    plan = plans.plan(mine, statement.query)
    sql = plans.intercept(mine, plan)
    rows: Rows = mine.engine.query(sql, (), plan.fields)
    options = statement.options
    form = cast(CopyFormat, options.get("format", "text"))
    csv = form == "csv"
    quote = str(options.get("quote", '"'))
    return CopyOut(
        rows,
        form,
        header=bool(options.get("header", False)),
        delimiter=str(options.get("delimiter", "," if csv else "\t")),
        null=str(options.get("null", "" if csv else "\\N")),
        quote=quote,
        escape=str(options.get("escape", quote)),
    )

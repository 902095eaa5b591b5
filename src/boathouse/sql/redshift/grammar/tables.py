"""CREATE TABLE, CREATE TABLE AS, CREATE VIEW, ALTER TABLE.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from boathouse.contracts.errors import DuplicateColumn, FeatureNotSupported, InvalidTableDefinition, UndefinedColumn
from boathouse.sql.redshift.grammar.columns import (
    AttributeDraft,
    read_collation,
    read_column,
    read_encoding,
    read_table_attribute,
    read_table_attributes,
    read_table_constraint,
)
from boathouse.sql.redshift.grammar.queries import read_inner_select, read_select
from boathouse.sql.redshift.types import read_type
from boathouse.sql.statements import (
    AlterTable,
    ColumnDefinition,
    CreateTable,
    CreateTableAs,
    CreateView,
    QualifiedName,
    TableAttributes,
)
from boathouse.sql.token_reader import TokenReader

COLUMNS_MAX = 1600


def read_create_table(reader: TokenReader) -> CreateTable | CreateTableAs:
    """CREATE [[LOCAL] TEMPORARY | TEMP] TABLE [IF NOT EXISTS] name …; a name that starts with # is temporary."""
    reader.expect("create")
    reader.accept("local")
    temporary = reader.accept_any("temp", "temporary") is not None
    reader.expect("table")
    if_not_exists = reader.accept("if", "not", "exists")
    name = reader.name()
    temporary = temporary or name.name.startswith("#")
    if _is_create_as(reader):
        return _create_as(reader, name, temporary, if_not_exists)
    columns, like, constraints = _definition(reader)
    attributes = replace(read_table_attributes(reader), constraints=constraints)
    reader.finish()
    _check(columns, bool(like), attributes)
    return CreateTable(
        text=reader.text,
        offset=reader.offset,
        name=name,
        columns=columns,
        like=like,
        attributes=attributes,
        temporary=temporary,
        if_not_exists=if_not_exists,
    )


def _is_create_as(reader: TokenReader) -> bool:
    """True where no column has a type: `t AS`, `t DISTKEY(a) AS`, `t (a, b) AS`."""
    if not reader.sees("("):
        return not reader.at_end
    return reader.ahead(1).kind in ("word", "quoted") and reader.ahead(2).value in (",", ")")


def _create_as(reader: TokenReader, name: QualifiedName, temporary: bool, if_not_exists: bool) -> CreateTableAs:
    columns = reader.identifiers_in_parentheses() if reader.sees("(") else ()
    attributes = read_table_attributes(reader)
    reader.expect("as")
    text, start = _query_text(reader)
    return CreateTableAs(
        text=reader.text,
        offset=reader.offset,
        name=name,
        query=read_inner_select(text, start, reader),
        columns=columns,
        attributes=attributes,
        temporary=temporary,
        if_not_exists=if_not_exists,
    )


def _query_text(reader: TokenReader) -> tuple[str, int]:
    """The query after AS without PostgreSQL's WITH [NO] DATA, which Redshift's documentation does not have."""
    if len(reader.tokens) > 4 and [token.value for token in reader.tokens[-4:-1]] == ["with", "no", "data"]:
        reader.fail(token=reader.tokens[-4], hint="Add WHERE false, or use CREATE TABLE ... (LIKE ...).")
    return reader.rest()


def _definition(
    reader: TokenReader,
) -> tuple[tuple[ColumnDefinition, ...], tuple[tuple[QualifiedName, bool], ...], tuple[str, ...]]:
    columns: list[ColumnDefinition] = []
    like: list[tuple[QualifiedName, bool]] = []
    constraints: list[str] = []
    reader.expect("(")
    while True:
        constraint = read_table_constraint(reader)
        if constraint is not None:
            constraints.append(constraint)
        elif reader.accept("like"):
            parent = reader.name()
            defaults = reader.accept_any("including", "excluding")
            if defaults:
                reader.expect("defaults")
            like.append((parent, defaults == "including"))
        else:
            columns.append(read_column(reader))
        if not reader.accept(","):
            break
    reader.expect(")")
    return tuple(columns), tuple(like), tuple(constraints)


def _check(columns: tuple[ColumnDefinition, ...], has_parents: bool, attributes: TableAttributes) -> None:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise DuplicateColumn(f'column "{name}" specified more than once')
        if sum(other.lower() == name.lower() for other in names) > 1:
            raise FeatureNotSupported(
                f'columns whose names differ only in case, as "{name}", are not supported',
                hint="The engine finds names without regard to case.",
            )
    if len(columns) > COLUMNS_MAX:
        raise InvalidTableDefinition(f"tables can have at most {COLUMNS_MAX} columns", sqlstate="54011")
    if sum(column.distkey for column in columns) + (attributes.distkey is not None) > 1:
        raise InvalidTableDefinition("cannot specify more than one column as distribution key")
    if any(column.distkey for column in columns) and attributes.diststyle not in (None, "key"):
        raise InvalidTableDefinition(f"cannot specify DISTKEY with DISTSTYLE {str(attributes.diststyle).upper()}")
    if sum(column.primary_key for column in columns) > 1:
        raise InvalidTableDefinition("multiple primary keys for the table are not allowed")
    if any(column.sortkey for column in columns) and attributes.sortkey:
        raise InvalidTableDefinition("the sort key is given twice, on a column and on the table")
    for key in (*attributes.sortkey, *((attributes.distkey,) if attributes.distkey else ())):
        if not has_parents and key not in names:
            raise UndefinedColumn(f'column "{key}" named in key does not exist')


def read_create_view(reader: TokenReader) -> CreateView:
    """CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING]."""
    reader.expect("create")
    or_replace = reader.accept("or", "replace")
    if reader.sees_any("temp", "temporary", "recursive"):
        reader.fail(hint="Redshift has no temporary views.")
    reader.expect("view")
    name = reader.name()
    columns = reader.identifiers_in_parentheses() if reader.sees("(") else ()
    reader.expect("as")
    text, start = reader.rest()
    tail = reader.tokens[-5:-1]
    late_binding = [token.value for token in tail] == ["with", "no", "schema", "binding"]
    if late_binding:
        text = text[: tail[0].start - start].rstrip()
        query = read_inner_select(text, start, reader)
    else:
        query = read_select(reader)
    return CreateView(
        text=reader.text,
        offset=reader.offset,
        name=name,
        query=query,
        columns=columns,
        or_replace=or_replace,
        late_binding=late_binding,
    )


# -- ALTER TABLE ---------------------------------------------------------------------------------------


def read_alter_table(reader: TokenReader) -> AlterTable:
    """ALTER TABLE name action; partitions and locations of external tables are in `external`."""
    reader.expect("alter")
    reader.expect_any("table", "view")
    name = reader.name()
    action, facts = _action(reader)
    reader.finish()
    return AlterTable(text=reader.text, offset=reader.offset, name=name, action=action, **facts)


def _action(reader: TokenReader) -> tuple[str, dict[str, Any]]:
    if reader.accept("add"):
        constraint = read_table_constraint(reader)
        if constraint is not None:
            return "add_constraint", {"constraint": constraint}
        reader.accept("column")
        return "add_column", {"column": read_column(reader)}
    if reader.accept("drop"):
        return _drop_action(reader)
    if reader.accept("rename"):
        if reader.accept("to"):
            return "rename", {"new_name": reader.identifier("the new name")}
        reader.accept("column")
        target = reader.identifier("a column's name")
        reader.expect("to")
        return "rename_column", {"target": target, "new_name": reader.identifier("the new name")}
    if reader.accept("owner"):
        reader.expect("to")
        return "owner", {"new_name": reader.identifier("a user")}
    if reader.accept("append"):
        reader.expect("from")
        source = reader.name()
        option = (
            reader.expect_any("ignoreextra", "filltarget") if reader.sees_any("ignoreextra", "filltarget") else None
        )
        return "append", {"source": source, "append_option": option}
    if reader.sees_any("row", "masking"):
        reader.refuse("ROW LEVEL SECURITY" if reader.sees("row") else "MASKING")
    if reader.sees_any("set"):
        reader.refuse("ALTER TABLE SET")
    reader.expect("alter")
    return _alter_action(reader)


def _drop_action(reader: TokenReader) -> tuple[str, dict[str, Any]]:
    if reader.accept("constraint"):
        name = reader.identifier("a constraint's name")
        reader.accept_any("cascade", "restrict")
        return "drop_constraint", {"constraint": name}
    reader.accept("column")
    target = reader.identifier("a column's name")
    return "drop_column", {"target": target, "cascade": reader.accept_any("cascade", "restrict") == "cascade"}


def _alter_action(reader: TokenReader) -> tuple[str, dict[str, Any]]:
    if reader.sees_any("diststyle", "distkey", "sortkey", "compound", "interleaved", "encode"):
        return "attributes", {"attributes": _altered_attributes(reader)}
    reader.accept("column")
    target = reader.identifier("a column's name")
    if reader.accept("type") or reader.accept("set", "data", "type"):
        found = read_type(reader, ddl=True)
        if reader.accept("collate") and read_collation(reader):
            reader.refuse("altering the collation of a column")
        if reader.sees("using"):
            reader.fail(hint="Redshift has no USING here.")
        return "alter_type", {"target": target, "type": found}
    if reader.accept("encode"):
        encodings = [(target, read_encoding(reader))]
        while reader.accept(","):
            reader.expect("alter")
            reader.accept("column")
            target = reader.identifier("a column's name")
            reader.expect("encode")
            encodings.append((target, read_encoding(reader)))
        return "encode", {"encodings": tuple(encodings)}
    if reader.sees_any("set", "drop"):
        reader.fail(hint="Redshift alters only a column's type and encoding.")
    return reader.fail()


def _altered_attributes(reader: TokenReader) -> TableAttributes:
    draft = AttributeDraft()
    _alter_attribute(reader, draft)
    while reader.accept(","):
        reader.expect("alter")
        _alter_attribute(reader, draft)
    return draft.found


def _alter_attribute(reader: TokenReader, draft: AttributeDraft) -> None:
    if reader.accept("distkey"):
        draft.change(reader, distkey=reader.identifier("a column's name"))
    elif reader.accept("diststyle"):
        style = reader.expect_any("all", "even", "key", "auto")
        draft.change(reader, diststyle=style)
        if style == "key":
            reader.expect("distkey")
            draft.change(reader, distkey=reader.identifier("a column's name"))
    elif not read_table_attribute(reader, draft):
        reader.fail()

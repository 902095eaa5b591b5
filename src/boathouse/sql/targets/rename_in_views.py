"""Views follow a relation that is renamed: their texts are written anew with its new name.

Received from `alter_to_duckdb`: the relation and all views' notes. A view is Redshift text, found by the names in it, so
where Redshift's views follow by object number, ours follow by this. Only the name in FROM is replaced, under its old
one as an alias, so that `old.column` keeps its meaning; all else of the text stays as the user wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts.relations import Catalog, Relation
from boathouse.sql.exact_names import fold
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.notes import write_note
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import QualifiedName, Relational
from boathouse.sql.targets.ddl_columns import DdlContext, comment_on


def rename_in_views(relation: Relation, new: str, context: DdlContext) -> list[str]:
    """The engine's statements that give each view on the relation its new text; late-binding views stay as they are."""
    found = []
    old = [relation.schema, relation.name]
    for (schema, name), note in context.views.items():
        depends = [list(pair) for pair in note.get("depends", ())]
        if old not in depends or note.get("late_binding"):
            continue
        catalog = context.catalog.within(tuple(str(one) for one in note.get("search_path", ())))
        changed = {
            **note,
            "query": renamed_text(str(note["query"]), relation, new, catalog, bool(note.get("case_sensitive"))),
            "depends": [[relation.schema, new] if pair == old else pair for pair in depends],
        }
        kind = "TABLE" if note.get("materialized") else "VIEW"
        found.append(comment_on(kind, context.place(QualifiedName(name, schema)), write_note(**changed)))
    return found


def renamed_text(text: str, relation: Relation, new: str, catalog: Catalog, case_sensitive: bool = False) -> str:
    """A query's text with the relation under its new name wherever FROM names it."""
    statement = parse_statement(text, case_sensitive=case_sensitive)
    assert isinstance(statement, Relational)
    places = [
        (table.parts[-1], table)
        for table in statement.tree.find_all(exp.Table)
        if all(isinstance(part, exp.Identifier) for part in table.parts) and _names(table, relation, catalog)
    ]
    for identifier, table in sorted(places, key=lambda place: int(place[0].meta["start"]), reverse=True):
        start, end = int(identifier.meta["start"]), int(identifier.meta["end"]) + 1
        alias = "" if table.args.get("alias") else f" AS {quoted(fold(identifier.name))}"
        text = text[:start] + quoted(new) + alias + text[end:]
    return text


def _names(table: exp.Table, relation: Relation, catalog: Catalog) -> bool:
    parts = [fold(part.name) for part in table.parts]
    if len(parts) == 1 and parts[0] in _common_tables(table):
        return False
    if len(parts) == 3 and catalog.has_database(parts[0]):
        return False  # the name of a table at a source, which stays what it is there
    found = catalog.relation(parts[-2] if len(parts) > 1 else None, parts[-1])
    return found is not None and found.engine_name == relation.engine_name


def _common_tables(table: exp.Table) -> Sequence[str]:
    """Names that WITH gives around a table."""
    names = []
    parent = table.parent
    while parent is not None:
        with_ = parent.args.get("with_")
        names += [fold(one.alias) for one in with_.expressions] if with_ is not None else []
        parent = parent.parent
    return names

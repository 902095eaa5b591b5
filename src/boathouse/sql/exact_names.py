"""Names that keep their case: those in quotes while `enable_case_sensitive_identifier` is on.

Made by the readers of statements; folded, or not, by everybody who compares a name with the catalog's. All other names
are folded to lower case, in quotes too. Source: Redshift Developer Guide, "Names and identifiers".
"""

from __future__ import annotations

from sqlglot import exp


class ExactName(str):
    """A name that is not folded."""

    __slots__ = ()


def fold(name: str) -> str:
    """The name as the catalog knows it."""
    return name if isinstance(name, ExactName) else name.lower()


def keep_quoted(tree: exp.Expression) -> None:
    """Mark the names in quotes of a tree as read."""
    for node in tree.find_all(exp.Identifier):
        if node.args.get("quoted"):
            node.set("this", ExactName(node.this))

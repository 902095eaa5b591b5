"""Small catalogs whose rows never change: access methods, operator classes, operators, casts, collations, keywords.

They describe the one access method and the operators that clients ask for by name; keys have indexes in name only.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_OPERATORS = (
    (15, "=", 23, 20, 16), (96, "=", 23, 23, 16), (97, "<", 23, 23, 16), (521, ">", 23, 23, 16), (518, "<>", 23, 23, 16),
    (523, "<=", 23, 23, 16), (525, ">=", 23, 23, 16), (551, "+", 23, 23, 23), (555, "-", 23, 23, 23),
    (514, "*", 23, 23, 23), (528, "/", 23, 23, 23), (530, "%", 23, 23, 23), (410, "=", 20, 20, 16),
    (412, "<", 20, 20, 16), (413, ">", 20, 20, 16), (98, "=", 25, 25, 16), (531, "<>", 25, 25, 16),
    (664, "<", 25, 25, 16), (666, ">", 25, 25, 16), (641, "~", 25, 25, 16), (642, "!~", 25, 25, 16),
    (1228, "~*", 25, 25, 16), (1229, "!~*", 25, 25, 16), (654, "||", 25, 25, 25), (1209, "~~", 25, 25, 16),
    (1210, "!~~", 25, 25, 16), (91, "=", 16, 16, 16), (1093, "=", 1082, 1082, 16), (2060, "=", 1114, 1114, 16),
    (1752, "=", 1700, 1700, 16), (670, "=", 701, 701, 16), (607, "=", 26, 26, 16),
)  # fmt: skip
_ROWS = ", ".join(f"({oid}, '{name}', {left}, {right}, {result})" for oid, name, left, right, result in _OPERATORS)
_CASTS = (
    (21, 23, "i"), (21, 20, "i"), (23, 20, "i"), (23, 701, "i"), (20, 701, "i"), (20, 23, "a"), (23, 21, "a"),
    (23, 1700, "i"), (20, 1700, "i"), (1700, 23, "a"), (1700, 701, "i"), (701, 1700, "a"), (701, 23, "a"),
    (700, 701, "i"), (701, 700, "a"), (1043, 25, "i"), (1042, 25, "i"), (25, 1043, "i"), (19, 25, "i"),
    (1082, 1114, "i"), (1114, 1082, "a"), (1114, 1184, "i"), (1184, 1114, "a"), (23, 26, "i"), (26, 2205, "i"),
    (2205, 26, "i"),
)  # fmt: skip
_CAST_ROWS = ", ".join(f"({source}, {target}, '{context}')" for source, target, context in _CASTS)

_RESERVED_WORDS = """
aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary
blanksasnull both bytedict bzip2 case cast check collate column constraint create credentials cross current_date
current_time current_timestamp current_user current_user_id default deferrable deflate defrag delta delta32k desc
disable distinct do else emptyasnull enable encode encrypt encryption end except explicit false for foreign freeze from
full globaldict256 globaldict64k grant group gzip having identity ignore ilike in initially inner intersect interval
into is isnull join leading left like limit localtime localtimestamp lun luns lzo lzop minus mostly16 mostly32 mostly8
natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps parallel partition
percent permissions pivot placing primary raw readratio recover references rejectlog resort respect restore right
select session_user similar snapshot some sysdate system table tag tdes text255 text32k then timestamp to top trailing
true truncatecolumns union unique unnest unpivot user using verbose wallet when where with without
"""
"""Redshift's reserved words. Source: Redshift Developer Guide, "Reserved words" (r_pg_keywords)."""

OPERATORS = (
    SystemRelation(
        "pg_get_keywords()",
        (("word", "text"), ("catcode", '"char"'), ("catdesc", "text")),
        f"SELECT unnest({_RESERVED_WORDS.split()}) AS word, 'R' AS catcode, 'reserved' AS catdesc",
    ),
    SystemRelation(
        "pg_am",
        (
            ("oid", "oid"), ("amname", "name"), ("amhandler", "regproc"), ("amtype", '"char"'), ("amcanorder", "boolean"),
            ("amcanunique", "boolean"), ("amcanmulticol", "boolean"), ("amcanbackward", "boolean"),
        ),
        "SELECT oid::BIGINT AS oid, name AS amname, 0::BIGINT AS amhandler, kind AS amtype, kind = 'i' AS amcanorder, "
        "kind = 'i' AS amcanunique, kind = 'i' AS amcanmulticol, kind = 'i' AS amcanbackward "
        "FROM (VALUES (2, 'heap', 't'), (403, 'btree', 'i')) t(oid, name, kind)",
    ),
    SystemRelation(
        "pg_opclass",
        (
            ("oid", "oid"), ("opcmethod", "oid"), ("opcname", "name"), ("opcnamespace", "oid"), ("opcowner", "oid"),
            ("opcfamily", "oid"), ("opcintype", "oid"), ("opcdefault", "boolean"), ("opckeytype", "oid"),
            ("opcamid", "oid"),
        ),
        "SELECT 1978::BIGINT AS oid, 403::BIGINT AS opcmethod, 'int4_ops' AS opcname, 11::BIGINT AS opcnamespace, "
        "1::BIGINT AS opcowner, 1976::BIGINT AS opcfamily, 23::BIGINT AS opcintype, true AS opcdefault, "
        "0::BIGINT AS opckeytype, 403::BIGINT AS opcamid",
    ),
    SystemRelation(
        "pg_operator",
        (
            ("oid", "oid"), ("oprname", "name"), ("oprnamespace", "oid"), ("oprowner", "oid"), ("oprkind", '"char"'),
            ("oprcanmerge", "boolean"), ("oprcanhash", "boolean"), ("oprleft", "oid"), ("oprright", "oid"),
            ("oprresult", "oid"), ("oprcom", "oid"), ("oprnegate", "oid"), ("oprcode", "regproc"),
            ("oprrest", "regproc"), ("oprjoin", "regproc"),
        ),
        "SELECT oid::BIGINT AS oid, name AS oprname, 11::BIGINT AS oprnamespace, 1::BIGINT AS oprowner, 'b' AS oprkind, "
        "name = '=' AS oprcanmerge, name = '=' AS oprcanhash, l::BIGINT AS oprleft, r::BIGINT AS oprright, "
        "result::BIGINT AS oprresult, 0::BIGINT AS oprcom, 0::BIGINT AS oprnegate, 0::BIGINT AS oprcode, "
        f"0::BIGINT AS oprrest, 0::BIGINT AS oprjoin FROM (VALUES {_ROWS}) t(oid, name, l, r, result)",
        kept=True,
    ),
    SystemRelation(
        "pg_cast",
        (
            ("oid", "oid"), ("castsource", "oid"), ("casttarget", "oid"), ("castfunc", "oid"), ("castcontext", '"char"'),
            ("castmethod", '"char"'),
        ),
        "SELECT (10000 + row_number() OVER ())::BIGINT AS oid, source::BIGINT AS castsource, "
        "target::BIGINT AS casttarget, 0::BIGINT AS castfunc, context AS castcontext, 'i' AS castmethod "
        f"FROM (VALUES {_CAST_ROWS}) t(source, target, context)",
        kept=True,
    ),
    SystemRelation(
        "pg_collation",
        (
            ("oid", "oid"), ("collname", "name"), ("collnamespace", "oid"), ("collowner", "oid"),
            ("collprovider", '"char"'), ("collisdeterministic", "boolean"), ("collencoding", "integer"),
            ("collcollate", "text"), ("collctype", "text"), ("colliculocale", "text"), ("collversion", "text"),
        ),
        "SELECT oid::BIGINT AS oid, name AS collname, 11::BIGINT AS collnamespace, 1::BIGINT AS collowner, "
        "CASE WHEN name = 'default' THEN 'd' ELSE 'c' END AS collprovider, true AS collisdeterministic, "
        "-1::INTEGER AS collencoding, 'C' AS collcollate, 'C' AS collctype, NULL::VARCHAR AS colliculocale, "
        "NULL::VARCHAR AS collversion FROM (VALUES (100, 'default'), (950, 'C'), (951, 'POSIX')) t(oid, name)",
    ),
)  # fmt: skip

"""The lake in the system catalog: svv_external_* over the data catalog's tables.

Columns and their order: Redshift Developer Guide, "SVV_EXTERNAL_SCHEMAS" and its neighbours.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.lake.catalogs.shown import PARTITIONS_SQL, TABLES_SQL

_DATABASE = ("redshift_database_name", "varchar(128)")
_HIVE = "org.apache.hadoop.hive."
_FORMATS = {
    "parquet": ("ql.io.parquet.serde.ParquetHiveSerDe", "ql.io.parquet.MapredParquetInputFormat"),
    "orc": ("ql.io.orc.OrcSerde", "ql.io.orc.OrcInputFormat"),
    "avro": ("serde2.avro.AvroSerDe", "ql.io.avro.AvroContainerInputFormat"),
}
"""SerDe and input format by the word after STORED AS; what is not here is text."""


def _by_format(given: str, place: int, other: str) -> str:
    cases = " ".join(f"WHEN '{stored}' THEN '{_HIVE}{names[place]}'" for stored, names in _FORMATS.items())
    return f"coalesce(format ->> '{given}', CASE format ->> 'stored_as' {cases} ELSE '{other}' END)"


_SERDE = _by_format("serde", 0, f"{_HIVE}serde2.lazy.LazySimpleSerDe")
_INPUT = _by_format("input_format", 1, "org.apache.hadoop.mapred.TextInputFormat")
_OUTPUT = _INPUT.replace("input_format", "output_format").replace("InputFormat", "OutputFormat")
_OUTPUT = _OUTPUT.replace("mapred.TextOutputFormat", "hive.ql.io.HiveIgnoreKeyTextOutputFormat")
# Kept as a list of pairs; Redshift shows one object.
_PAIRS = "CASE WHEN {0} IS NULL OR {0} = '[]' THEN '' ELSE '{{' || array_to_string(list_transform({0}::JSON::JSON[], "
_PAIRS += "lambda pair: (pair -> 0)::VARCHAR || ':' || (pair -> 1)::VARCHAR), ',') || '}}' END"
_SERDE_PARAMETERS = _PAIRS.format("(format -> 'serde_properties')::VARCHAR")
_PARAMETERS = _PAIRS.format("properties")
_TABLE = "schemaname, name, format::JSON AS format, location, properties, shown"
_SHOWN_TABLES = f"(SELECT {_TABLE} FROM (SELECT s.name AS schemaname, t.* FROM boathouse.external_tables t "
_SHOWN_TABLES += "JOIN boathouse.external_schemas s ON s.database_name = t.database_name AND s.glue IS NULL) "
_SHOWN_TABLES += f"UNION ALL SELECT {_TABLE} FROM {TABLES_SQL})"
_SHOWN_PARTITIONS = "(SELECT s.name AS schemaname, p.table_name, p.key_values, p.location FROM "
_SHOWN_PARTITIONS += (
    "boathouse.external_partitions p JOIN boathouse.external_schemas s ON s.database_name = p.database_name "
)
_SHOWN_PARTITIONS += (
    f"AND s.glue IS NULL UNION ALL SELECT schemaname, table_name, key_values, location FROM {PARTITIONS_SQL})"
)

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_external_schemas",
        (
            ("esoid", "oid"),
            ("eskind", "smallint"),
            ("schemaname", "varchar(128)"),
            ("esowner", "integer"),
            ("databasename", "varchar"),
            ("esoptions", "varchar"),
        ),
        "SELECT (200000 + row_number() OVER (ORDER BY e.name))::BIGINT AS esoid, "
        "CASE f.engine WHEN 'postgres' THEN 3 WHEN 'mysql' THEN 8 ELSE 1 END::SMALLINT AS eskind, "
        "e.name AS schemaname, memory.rs.owner_id('schema', '', e.name)::INTEGER AS esowner, "
        "coalesce(f.database_name, e.database_name) AS databasename, "
        "CASE WHEN f.name IS NOT NULL THEN to_json({'SCHEMA': f.remote_schema, 'URI': f.uri, 'PORT': f.port, "
        "'SECRET': f.secret})::VARCHAR "
        "WHEN e.iam_role IS NULL THEN '{}' ELSE to_json({'IAM_ROLE': e.iam_role})::VARCHAR END AS esoptions "
        "FROM boathouse.external_schemas e LEFT JOIN boathouse.federated_schemas f ON f.name = e.name",
        schema_column="schemaname",
    ),
    SystemRelation(
        "svv_external_databases",
        (
            ("eskind", "integer"),
            ("esoptions", "varchar"),
            ("databasename", "varchar"),
            ("location", "varchar"),
            ("parameters", "varchar"),
        ),
        "SELECT 1::INTEGER AS eskind, '{}' AS esoptions, name AS databasename, '' AS location, '' AS parameters "
        "FROM (SELECT name FROM boathouse.external_databases UNION SELECT database_name FROM boathouse.external_schemas "
        "WHERE glue IS NOT NULL)",
    ),
    SystemRelation(
        "svv_external_tables",
        (
            _DATABASE,
            ("schemaname", "varchar(128)"),
            ("tablename", "varchar(128)"),
            ("tabletype", "varchar"),
            ("location", "varchar"),
            ("input_format", "varchar"),
            ("output_format", "varchar"),
            ("serialization_lib", "varchar"),
            ("serde_parameters", "varchar"),
            ("compressed", "integer"),
            ("parameters", "varchar"),
        ),
        "SELECT current_database() AS redshift_database_name, schemaname, name AS tablename, 'TABLE' AS tabletype, "
        f"location, {_INPUT} AS input_format, {_OUTPUT} AS output_format, {_SERDE} AS serialization_lib, "
        f"{_SERDE_PARAMETERS} AS serde_parameters, 0::INTEGER AS compressed, "
        f"{_PARAMETERS} AS parameters FROM {_SHOWN_TABLES}",
        schema_column="schemaname",
    ),
    SystemRelation(
        "svv_external_columns",
        (
            _DATABASE,
            ("schemaname", "varchar(128)"),
            ("tablename", "varchar(128)"),
            ("columnname", "varchar(128)"),
            ("external_type", "varchar"),
            ("columnnum", "integer"),
            ("part_key", "integer"),
            ("is_nullable", "varchar"),
        ),
        "SELECT current_database() AS redshift_database_name, schemaname, name AS tablename, "
        "c ->> '$[0]' AS columnname, c ->> '$[1]' AS external_type, place::INTEGER AS columnnum, "
        "(c ->> '$[2]')::INTEGER AS part_key, 'true' AS is_nullable FROM "
        "(SELECT schemaname, name, unnest(shown::JSON::JSON[]) AS c, "
        f"generate_subscripts(shown::JSON::JSON[], 1) AS place FROM {_SHOWN_TABLES})",
        schema_column="schemaname",
    ),
    SystemRelation(
        "svv_external_partitions",
        (
            _DATABASE,
            ("schemaname", "varchar(128)"),
            ("tablename", "varchar(128)"),
            ("values", "varchar"),
            ("location", "varchar"),
            ("input_format", "varchar"),
            ("output_format", "varchar"),
            ("serialization_lib", "varchar"),
            ("serde_parameters", "varchar"),
            ("compressed", "integer"),
            ("parameters", "varchar"),
        ),
        "SELECT current_database() AS redshift_database_name, t.schemaname, p.table_name AS tablename, "
        'to_json(p.key_values)::VARCHAR AS "values", p.location, '
        f"{_INPUT} AS input_format, {_OUTPUT} AS output_format, {_SERDE} AS serialization_lib, "
        f"{_SERDE_PARAMETERS} AS serde_parameters, 0::INTEGER AS compressed, "
        f"{_PARAMETERS} AS parameters FROM {_SHOWN_PARTITIONS} p "
        f"JOIN {_SHOWN_TABLES} t ON t.schemaname = p.schemaname AND t.name = p.table_name",
        schema_column="schemaname",
    ),
)

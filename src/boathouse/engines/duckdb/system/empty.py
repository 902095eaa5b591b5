"""What PostgreSQL has and this house has not: relations without rows, whose columns clients ask for all the same.

No trigger, policy, publication, sequence to look at, enum or range exists here; the honest answer is none.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.sql.redshift.types import duckdb_type, parse_type

_COLUMNS: dict[str, str] = {
    "pg_trigger": 'oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype smallint, tgenabled "char", '
    "tgisinternal boolean, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable boolean, "
    "tginitdeferred boolean, tgnargs smallint, tgattr int2vector, tgargs bytea, tgqual pg_node_tree, tgoldtable name, "
    "tgnewtable name",
    "pg_event_trigger": 'oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled "char", evttags text[]',
    "pg_policy": 'oid oid, polname name, polrelid oid, polcmd "char", polpermissive boolean, polroles oid[], '
    "polqual pg_node_tree, polwithcheck pg_node_tree",
    "pg_policies": "schemaname name, tablename name, policyname name, permissive text, roles name[], cmd text, qual text, "
    "with_check text",
    "pg_publication": "oid oid, pubname name, pubowner oid, puballtables boolean, pubinsert boolean, pubupdate boolean, "
    "pubdelete boolean, pubtruncate boolean, pubviaroot boolean",
    "pg_publication_rel": "oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs int2vector",
    "pg_publication_namespace": "oid oid, pnpubid oid, pnnspid oid",
    "pg_publication_tables": "pubname name, schemaname name, tablename name, attnames name[], rowfilter text",
    "pg_subscription": "oid oid, subdbid oid, subname name, subowner oid, subenabled boolean, subconninfo text, "
    "subslotname name, subpublications text[]",
    "pg_subscription_rel": 'srsubid oid, srrelid oid, srsubstate "char"',
    "pg_replication_slots": "slot_name name, plugin name, slot_type text, datoid oid, database name, temporary boolean, "
    "active boolean, active_pid integer, xmin xid, catalog_xmin xid, restart_lsn text",
    "pg_stat_replication": "pid integer, usesysid oid, usename name, application_name text, state text, sync_state text",
    "pg_inherits": "inhrelid oid, inhparent oid, inhseqno integer, inhdetachpending boolean",
    "pg_partitioned_table": 'partrelid oid, partstrat "char", partnatts smallint, partdefid oid, partattrs int2vector, '
    "partclass oidvector, partcollation oidvector, partexprs pg_node_tree",
    "pg_enum": "oid oid, enumtypid oid, enumsortorder real, enumlabel name",
    "pg_range": "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, rngcanonical regproc, "
    "rngsubdiff regproc",
    "pg_extension": "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable boolean, extversion text, "
    "extconfig oid[], extcondition text[]",
    "pg_available_extensions": "name name, default_version text, installed_version text, comment text",
    "pg_available_extension_versions": "name name, version text, installed boolean, superuser boolean, trusted boolean, "
    "relocatable boolean, schema name, requires name[], comment text",
    "pg_statistic_ext": "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget integer, "
    'stxkeys int2vector, stxkind "char"[], stxexprs pg_node_tree',
    "pg_statistic": "starelid oid, staattnum smallint, stainherit boolean, stanullfrac real, stawidth integer, "
    "stadistinct real",
    "pg_stats": "schemaname name, tablename name, attname name, inherited boolean, null_frac real, avg_width integer, "
    "n_distinct real, most_common_vals anyarray, most_common_freqs real[], histogram_bounds anyarray, correlation real",
    "pg_seclabel": "objoid oid, classoid oid, objsubid integer, provider text, label text",
    "pg_shseclabel": "objoid oid, classoid oid, provider text, label text",
    "pg_seclabels": "objoid oid, classoid oid, objsubid integer, objtype text, objnamespace oid, objname text, "
    "provider text, label text",
    "pg_shdescription": "objoid oid, classoid oid, description text",
    "pg_shdepend": 'dbid oid, classid oid, objid oid, objsubid integer, refclassid oid, refobjid oid, deptype "char"',
    "pg_library": "name name, language_oid oid, file_store_id integer, owner integer",
    "pg_sequence": "seqrelid oid, seqtypid oid, seqstart bigint, seqincrement bigint, seqmax bigint, seqmin bigint, "
    "seqcache bigint, seqcycle boolean",
    "pg_sequences": "schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value bigint, "
    "min_value bigint, max_value bigint, increment_by bigint, cycle boolean, cache_size bigint, last_value bigint",
    "pg_db_role_setting": "setdatabase oid, setrole oid, setconfig text[]",
    "pg_user_mapping": "oid oid, umuser oid, umserver oid, umoptions text[]",
    "pg_user_mappings": "umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions text[]",
    "pg_largeobject_metadata": "oid oid, lomowner oid, lomacl aclitem[]",
    "pg_largeobject": "loid oid, pageno integer, data bytea",
    "pg_transform": "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc",
    "pg_rules": "schemaname name, tablename name, rulename name, definition text",
    "pg_prepared_xacts": "transaction xid, gid text, prepared timestamptz, owner name, database name",
    "pg_ts_config": "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid",
    "pg_ts_dict": "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text",
    "pg_ts_parser": "oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, prsend regproc, "
    "prsheadline regproc, prslextype regproc",
    "pg_ts_template": "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc",
    "pg_amop": 'oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy smallint, amoppurpose "char", '
    "amopopr oid, amopmethod oid, amopsortfamily oid",
    "pg_amproc": "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum smallint, amproc regproc",
    "pg_opfamily": "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid",
    "pg_conversion": "oid oid, conname name, connamespace oid, conowner oid, conforencoding integer, "
    "contoencoding integer, conproc regproc, condefault boolean",
    "pg_init_privs": 'objoid oid, classoid oid, objsubid integer, privtype "char", initprivs aclitem[]',
    "pg_parameter_acl": "oid oid, parname text, paracl aclitem[]",
    "pg_config": "name text, setting text",
    "pg_file_settings": "sourcefile text, sourceline integer, seqno integer, name text, setting text, applied boolean, "
    "error text",
    "pg_hba_file_rules": "line_number integer, type text, database text[], user_name text[], address text, netmask text, "
    "auth_method text, options text[], error text",
}


def relation_without_rows(name: str, listed: str) -> SystemRelation:
    """A relation of the columns listed as `name type, …` that has no rows."""
    columns = [tuple(part.split(" ", 1)) for part in listed.split(", ")]
    nothing = ", ".join(f'CAST(NULL AS {duckdb_type(parse_type(kind))}) AS "{column}"' for column, kind in columns)
    return SystemRelation(name, tuple((column, kind) for column, kind in columns), f"SELECT {nothing} WHERE false")


EMPTY: tuple[SystemRelation, ...] = tuple(relation_without_rows(name, listed) for name, listed in _COLUMNS.items())

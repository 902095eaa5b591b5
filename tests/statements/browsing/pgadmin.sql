-- What pgAdmin asks at connecting and in its tree: the server's state, roles, databases, schemas, tables with their counts.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SELECT pg_is_in_recovery() AS recovering, CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS paused, current_setting('is_superuser') AS super;
--> recovering:bool | paused:bool | super:varchar
--> f | f | on
SELECT db.datname, pg_encoding_to_char(db.encoding) AS serverencoding, has_database_privilege(db.oid, 'CREATE') AS cancreate, datallowconn, current_setting('search_path') IS NOT NULL AS path FROM pg_catalog.pg_database db WHERE db.datname = current_database();
--> datname:name | serverencoding:name | cancreate:bool | datallowconn:bool | path:bool
--> dev | UTF8 | t | t | t
SELECT roles.rolname, roles.rolsuper OR roles.rolcreaterole AS can_create_role, CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreatedb END AS can_create_db FROM pg_catalog.pg_roles roles WHERE rolname = current_user;
--> rolname:name | can_create_role:bool | can_create_db:bool
--> admin | t | t
SELECT nsp.nspname = current_schema() AS here, has_schema_privilege(nsp.oid, 'CREATE') AS can_create, has_schema_privilege(nsp.oid, 'USAGE') AS has_usage, des.description FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = nsp.oid AND des.classoid = 'pg_namespace'::regclass) WHERE nspname NOT LIKE E'pg\\_%' AND NOT (nsp.nspname = 'information_schema' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'tables' AND relnamespace = nsp.oid LIMIT 1)) AND nsp.nspname = current_schema() ORDER BY nspname;
--> here:bool | can_create:bool | has_usage:bool | description:text
--> t | t | t | NULL
SELECT rel.relname AS name, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = FALSE) AS triggercount, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = FALSE AND tgenabled = 'O') AS enabled, rel.relkind = 'p' AS is_partitioned FROM pg_catalog.pg_class rel WHERE rel.relkind IN ('r', 's', 't', 'p') AND rel.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND NOT rel.relispartition ORDER BY rel.relname;
--> name:name | triggercount:int8 | enabled:int8 | is_partitioned:bool
--> customers | 0 | 0 | f
--> orders | 0 | 0 | f
SELECT rel.relname AS name, CASE WHEN length(spc.spcname::text) > 0 THEN spc.spcname ELSE (SELECT sp.spcname FROM pg_catalog.pg_database dtb JOIN pg_catalog.pg_tablespace sp ON dtb.dattablespace = sp.oid WHERE dtb.datname = current_database()) END AS spcname, pg_get_userbyid(rel.relowner) AS relowner, des.description, con.conname, con.conkey, substring(array_to_string(rel.reloptions, ',') FROM 'fillfactor=([0-9]*)') AS fillfactor, (SELECT ARRAY(SELECT quote_ident(c.relname) FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent WHERE i.inhrelid = rel.oid ORDER BY inhseqno)) AS parents, (SELECT count(*) FROM pg_catalog.pg_inherits i WHERE i.inhrelid = rel.oid) AS parents_count FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_tablespace spc ON spc.oid = rel.reltablespace LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = rel.oid AND des.objsubid = 0 AND des.classoid = 'pg_class'::regclass) LEFT OUTER JOIN pg_catalog.pg_constraint con ON con.conrelid = rel.oid AND con.contype = 'p' WHERE rel.oid = 'customers'::regclass;
--> name:name | spcname:name | relowner:name | description:text | conname:name | conkey:int2[] | fillfactor:varchar | parents:1015 | parents_count:int8
--> customers | pg_default | admin | NULL | customers_pkey | {1} | NULL | {} | 0
SELECT att.attname AS name, att.attnum, format_type(ty.oid, NULL) AS typname, format_type(ty.oid, att.atttypmod) AS displaytypname, CASE WHEN ty.typelem > 0 THEN ty.typelem ELSE ty.oid END AS elemoid, tn.nspname AS typnspname, pg_get_expr(def.adbin, def.adrelid) AS defval, CASE WHEN coll.collname IS NOT NULL THEN 1 ELSE 0 END AS collated, EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = att.attrelid AND contype = 'f' AND att.attnum = ANY (conkey)) AS is_fk FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid = atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = ty.typnamespace LEFT OUTER JOIN pg_catalog.pg_attrdef def ON adrelid = att.attrelid AND adnum = att.attnum LEFT OUTER JOIN pg_catalog.pg_collation coll ON att.attcollation = coll.oid WHERE att.attrelid = 'customers'::regclass AND att.attnum > 0 AND NOT att.attisdropped ORDER BY att.attnum;
--> name:name | attnum:int2 | typname:text | displaytypname:text | elemoid:oid | typnspname:name | defval:text | collated:int4 | is_fk:bool
--> id | 1 | integer | integer | 23 | pg_catalog | NULL | 0 | f
--> name | 2 | character varying | character varying(20) | 1043 | pg_catalog | 'x' | 1 | f
--> region | 3 | integer | integer | 23 | pg_catalog | NULL | 0 | f
SELECT pg_size_pretty(pg_relation_size('customers'::regclass)) AS size, pg_relation_size('customers'::regclass) IS NULL AS unknown;
--> size:text | unknown:bool
--> NULL | t
SELECT count(*) > 0 AS sessions FROM pg_catalog.pg_stat_activity WHERE datname = current_database();
--> sessions:bool
--> t
SELECT locktype, count(*) FROM pg_locks GROUP BY 1 ORDER BY 1 LIMIT 1;
--> locktype:text | count:int8
SELECT name, vartype FROM pg_settings WHERE name = 'statement_timeout';
--> name:text | vartype:text
--> statement_timeout | integer

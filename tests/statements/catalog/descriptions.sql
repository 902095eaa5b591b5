-- Comments, definitions, owners, defaults and settings, by the functions that clients call.
-- source: c_SQL_functions_leader_node_only

CREATE TABLE noted (a integer DEFAULT 7, b varchar(3));
--> CREATE TABLE
COMMENT ON TABLE noted IS 'a table';
--> COMMENT
COMMENT ON COLUMN noted.b IS 'a column';
--> COMMENT
CREATE VIEW seen AS SELECT a FROM noted;
--> CREATE VIEW
SELECT obj_description('noted'::regclass, 'pg_class') AS of_table, col_description('noted'::regclass, 2) AS of_column, pg_get_userbyid(c.relowner) AS owner FROM pg_class c WHERE c.oid = 'noted'::regclass;
--> of_table:text | of_column:text | owner:name
--> a table | a column | admin
SELECT pg_get_viewdef('seen'::regclass, true) AS definition, pg_catalog.pg_table_is_visible('seen'::regclass) AS visible, pg_is_in_recovery() AS recovering FROM pg_class WHERE oid = 1259;
--> definition:text | visible:bool | recovering:bool
--> SELECT a FROM noted | t | f
SELECT pg_get_expr(d.adbin, d.adrelid) AS expression FROM pg_attrdef d WHERE d.adrelid = 'noted'::regclass;
--> expression:text
--> 7
SELECT d.refobjid::regclass AS stands_on FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass WHERE r.ev_class = 'seen'::regclass AND d.deptype = 'n';
--> stands_on:regclass
--> noted
SELECT usename, usesuper, passwd FROM pg_user WHERE usename = 'admin';
--> usename:name | usesuper:bool | passwd:text
--> admin | t | ********
SELECT name, setting FROM pg_settings WHERE name IN ('datestyle', 'server_version') ORDER BY 1;
--> name:text | setting:text
--> datestyle | ISO, MDY
--> server_version | 8.0.2
SELECT set_config('application_name', 'me', false) AS set, current_setting('application_name') AS now, current_setting('no.such', true) AS missing;
--> set:text | now:varchar | missing:varchar
--> me | me | NULL
SELECT datname, pg_encoding_to_char(encoding) AS encoding FROM pg_database;
--> datname:name | encoding:name
--> dev | UTF8
SELECT pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result FROM pg_proc WHERE proname = 'substring';
--> arguments:text | result:text
--> character varying, integer, integer | character varying
SELECT count(*) FROM pg_trigger;
--> count:int8
--> 0
SELECT schemaname = current_schema() AS mine, tablename, "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def WHERE tablename = 'noted' ORDER BY 3;
--> mine:bool | tablename:name | column:name | type:varchar | encoding:varchar | distkey:bool | sortkey:int4 | notnull:bool
--> t | noted | a | integer | none | f | 0 | f
--> t | noted | b | character varying(3) | none | f | 0 | f

-- Lists of what there is show a user what the user has some privilege on; texts are for who may use them.
-- source: c_visibility-of-data
CREATE SCHEMA guard_lists;
CREATE SCHEMA guard_other;
CREATE USER looker1 PASSWORD 'Looker1Pass';
CREATE USER keeper1 PASSWORD 'Keeper1Pass';
CREATE TABLE guard_lists.t (a integer, b integer, PRIMARY KEY (a));
CREATE TABLE guard_lists.hidden (a integer);
CREATE TABLE guard_other.t (a integer);
INSERT INTO guard_lists.t VALUES (1, 2);
INSERT INTO guard_other.t VALUES (1);
CREATE VIEW guard_lists.v AS SELECT a FROM guard_lists.t;
CREATE MATERIALIZED VIEW guard_lists.m AS SELECT a FROM guard_lists.t;
CREATE FUNCTION guard_lists.f_open(integer) RETURNS integer STABLE AS $$ select $1 $$ LANGUAGE sql;
CREATE PROCEDURE guard_lists.closed(a integer, INOUT b varchar(10), c OUT date) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
GRANT USAGE ON SCHEMA guard_lists TO looker1;
GRANT SELECT (a) ON guard_lists.t TO looker1;
ALTER TABLE guard_lists.hidden OWNER TO keeper1;
SELECT table_name FROM svv_tables WHERE table_schema = 'guard_lists' ORDER BY 1;
--> table_name:varchar(128)
--> hidden
--> m
--> t
--> v
SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'guard_lists' AND tablename = 'hidden';
--> tablename:name | tableowner:name
--> hidden | keeper1
SELECT table_name, table_owner, table_acl FROM svv_redshift_tables WHERE schema_name = 'guard_lists' AND table_name = 'hidden';
--> table_name:varchar(128) | table_owner:varchar(128) | table_acl:varchar(128)
--> hidden | keeper1 | NULL

SET SESSION AUTHORIZATION looker1;
SELECT table_schema, table_name FROM svv_tables WHERE table_schema LIKE 'guard%';
--> table_schema:varchar(128) | table_name:varchar(128)
--> guard_lists | t
SELECT schema_name, table_name FROM svv_all_tables WHERE schema_name LIKE 'guard%';
--> schema_name:varchar(128) | table_name:varchar(128)
--> guard_lists | t
SELECT table_name, column_name FROM svv_columns WHERE table_schema LIKE 'guard%';
--> table_name:varchar(128) | column_name:varchar(128)
--> t | a
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema LIKE 'guard%';
--> table_name:name | column_name:name
--> t | a
SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'guard%';
--> table_schema:name | table_name:name
--> guard_lists | t
SELECT table_name FROM information_schema.views WHERE table_schema LIKE 'guard%';
--> table_name:name
SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema LIKE 'guard%';
--> constraint_name:name
--> t_pkey
SELECT "table" FROM svv_table_info WHERE "schema" LIKE 'guard%';
--> table:varchar
--> t
SELECT name FROM svv_mv_info WHERE schema_name LIKE 'guard%';
--> name:char(128)
SELECT schema_name FROM svv_all_schemas WHERE schema_name LIKE 'guard%';
--> schema_name:varchar(128)
--> guard_lists
SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'guard%';
--> schema_name:name
--> guard_lists
SHOW TABLES FROM SCHEMA guard_lists LIKE 'hid%';
--> database_name:varchar(128) | …
SELECT routine_name, routine_type, data_type, routine_definition FROM information_schema.routines WHERE routine_schema = 'guard_lists';
--> routine_name:name | routine_type:varchar | data_type:varchar | routine_definition:varchar
--> f_open | FUNCTION | integer | ' select $1 '
-- The catalog itself stays open, as PostgreSQL's; the texts in it do not.
SELECT c.relname, pg_get_viewdef(c.oid) AS text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'guard_lists' AND c.relname IN ('hidden', 'v') ORDER BY 1;
--> relname:name | text:text
--> hidden | NULL
--> v | NULL
SELECT proname, prosrc, pg_get_functiondef(oid) AS definition FROM pg_proc WHERE proname IN ('closed', 'f_open') ORDER BY 1;
--> proname:name | prosrc:text | definition:text
--> closed | NULL | NULL
--> f_open | ' select $1 ' | CREATE OR REPLACE FUNCTION guard_lists.f_open(integer)\n RETURNS integer\n STABLE\nAS $$ select $1 $$ LANGUAGE sql
RESET SESSION AUTHORIZATION;
GRANT SELECT ON guard_lists.v TO looker1;
GRANT EXECUTE ON PROCEDURE guard_lists.closed(integer, varchar) TO looker1;
SET SESSION AUTHORIZATION looker1;
SELECT table_name, view_definition FROM information_schema.views WHERE table_schema LIKE 'guard%';
--> table_name:name | view_definition:varchar
--> v | SELECT a FROM guard_lists.t
SELECT prosrc FROM pg_proc WHERE proname = 'closed';
--> prosrc:text
--> ' BEGIN NULL; END; '
CREATE TEMP TABLE mine (a integer);
SELECT table_schema, table_name FROM svv_tables WHERE table_name = 'mine';
--> table_schema:varchar(128) | table_name:varchar(128)
--> pg_temp_1 | mine
DROP TABLE mine;
RESET SESSION AUTHORIZATION;

-- A role that may look into the catalog sees that everything is there, and reads none of it.
CREATE ROLE looking1;
GRANT ACCESS CATALOG TO ROLE looking1;
GRANT ROLE looking1 TO looker1;
SET SESSION AUTHORIZATION looker1;
SELECT table_name FROM information_schema.tables WHERE table_schema = 'guard_other';
--> table_name:name
--> t
SELECT * FROM guard_other.t;
--> ERROR 42501: permission denied for schema guard_other
RESET SESSION AUTHORIZATION;
DROP ROLE looking1 FORCE;
DROP SCHEMA guard_lists CASCADE;
DROP SCHEMA guard_other CASCADE;
DROP USER looker1, keeper1;

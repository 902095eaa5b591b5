-- Nothing of the engine below can be reached: no file, no foreign function, no setting, no hidden schema.
-- source: c_unsupported-postgresql-functions

SELECT * FROM read_csv('/etc/passwd');
--> ERROR 42883 at 15: function read_csv does not exist in FROM
SELECT * FROM read_csv_auto('/etc/passwd');
--> ERROR 42883 at 15: function read_csv_auto does not exist in FROM
SELECT * FROM read_text('/etc/passwd');
--> ERROR 42883 at 15: function read_text does not exist in FROM
SELECT * FROM read_parquet('/tmp/x.parquet');
--> ERROR 42883 at 15: function read_parquet does not exist in FROM
SELECT * FROM read_json('/tmp/x.json');
--> ERROR 42883 at 15: function read_json does not exist in FROM
SELECT * FROM read_blob('/etc/passwd');
--> ERROR 42883 at 15: function read_blob does not exist in FROM
SELECT * FROM glob('/etc/*');
--> ERROR 42601 at 28: syntax error at or near "'...'"
SELECT * FROM parquet_scan('/tmp/x.parquet');
--> ERROR 42883 at 15: function parquet_scan does not exist in FROM
SELECT * FROM sniff_csv('/etc/passwd');
--> ERROR 42883 at 15: function sniff_csv does not exist in FROM
SELECT * FROM '/etc/passwd';
--> ERROR 42P01 at 15: relation "/etc/passwd" does not exist
SELECT * FROM '/tmp/x.parquet';
--> ERROR 42P01 at 15: relation "/tmp/x.parquet" does not exist
SELECT * FROM "/etc/passwd";
--> ERROR 42P01 at 15: relation "/etc/passwd" does not exist
SELECT * FROM "/tmp/x.csv";
--> ERROR 42P01 at 15: relation "/tmp/x.csv" does not exist
SELECT * FROM 's3://bucket/x.parquet';
--> ERROR 42P01 at 15: relation "s3://bucket/x.parquet" does not exist
SELECT * FROM duckdb_tables();
--> ERROR 42883 at 15: function duckdb_tables does not exist in FROM
SELECT * FROM duckdb_settings();
--> ERROR 42883 at 15: function duckdb_settings does not exist in FROM
SELECT * FROM duckdb_secrets();
--> ERROR 42883 at 15: function duckdb_secrets does not exist in FROM
SELECT * FROM duckdb_functions();
--> ERROR 42883 at 15: function duckdb_functions does not exist in FROM
SELECT * FROM pragma_table_info('t');
--> ERROR 42883 at 15: function pragma_table_info does not exist in FROM
SELECT * FROM pragma_version();
--> ERROR 42883 at 15: function pragma_version does not exist in FROM
SELECT * FROM sqlite_master;
--> ERROR 42P01 at 15: relation "sqlite_master" does not exist
SELECT * FROM query('SELECT 1');
--> ERROR 42883 at 15: function query does not exist in FROM
SELECT * FROM query_table('t');
--> ERROR 42883 at 15: function query_table does not exist in FROM
SELECT * FROM range(10);
--> ERROR 42883 at 15: function range does not exist in FROM
SELECT * FROM generate_series(1, 3);
--> generate_series:int4
--> 1
--> 2
--> 3
SELECT * FROM unnest(array(1, 2));
--> ERROR 42883: function unnest does not exist
SELECT unnest(array(1, 2));
--> ERROR 42883 at 8: function unnest is not supported
SELECT getenv('HOME');
--> ERROR 42883 at 8: function getenv(unknown) does not exist
SELECT getvariable('current_user');
--> ERROR 42883 at 8: function getvariable(unknown) does not exist
SELECT current_setting('memory_limit');
--> ERROR 42704: unrecognized configuration parameter "memory_limit"
SELECT current_setting('secret_directory');
--> ERROR 42704: unrecognized configuration parameter "secret_directory"
SELECT pg_catalog.getenv('HOME');
--> ERROR 42883 at 19: function getenv(unknown) does not exist
SELECT memory.rs.int_div(1, 0);
--> ERROR 42883 at 18: function .int_div does not exist
SELECT rs.int_div(1, 0);
--> ERROR 42883 at 11: function rs.int_div does not exist
SELECT "memory"."rs"."pad"('a', 2);
--> ERROR 42883 at 22: function ."pad" does not exist
SELECT "memory.rs.pad"('a', 2);
--> ERROR 42883 at 8: function "memory.rs.pad"(unknown, integer) does not exist
SELECT * FROM memory.rs.anything;
--> ERROR 3F000 at 15: schema "rs" does not exist
SELECT * FROM boathouse.users;
--> ERROR 3F000 at 15: schema "boathouse" does not exist
SELECT * FROM dev.boathouse.users;
--> ERROR 3F000 at 15: schema "boathouse" does not exist
SELECT * FROM "boathouse"."users";
--> ERROR 3F000 at 15: schema "boathouse" does not exist
SELECT * FROM system.main.duckdb_tables;
--> ERROR 3F000 at 15: schema "main" does not exist
SELECT * FROM temp.main.x;
--> ERROR 3F000 at 15: schema "main" does not exist
SELECT * FROM information_schema.nowhere;
--> ERROR 42P01 at 15: relation "information_schema.nowhere" does not exist
CREATE TABLE boathouse.mine (a integer);
--> ERROR 3F000: schema "boathouse" does not exist
CREATE VIEW boathouse.mine AS SELECT 1 AS a;
--> ERROR 3F000: schema "boathouse" does not exist
DROP TABLE boathouse.users;
--> ERROR 42P01: table "boathouse.users" does not exist
DROP SCHEMA boathouse CASCADE;
--> ERROR 3F000: schema "boathouse" does not exist
ALTER TABLE boathouse.users RENAME TO others;
--> ERROR 42P01: relation "boathouse.users" does not exist
INSERT INTO boathouse.users SELECT 1;
--> ERROR 3F000 at 13: schema "boathouse" does not exist
DELETE FROM boathouse.users;
--> ERROR 3F000 at 13: schema "boathouse" does not exist
TRUNCATE boathouse.users;
--> ERROR 42P01: relation "boathouse.users" does not exist
COPY (SELECT 1) TO '/tmp/boathouse_leak.csv';
--> ERROR 42601 at 20: syntax error at or near "'...'"
COPY t TO '/tmp/boathouse_leak.csv' (FORMAT csv);
--> ERROR 42601 at 11: syntax error at or near "'...'"
ATTACH '/tmp/other.db' AS other;
--> ERROR 42601 at 1: syntax error at or near "ATTACH"
DETACH dev;
--> ERROR 42601 at 1: syntax error at or near "DETACH"
USE memory;
--> ERROR 0A000 at 1: USE is not supported
INSTALL httpfs;
--> ERROR 42601 at 1: syntax error at or near "INSTALL"
LOAD httpfs;
--> ERROR 42601 at 1: syntax error at or near "LOAD"
FORCE INSTALL httpfs;
--> ERROR 42601 at 1: syntax error at or near "FORCE"
PRAGMA database_list;
--> ERROR 42601 at 1: syntax error at or near "PRAGMA"
CALL pragma_version();
--> ERROR 42883: procedure pragma_version() does not exist
CHECKPOINT;
--> ERROR 42601 at 1: syntax error at or near "CHECKPOINT"
EXPORT DATABASE '/tmp/x';
--> ERROR 42601 at 1: syntax error at or near "EXPORT"
IMPORT DATABASE '/tmp/x';
--> ERROR 42601 at 1: syntax error at or near "IMPORT"
CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b');
--> ERROR 42601 at 8: syntax error at or near "SECRET"
CREATE MACRO m(a) AS a + 1;
--> ERROR 42601 at 8: syntax error at or near "MACRO"
CREATE SEQUENCE s;
--> ERROR 42601 at 8: syntax error at or near "SEQUENCE"
CREATE TYPE mood AS ENUM ('a');
--> ERROR 42601 at 8: syntax error at or near "TYPE"
CREATE INDEX i ON t (a);
--> ERROR 42601 at 8: syntax error at or near "INDEX"
SET memory_limit = '1GB';
--> ERROR 42704: unrecognized configuration parameter "memory_limit"
SET threads TO 1;
--> ERROR 42704: unrecognized configuration parameter "threads"
SET enable_external_access = true;
--> ERROR 42704: unrecognized configuration parameter "enable_external_access"
SET VARIABLE x = 1;
--> ERROR 42601 at 14: syntax error at or near "x"
SET GLOBAL threads = 1;
--> ERROR 42601 at 12: syntax error at or near "threads"
RESET memory_limit;
--> ERROR 42704: unrecognized configuration parameter "memory_limit"
SUMMARIZE SELECT 1;
--> ERROR 42601 at 1: syntax error at or near "SUMMARIZE"
DESCRIBE SELECT 1;
--> ERROR 42601 at 1: syntax error at or near "DESCRIBE"
FROM (SELECT 1);
--> ERROR 42601 at 1: syntax error at or near "FROM"
SELECT * EXCLUDE (a) FROM (SELECT 1 AS a, 2 AS b) q;
--> b:int4
--> 2
SELECT * REPLACE (a + 1 AS a) FROM (SELECT 1 AS a) q;
--> ERROR 0A000 at 8: * REPLACE is not supported
SELECT COLUMNS('a') FROM (SELECT 1 AS a) q;
--> ERROR 42883 at 8: function columns(unknown) does not exist
SELECT [1, 2, 3];
--> ERROR 42601 at 9: syntax error at or near "["
SELECT {'a': 1};
--> ERROR 42883 at 14: function struct does not exist
SELECT list_transform(array(1), x -> x + 1);
--> ERROR 42601 at 33: syntax error at or near "->"
SELECT struct_pack(a := 1);
--> ERROR 42883 at 8: function struct_pack(unknown) does not exist
SELECT 1 AS a GROUP BY ALL;
--> a:int4
--> 1
SELECT * FROM (SELECT 1 AS a) q ORDER BY ALL;
--> ERROR 42703 at 42: column "all" does not exist in q
SELECT * FROM (SELECT 1 AS a) q USING SAMPLE 10%;
--> ERROR 0A000: TABLESAMPLE is not supported
SELECT * FROM (SELECT 1 AS a) q TABLESAMPLE SYSTEM (10);
--> ERROR 0A000: TABLESAMPLE is not supported
SELECT a FROM (SELECT 1 AS a) q ASOF JOIN (SELECT 1 AS b) r ON a >= b;
--> ERROR 42601 at 51: syntax error at or near "ASOF"
SELECT a FROM (SELECT 1 AS a) q POSITIONAL JOIN (SELECT 1 AS b) r;
--> ERROR 42601 at 33: syntax error at or near "POSITIONAL"
SELECT a FROM (SELECT 1 AS a) q SEMI JOIN (SELECT 1 AS a) r USING (a);
--> ERROR 42601 at 51: syntax error at or near "SEMI"
PIVOT t ON a;
--> ERROR 42601 at 1: syntax error at or near "PIVOT"
SELECT 'x'::hugeint;
--> ERROR 42704 at 8: type "int128" does not exist
SELECT 1::utinyint;
--> ERROR 42704 at 8: type "utinyint" does not exist
SELECT 1::ubigint;
--> ERROR 42704 at 8: type "ubigint" does not exist
SELECT string_agg('a', ',');
--> ERROR 42883 at 8: function string_agg is not supported
SELECT array_agg(1);
--> ERROR 42883 at 8: function array_agg is not supported
SELECT list(1);
--> ERROR 42883 at 8: function list(integer) does not exist
SELECT arg_max(1, 2);
--> ERROR 42883 at 16: function arg_max(integer, integer) does not exist
SELECT error('x');
--> ERROR 42883 at 8: function error(unknown) does not exist
SELECT nextval('s');
--> ERROR 42883 at 8: function nextval is not supported
SELECT hash('a');
--> ERROR 42883 at 8: function hash(unknown) does not exist
SELECT add_parquet_key('a', 'b');
--> ERROR 42883 at 8: function add_parquet_key(unknown, unknown) does not exist
SELECT which_secret('s3://x', 's3');
--> ERROR 42883 at 8: function which_secret(unknown, unknown) does not exist
SELECT write_log('x');
--> ERROR 42883 at 8: function write_log(unknown) does not exist
SELECT json_execute_serialized_sql('{}');
--> ERROR 42883 at 8: function json_execute_serialized_sql(unknown) does not exist
WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x;
--> a:int4
--> 1
SELECT 'still here' AS served;
--> served:varchar
--> still here

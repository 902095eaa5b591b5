-- What a session has prepared, and its open cursors, as psql's completion asks for them.
-- source: r_PREPARE

PREPARE one (int) AS SELECT $1 + 1;
--> PREPARE
SELECT name FROM pg_catalog.pg_prepared_statements WHERE name LIKE 'o%';
--> name:text
--> one
SELECT statement, parameter_types, from_sql FROM pg_prepared_statements;
--> statement:text | parameter_types:text[] | from_sql:bool
--> SELECT $1 + 1 | {integer} | t
DEALLOCATE one;
--> DEALLOCATE
SELECT count(*) FROM pg_prepared_statements;
--> count:int8
--> 0
BEGIN;
--> BEGIN
DECLARE c CURSOR FOR SELECT 1;
--> DECLARE CURSOR
SELECT name, is_scrollable, creation_time IS NOT NULL AS known FROM pg_catalog.pg_cursors;
--> name:text | is_scrollable:bool | known:bool
--> c | f | t
COMMIT;
--> COMMIT
SELECT count(*) FROM pg_cursors;
--> count:int8
--> 0

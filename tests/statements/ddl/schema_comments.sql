-- A schema has a comment until it is dropped; a rollback keeps the old one.
-- source: r_COMMENT
CREATE SCHEMA IF NOT EXISTS commented;
COMMENT ON SCHEMA commented IS 'about it';
--> COMMENT
BEGIN;
COMMENT ON SCHEMA commented IS 'something else';
ROLLBACK;
SELECT obj_description(oid, 'pg_namespace') AS about FROM pg_namespace WHERE nspname = 'commented';
--> about:text
--> about it
COMMENT ON SCHEMA commented IS NULL;
SELECT obj_description(oid, 'pg_namespace') AS about FROM pg_namespace WHERE nspname = 'commented';
--> about:text
--> NULL
COMMENT ON SCHEMA commented IS 'again';
DROP SCHEMA commented;
CREATE SCHEMA commented;
SELECT obj_description(oid, 'pg_namespace') AS about FROM pg_namespace WHERE nspname = 'commented';
--> about:text
--> NULL
DROP SCHEMA commented;
COMMENT ON SCHEMA nowhere IS 'x';
--> ERROR 3F000: schema "nowhere" does not exist
COMMENT ON SCHEMA pg_catalog IS 'x';
--> ERROR 0A000: COMMENT ON SCHEMA "pg_catalog" is not supported: it is external, or the system's
COMMENT ON FUNCTION f(int) IS 'x';
--> ERROR 0A000 at 12: COMMENT ON FUNCTION is not supported

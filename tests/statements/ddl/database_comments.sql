-- The database has a comment, which is shown where tools look for it; another database's is only warned of.
-- source: r_COMMENT

COMMENT ON DATABASE dev IS 'where the boats are';
--> COMMENT
SELECT obj_description(oid) AS old, shobj_description(oid, 'pg_database') AS new FROM pg_database WHERE datname = 'dev';
--> old:text | new:text
--> where the boats are | where the boats are
SELECT classoid, objsubid, description FROM pg_description WHERE classoid = 1262;
--> classoid:oid | objsubid:int4 | description:text
--> 1262 | 0 | where the boats are
COMMENT ON DATABASE elsewhere IS 'x';
--> WARNING: database comments may only be applied to the current database
--> COMMENT
COMMENT ON DATABASE dev IS NULL;
--> COMMENT
SELECT count(*) FROM pg_description WHERE classoid = 1262;
--> count:int8
--> 0
CREATE DATABASE other;
--> ERROR 0A000 at 1: CREATE DATABASE is not supported
ALTER SCHEMA public RENAME TO other;
--> ERROR 0A000 at 21: ALTER SCHEMA ... RENAME is not supported

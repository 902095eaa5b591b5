-- COMMENT ON CONSTRAINT is kept with the constraint: shown by pg_description, rolled back, gone with it.
-- source: r_COMMENT

CREATE TABLE b (a integer, c integer, PRIMARY KEY (a), CONSTRAINT once UNIQUE (c));
COMMENT ON CONSTRAINT once ON b IS 'each only once';
--> COMMENT
COMMENT ON CONSTRAINT b_pkey ON b IS 'the key';
--> COMMENT
SELECT conname, description FROM pg_constraint k JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass WHERE conrelid = 'b'::regclass ORDER BY 1;
--> conname:name | description:text
--> b_pkey | the key
--> once | each only once
SELECT obj_description(oid, 'pg_constraint') AS about FROM pg_constraint WHERE conname = 'once' AND conrelid = 'b'::regclass;
--> about:text
--> each only once
COMMENT ON CONSTRAINT nothing ON b IS 'x';
--> ERROR 42704: constraint "nothing" of relation "b" does not exist
ALTER TABLE b DROP CONSTRAINT once;
ALTER TABLE b ADD CONSTRAINT once UNIQUE (c);
COMMENT ON CONSTRAINT b_pkey ON b IS NULL;
SELECT count(*) AS n FROM pg_description WHERE classoid = 'pg_constraint'::regclass AND objoid IN (SELECT oid FROM pg_constraint WHERE conrelid = 'b'::regclass);
--> n:int8
--> 0

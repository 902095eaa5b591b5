-- Names are looked up along the search path; new tables go to its first schema.
-- source: r_search_path

CREATE SCHEMA path_b;
CREATE TABLE path_b.t (a integer);
INSERT INTO path_b.t VALUES (2);
SELECT a FROM t;
--> ERROR 42P01 at 15: relation "t" does not exist
SET search_path TO path_b, public;
SELECT a FROM t;
--> a:int4
--> 2
CREATE TABLE made (x integer);
SELECT count(*) FROM path_b.made;
--> count:int8
--> 0
SELECT current_schema();
--> current_schema:name
--> path_b
SELECT current_schemas(false);
--> current_schemas:name[]
--> {path_b,public}
SET search_path TO "$user", public;
DROP SCHEMA path_b CASCADE;

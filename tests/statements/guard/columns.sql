-- Privileges on columns are checked by the columns that are used; * stands for those that may be read.
-- source: r_GRANT-usage-notes
CREATE SCHEMA guard_columns;
CREATE TABLE guard_columns.people (id integer, name varchar(20), salary integer);
INSERT INTO guard_columns.people VALUES (1, 'Ada', 100), (2, 'Bea', 200);
CREATE USER reader1 PASSWORD 'Reader1Pass';
GRANT USAGE ON SCHEMA guard_columns TO reader1;
GRANT SELECT (id, name), UPDATE (name) ON guard_columns.people TO reader1;
--> GRANT
GRANT INSERT (id) ON guard_columns.people TO reader1;
--> ERROR 0LP01 at 7: invalid privilege type INSERT for column
GRANT SELECT (id) ON guard_columns.people TO reader1 WITH GRANT OPTION;
--> ERROR 0LP01: grant options are not supported for column privileges
GRANT SELECT (nothing) ON guard_columns.people TO reader1;
--> ERROR 42703: column "nothing" of relation "people" does not exist
SET SESSION AUTHORIZATION reader1;
SELECT * FROM guard_columns.people ORDER BY 1;
--> id:int4 | name:varchar(20)
--> 1 | Ada
--> 2 | Bea
SELECT p.* FROM guard_columns.people AS p(a, b, c) ORDER BY 1 LIMIT 1;
--> a:int4 | b:varchar(20)
--> 1 | Ada
SELECT count(*) FROM guard_columns.people;
--> count:int8
--> 2
SELECT salary FROM guard_columns.people;
--> ERROR 42501: permission denied for relation people
SELECT c FROM guard_columns.people AS p(a, b, c);
--> ERROR 42501: permission denied for relation people
SELECT id FROM guard_columns.people WHERE salary > 150;
--> ERROR 42501: permission denied for relation people
SELECT id FROM guard_columns.people ORDER BY salary;
--> ERROR 42501: permission denied for relation people
SELECT count(salary) FROM guard_columns.people;
--> ERROR 42501: permission denied for relation people
SELECT name, rank() OVER (ORDER BY salary) FROM guard_columns.people;
--> ERROR 42501: permission denied for relation people
WITH x AS (SELECT salary FROM guard_columns.people) SELECT 1;
--> ERROR 42501: permission denied for relation people
SELECT 1 WHERE EXISTS (SELECT 1 FROM guard_columns.people p WHERE p.salary = 200);
--> ERROR 42501: permission denied for relation people
SELECT id FROM guard_columns.people JOIN (SELECT 100 AS salary) x USING (salary);
--> ERROR 42501: permission denied for relation people
UPDATE guard_columns.people SET name = 'Eve' WHERE id = 1;
--> UPDATE 1
UPDATE guard_columns.people SET name = name || '!' WHERE id = 1;
--> UPDATE 1
UPDATE guard_columns.people SET salary = 1;
--> ERROR 42501: permission denied for relation people
UPDATE guard_columns.people SET name = 'x' WHERE salary = 100;
--> ERROR 42501: permission denied for relation people
RESET SESSION AUTHORIZATION;
GRANT SELECT ON guard_columns.people TO reader1;
--> ERROR 0LP01: cannot grant SELECT on people: it is held on some of its columns
ALTER TABLE guard_columns.people RENAME COLUMN name TO called;
SET SESSION AUTHORIZATION reader1;
SELECT * FROM guard_columns.people ORDER BY 1 LIMIT 1;
--> id:int4 | called:varchar(20)
--> 1 | Eve!
RESET SESSION AUTHORIZATION;
REVOKE SELECT ON guard_columns.people FROM reader1;
--> REVOKE
SET SESSION AUTHORIZATION reader1;
SELECT id FROM guard_columns.people;
--> ERROR 42501: permission denied for relation people
RESET SESSION AUTHORIZATION;
DROP SCHEMA guard_columns CASCADE;
DROP USER reader1;

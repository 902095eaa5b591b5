-- REMOVE DUPLICATES replaces the rows that match by the source's, and inserts each of the others once.
-- source: r_MERGE

CREATE TABLE target (id integer, name varchar(10));
CREATE TABLE source (id integer, name varchar(10));
INSERT INTO target VALUES (30, 'Tony'), (11, 'Alice'), (23, 'Bill');
INSERT INTO source VALUES (23, 'David'), (22, 'Clarence'), (22, 'Clarence');
MERGE INTO target USING source ON target.id = source.id REMOVE DUPLICATES;
--> MERGE 3
SELECT * FROM target ORDER BY id, name;
--> id:int4 | name:varchar(10)
--> 11 | Alice
--> 22 | Clarence
--> 23 | David
--> 30 | Tony
MERGE INTO target USING source AS s ON target.id = s.id REMOVE DUPLICATES;
--> MERGE 5
SELECT * FROM target ORDER BY id, name;
--> id:int4 | name:varchar(10)
--> 11 | Alice
--> 22 | Clarence
--> 23 | David
--> 30 | Tony
CREATE TABLE wide (id integer, name varchar(10), extra integer);
MERGE INTO target USING wide ON target.id = wide.id REMOVE DUPLICATES;
--> ERROR 42804 at 25: MERGE … REMOVE DUPLICATES needs as many columns in the source as in the target

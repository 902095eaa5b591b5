-- MERGE updates, deletes or inserts by match; REMOVE DUPLICATES replaces.
-- source: r_MERGE

CREATE TABLE target (id integer, name varchar(10));
CREATE TABLE source (id integer, name varchar(10));
INSERT INTO target VALUES (101, 'Bob'), (102, 'John'), (103, 'Susan');
INSERT INTO source VALUES (102, 'Tony'), (103, 'Alice'), (104, 'Bill');
MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN UPDATE SET id = source.id, name = source.name WHEN NOT MATCHED THEN INSERT VALUES (source.id, source.name);
--> MERGE 3
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
--> 102 | Tony
--> 103 | Alice
--> 104 | Bill
MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (source.id, source.name);
--> MERGE 3
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
INSERT INTO target VALUES (102, 'old'), (102, 'old');
MERGE INTO target USING source ON target.id = source.id REMOVE DUPLICATES;
--> ERROR 0A000 at 1: MERGE ... REMOVE DUPLICATES is not supported
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
--> 102 | old
--> 102 | old

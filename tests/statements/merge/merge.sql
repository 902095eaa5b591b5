-- MERGE updates, deletes or inserts by match; a row of the target that matches several of the source is an error.
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
INSERT INTO source VALUES (102, 'Tom');
MERGE INTO target USING source s ON target.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (name, id) VALUES (s.name, s.id);
--> ERROR 21000: Found multiple matches to update the same tuple.
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
--> 102 | Tony
--> 103 | Alice
--> 104 | Bill
DELETE FROM source WHERE name = 'Tom';
--> DELETE 1
PREPARE m (integer) AS MERGE INTO target USING source ON target.id = source.id AND source.id > $1 WHEN MATCHED THEN UPDATE SET name = 'm' WHEN NOT MATCHED THEN INSERT VALUES (source.id + $1, 'new');
--> PREPARE
EXECUTE m (103);
--> MERGE 3
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
--> 102 | Tony
--> 103 | Alice
--> 104 | m
--> 205 | new
--> 206 | new
MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (source.id, source.name);
--> MERGE 3
SELECT * FROM target ORDER BY id;
--> id:int4 | name:varchar(10)
--> 101 | Bob
--> 205 | new
--> 206 | new
MERGE INTO target USING (SELECT * FROM source) q ON target.id = q.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 'a');
--> ERROR 0A000 at 33: MERGE's source cannot be a view or a sub-query
MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN DELETE;
--> ERROR 42601 at 12: MERGE takes WHEN MATCHED THEN … and then WHEN NOT MATCHED THEN INSERT …, one of each
MERGE INTO target USING source ON target.id = source.id WHEN MATCHED AND source.id > 1 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 'a');
--> ERROR 42601 at 74: syntax error at or near "and"
WITH q AS (SELECT 1) MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 'a');
--> ERROR 0A000: MERGE takes no WITH clause
CREATE VIEW v AS SELECT * FROM source;
MERGE INTO target USING v ON target.id = v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1, 'a');
--> ERROR 0A000 at 25: MERGE's source cannot be a view or a sub-query

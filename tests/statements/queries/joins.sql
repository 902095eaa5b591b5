-- Joins of every kind, with ON, USING and NATURAL.
-- source: r_FROM_clause30

CREATE TABLE a (id integer, x varchar(3));
CREATE TABLE b (id integer, y varchar(3));
INSERT INTO a VALUES (1, 'a1'), (2, 'a2'), (NULL, 'an');
INSERT INTO b VALUES (1, 'b1'), (3, 'b3'), (NULL, 'bn');
SELECT a.id, b.id, x, y FROM a JOIN b ON a.id = b.id;
--> id:int4 | id:int4 | x:varchar(3) | y:varchar(3)
--> 1 | 1 | a1 | b1
SELECT a.id, b.id FROM a LEFT JOIN b ON a.id = b.id ORDER BY a.id;
--> id:int4 | id:int4
--> 1 | 1
--> 2 | NULL
--> NULL | NULL
SELECT a.id, b.id FROM a RIGHT JOIN b ON a.id = b.id ORDER BY b.id;
--> id:int4 | id:int4
--> 1 | 1
--> NULL | 3
--> NULL | NULL
SELECT a.id AS ai, b.id AS bi FROM a FULL JOIN b ON a.id = b.id ORDER BY ai, bi;
--> ai:int4 | bi:int4
--> 1 | 1
--> 2 | NULL
--> NULL | 3
--> NULL | NULL
--> NULL | NULL
SELECT id, x, y FROM a FULL JOIN b USING (id) ORDER BY id, x, y;
--> id:int4 | x:varchar(3) | y:varchar(3)
--> 1 | a1 | b1
--> 2 | a2 | NULL
--> 3 | NULL | b3
--> NULL | an | NULL
--> NULL | NULL | bn
SELECT * FROM a NATURAL JOIN b;
--> id:int4 | x:varchar(3) | y:varchar(3)
--> 1 | a1 | b1
SELECT count(*) FROM a CROSS JOIN b;
--> count:int8
--> 9
SELECT * FROM a JOIN b USING (nowhere);
--> ERROR 42703 at 31: column "nowhere" specified in USING clause does not exist in left table
SELECT p.x, q.x FROM a p JOIN a q ON p.id < q.id;
--> x:varchar(3) | x:varchar(3)
--> a1 | a2
SELECT a.id, b.y, c.x, d.y AS z FROM (((a LEFT JOIN b ON a.id = b.id) LEFT JOIN a c ON c.id = b.id + 1) JOIN b d ON d.id = a.id) ORDER BY 1;
--> id:int4 | y:varchar(3) | x:varchar(3) | z:varchar(3)
--> 1 | b1 | a2 | b1

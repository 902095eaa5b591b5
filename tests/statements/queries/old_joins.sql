-- The (+) mark is an outer join.
-- source: r_WHERE_oracle_outer

CREATE TABLE a (id integer, x varchar(3));
CREATE TABLE b (id integer, y varchar(3));
INSERT INTO a VALUES (1, 'a1'), (2, 'a2');
INSERT INTO b VALUES (1, 'b1'), (3, 'b3');
SELECT a.x, b.y FROM a, b WHERE a.id = b.id(+) ORDER BY a.id;
--> x:varchar(3) | y:varchar(3)
--> a1 | b1
--> a2 | NULL
SELECT a.x, b.y FROM a, b WHERE a.id(+) = b.id ORDER BY b.id;
--> x:varchar(3) | y:varchar(3)
--> a1 | b1
--> NULL | b3
SELECT a.x, b.y FROM a, b WHERE a.id = b.id(+) AND b.y(+) = 'zz' ORDER BY a.id;
--> x:varchar(3) | y:varchar(3)
--> a1 | NULL
--> a2 | NULL

-- Values of one SUPER column are compared, sorted, grouped and joined by what each of them is.
-- source: query-super

CREATE TABLE s (id integer, data super);
INSERT INTO s VALUES (1, json_parse('{"a":1,"b":[1,2]}')), (2, json_parse('[1,2.5,"x",null]')), (3, NULL), (4, 5), (5, 'abc'), (6, 2.50), (7, true), (8, json_parse('-2.5')), (9, 5.0), (10, json_parse('{"b":[1,2],"a":1}'));
SELECT id, data = 5 AS five, data = 'abc' AS abc, data <> 5 AS other, data < 6 AS less, data IN (5, 'abc') AS either, data BETWEEN 1 AND 6 AS between_ FROM s ORDER BY id;
--> id:int4 | five:bool | abc:bool | other:bool | less:bool | either:bool | between_:bool
--> 1 | f | f | t | NULL | f | NULL
--> 2 | f | f | t | NULL | f | NULL
--> 3 | NULL | NULL | NULL | NULL | NULL | NULL
--> 4 | t | f | f | t | t | t
--> 5 | f | t | t | NULL | t | NULL
--> 6 | f | f | t | t | f | t
--> 7 | f | f | t | NULL | f | NULL
--> 8 | f | f | t | t | f | f
--> 9 | t | f | f | t | t | t
--> 10 | f | f | t | NULL | f | NULL
SELECT id, data FROM s ORDER BY data, id;
--> id:int4 | data:super
--> 7 | true
--> 8 | -2.5
--> 6 | 2.50
--> 4 | 5
--> 9 | 5.0
--> 5 | "abc"
--> 2 | [1,2.5,"x",null]
--> 1 | {"a":1,"b":[1,2]}
--> 10 | {"b":[1,2],"a":1}
--> 3 | NULL
SELECT id FROM s ORDER BY data DESC NULLS LAST, id;
--> id:int4
--> 1
--> 10
--> 2
--> 5
--> 4
--> 9
--> 6
--> 8
--> 7
--> 3
SELECT data, count(*) AS n FROM s WHERE is_scalar(data) GROUP BY data ORDER BY data;
--> data:super | n:int8
--> true | 1
--> -2.5 | 1
--> 2.50 | 1
--> 5 | 2
--> "abc" | 1
SELECT DISTINCT data FROM s WHERE id IN (4, 9, 5) ORDER BY 1;
--> data:super
--> 5
--> "abc"
SELECT count(DISTINCT data) AS kinds, sum(data) AS total, avg(data) AS mean, min(data) AS least, max(data) AS most FROM s WHERE id IN (4, 6, 8);
--> kinds:int8 | total:super | mean:super | least:super | most:super
--> 3 | 5 | 1.6666666666666667 | -2.5 | 5
SELECT a.id AS one, b.id AS other FROM s a JOIN s b ON a.data = b.data AND a.id < b.id ORDER BY 1;
--> one:int4 | other:int4
--> 1 | 10
--> 4 | 9
SELECT s.id, n.k FROM s JOIN (SELECT 5 AS k UNION ALL SELECT 7) n ON s.data = n.k ORDER BY 1;
--> id:int4 | k:int4
--> 4 | 5
--> 9 | 5
SELECT id, CASE data WHEN 5 THEN 'five' WHEN 'abc' THEN 'text' ELSE 'none' END AS c FROM s WHERE id > 3 ORDER BY id;
--> id:int4 | c:varchar
--> 4 | five
--> 5 | text
--> 6 | none
--> 7 | none
--> 8 | none
--> 9 | five
--> 10 | none
SELECT id, row_number() OVER (PARTITION BY data ORDER BY id) AS n FROM s WHERE id IN (4, 9) ORDER BY id;
--> id:int4 | n:int8
--> 4 | 1
--> 9 | 2
SELECT id FROM s WHERE data IN (SELECT data FROM s WHERE id = 9) ORDER BY id;
--> id:int4
--> 4
--> 9
SELECT id FROM s WHERE NOT (data = 5) ORDER BY id;
--> id:int4
--> 1
--> 2
--> 5
--> 6
--> 7
--> 8
--> 10
SELECT json_parse('{"a":1,"b":2,"a":3}') AS twice, json_parse('{"a":1,"a":3}').a AS last_, json_parse('{"a":1,"a":3}') = json_parse('{"a":3}') AS same, json_parse('[{"b":{"c":1,"c":2}}]') = json_parse('[{"b":{"c":2}}]') AS deep;
--> twice:super | last_:super | same:bool | deep:bool
--> {"a":3,"b":2} | 3 | t | t

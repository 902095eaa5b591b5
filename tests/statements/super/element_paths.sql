-- FROM iterates over what a way through elements and attributes leads to, and UNPIVOT over an object found by one.
-- source: query-super

CREATE TABLE orders (id integer, s super);
--> CREATE TABLE
INSERT INTO orders VALUES (1, json_parse('{"lines": [{"tags": ["a", "b", "c"], "qty": 5}, {"tags": ["d"]}]}'));
--> INSERT 0 1
SELECT tag FROM orders o, o.s.lines[0].tags AS tag;
--> tag:super
--> "a"
--> "b"
--> "c"
SELECT tag, place FROM orders o, o.s.lines[0].tags tag AT place WHERE place > 0;
--> tag:super | place:int8
--> "b" | 1
--> "c" | 2
SELECT tags FROM orders o, o.s.lines[1].tags;
--> tags:super
--> "d"
SELECT attr, json_typeof(val) AS kind FROM orders o, UNPIVOT o.s.lines[0] AS val AT attr ORDER BY attr;
--> attr:varchar | kind:varchar
--> qty | number
--> tags | array
SELECT id, tag FROM orders o LEFT JOIN o.s.lines[7].tags AS tag ON true;
--> id:int4 | tag:super
--> 1 | NULL
SELECT tag FROM orders o, o.s.nothing[0].here tag;
--> tag:super
-- Arrays in arrays: what an item of FROM iterates over stands in FROM again.
CREATE TABLE foo AS SELECT json_parse('[[1.1, 1.2], [2.1, 2.2], [3.1]]') AS multi_level_array;
--> SELECT 1
SELECT array, element FROM foo AS f, f.multi_level_array AS array, array AS element;
--> array:super | element:super
--> [1.1,1.2] | 1.1
--> [1.1,1.2] | 1.2
--> [2.1,2.2] | 2.1
--> [2.1,2.2] | 2.2
--> [3.1] | 3.1
SELECT element, place FROM foo f, f.multi_level_array a, a AS element AT place WHERE place = 1;
--> element:super | place:int8
--> 1.2 | 1
--> 2.2 | 1
SELECT a, element FROM foo f, f.multi_level_array a LEFT JOIN a AS element ON true WHERE element > 3;
--> a:super | element:super
--> [3.1] | 3.1

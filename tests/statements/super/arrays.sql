-- SUPER arrays and objects are built, cut, joined, flattened and walked through in FROM.
-- source: query-super

SELECT array(1, 'a', NULL, 2.50, array(true)) AS a, object('k', 1, 'b', 'x') AS o, array() AS e, object() AS oo;
--> a:super | o:super | e:super | oo:super
--> [1,"a",null,2.50,[true]] | {"k":1,"b":"x"} | [] | {}
SELECT array_concat(array(1), array(2.5)) AS c, array_flatten(array(array(1, 2), 3)) AS f, split_to_array('a|b', '|') AS s, subarray(array(1, 2, 3), 1, 1) AS sub, subarray(array(1, 2, 3), 1) AS rest, get_array_length(array(1, 2)) AS n;
--> c:super | f:super | s:super | sub:super | rest:super | n:int8
--> [1,2.5] | [1,2,3] | ["a","b"] | [2] | [2,3] | 2
SELECT get_array_length(json_parse('{"a":1}')) AS none, json_size(array(1, 22)) AS size, json_serialize(array(1, 'a')) AS text, json_serialize_to_varbyte(array(1)) AS bytes;
--> none:int8 | size:int8 | text:varchar | bytes:varbyte
--> NULL | 6 | [1,"a"] | 5b315d
CREATE TABLE t (id integer, s super);
INSERT INTO t VALUES (1, json_parse('{"arr":[{"k":"x","in":[1,2]},{"k":"y","in":[3]}],"o":{"p":1,"q":"z"}}')), (2, json_parse('{"arr":7}')), (3, NULL);
SELECT t.id, a.k, i FROM t, t.s.arr AS a AT i ORDER BY 1, 3;
--> id:int4 | k:super | i:int8
--> 1 | "x" | 0
--> 1 | "y" | 1
SELECT t.id, a.k, n FROM t, t.s.arr a, a.in n;
--> id:int4 | k:super | n:super
--> 1 | "x" | 1
--> 1 | "x" | 2
--> 1 | "y" | 3
SELECT t.id, a.k FROM t LEFT JOIN t.s.arr a ON TRUE ORDER BY 1, 2;
--> id:int4 | k:super
--> 1 | "x"
--> 1 | "y"
--> 2 | NULL
--> 3 | NULL
SELECT t.id, k, v FROM t, UNPIVOT t.s.o AS v AT k ORDER BY k;
--> id:int4 | k:varchar | v:super
--> 1 | p | 1
--> 1 | q | "z"
SELECT id, (SELECT count(*) FROM t.s.arr a) AS n, EXISTS (SELECT 1 FROM t.s.arr a WHERE a.k = 'y') AS y FROM t ORDER BY id;
--> id:int4 | n:int8 | y:bool
--> 1 | 2 | t
--> 2 | 0 | f
--> 3 | 0 | f
SELECT s.arr[0].k AS k0, s.arr[1]['in'][0] AS in0, s.arr[-1] AS before, s.arr[9] AS after, s.arr[id - 1].k AS computed, s.arr.k AS lax FROM t ORDER BY id;
--> k0:super | in0:super | before:super | after:super | computed:super | lax:super
--> "x" | 3 | NULL | NULL | "x" | NULL
--> NULL | NULL | NULL | NULL | NULL | NULL
--> NULL | NULL | NULL | NULL | NULL | NULL
SELECT json_typeof(a) AS kind, count(*) AS n FROM t, t.s.arr a GROUP BY 1;
--> kind:varchar | n:int8
--> object | 2
SELECT array_flatten(array(1, array(2, array(3, array())))) AS every, array_flatten(json_parse('[[[[1]],[{"a":[2]}]],null]')) AS deep, array_flatten(array()) AS none;
--> every:super | deep:super | none:super
--> [1,2,3] | [1,{"a":[2]},null] | []

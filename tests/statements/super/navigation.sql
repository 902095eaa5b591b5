-- SUPER holds nested values: navigation is lax, casts of the wrong kind give NULL.
-- source: query-super

CREATE TABLE s (id integer, data super);
INSERT INTO s VALUES (1, json_parse('{"name":"Ann","tags":["x","y"],"address":{"city":"Bonn"},"age":7}')), (2, json_parse('[1,2]')), (3, NULL);
SELECT id, data.name, data.address.city, data.tags[0], data.age + 1 AS older FROM s ORDER BY id;
--> id:int4 | name:super | city:super | tags:super | older:super
--> 1 | "Ann" | "Bonn" | "x" | 8
--> 2 | NULL | NULL | NULL | NULL
--> 3 | NULL | NULL | NULL | NULL
SELECT id, data.name::varchar AS n, data.name::integer AS bad, data.missing AS m FROM s WHERE id = 1;
--> id:int4 | n:varchar | bad:int4 | m:super
--> 1 | Ann | NULL | NULL
SELECT s.id, t FROM s, s.data.tags AS t ORDER BY t;
--> id:int4 | t:super
--> 1 | "x"
--> 1 | "y"
SELECT s.id, t, i FROM s, s.data.tags AS t AT i ORDER BY i;
--> id:int4 | t:super | i:int8
--> 1 | "x" | 0
--> 1 | "y" | 1
SELECT id, json_typeof(data) AS kind, get_array_length(data) AS n, is_object(data) AS o FROM s ORDER BY id;
--> id:int4 | kind:varchar | n:int8 | o:bool
--> 1 | object | NULL | t
--> 2 | array | 2 | f
--> 3 | NULL | NULL | f
SELECT json_extract_path_text('{"a":{"b":"c"}}', 'a', 'b') AS c, json_extract_path_text('{"a":1}', 'z') AS none, is_valid_json('{') AS valid, json_array_length('[1,2,3]') AS three, json_extract_array_element_text('[10,20]', 1) AS second;
--> c:varchar | none:varchar | valid:bool | three:int4 | second:varchar
--> c | NULL | f | 3 | 20
SELECT json_serialize(array(1, 'a', true)) AS a, json_serialize(object('k', 1)) AS o;
--> a:varchar | o:varchar
--> [1,"a",true] | {"k":1}
SELECT json_parse('{bad');
--> ERROR 22P02: JSON parsing error: invalid JSON
SELECT object('a', 1, 'A', 'x') AS cases, object('', 2) AS unnamed;
--> cases:super | unnamed:super
--> {"a":1,"A":"x"} | {"":2}

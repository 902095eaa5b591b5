-- The JSON functions over text: paths that are literals or computed, and what is no JSON.
-- source: JSON_EXTRACT_PATH_TEXT

SELECT json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}', 'f4', 'f6') AS star, json_extract_path_text('{"f2":{"f3":1}}', 'f2') AS inner_object, json_extract_path_text('{"a":[1,{"b":2}]}', 'a', '1', 'b') AS by_place;
--> star:varchar | inner_object:varchar | by_place:varchar
--> star | {"f3":1} | 2
SELECT json_extract_path_text('{"a":1}', 'zz') AS missing, json_extract_path_text('{"a":null}', 'a') AS null_inside, json_extract_path_text(NULL, 'a') AS nothing, json_extract_path_text('', 'a') AS empty;
--> missing:varchar | null_inside:varchar | nothing:varchar | empty:varchar
--> NULL | NULL | NULL | NULL
SELECT json_extract_path_text('{bad', 'a');
--> ERROR 22P02: JSON parsing error: invalid JSON
SELECT json_extract_path_text('{bad', 'a', true) AS lax, json_extract_path_text('{"a":1}', 'a', true) AS valid;
--> lax:varchar | valid:varchar
--> NULL | 1
CREATE TABLE documents (document varchar(100), key varchar(20));
INSERT INTO documents VALUES ('{"a":1,"b":{"c":"x"}}', 'a'), ('{"a":1,"b":{"c":"x"}}', 'b'), ('[10,20]', '1'), ('{"q\\"t":5}', 'q"t'), (NULL, 'a'), ('{}', NULL);
SELECT key, json_extract_path_text(document, key) AS found FROM documents ORDER BY key, found;
--> key:varchar(20) | found:varchar
--> 1 | 20
--> a | 1
--> a | NULL
--> b | {"c":"x"}
--> q"t | 5
--> NULL | NULL
SELECT json_extract_path_text(document, 'b', substring('cx', 1, 1)) AS nested FROM documents WHERE key = 'b';
--> nested:varchar
--> x
-- source: JSON_EXTRACT_ARRAY_ELEMENT_TEXT
SELECT json_extract_array_element_text('[111,112,113]', 2) AS third, json_extract_array_element_text('["a",["b",1,["c",2,3,null]]]', 1) AS nested, json_extract_array_element_text('[1]', 7) AS beyond, json_extract_array_element_text('[1]', -1) AS before;
--> third:varchar | nested:varchar | beyond:varchar | before:varchar
--> 113 | ["b",1,["c",2,3,null]] | NULL | NULL
SELECT json_extract_array_element_text('[bad', 1);
--> ERROR 22P02: JSON parsing error: invalid JSON
SELECT json_extract_array_element_text('[bad', 1, true) AS lax;
--> lax:varchar
--> NULL
-- source: JSON_ARRAY_LENGTH
SELECT json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14]') AS five, json_array_length('[]') AS none, json_array_length('[1,2', true) AS lax, json_array_length(NULL) AS nothing;
--> five:int4 | none:int4 | lax:int4 | nothing:int4
--> 5 | 0 | NULL | NULL
SELECT json_array_length('{"a":1}');
--> ERROR 22P02: JSON parsing error: not an array
-- source: IS_VALID_JSON
SELECT is_valid_json('{"a":1}') AS object, is_valid_json('[1]') AS array_is_none, is_valid_json('{bad') AS bad, is_valid_json(NULL) AS nothing, is_valid_json_array('[1,2]') AS array, is_valid_json_array('{"a":1}') AS object_is_none;
--> object:bool | array_is_none:bool | bad:bool | nothing:bool | array:bool | object_is_none:bool
--> t | f | f | NULL | t | f

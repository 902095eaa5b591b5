-- Casts from SUPER give NULL where the value is of another kind; into SUPER go numbers, booleans and texts.
-- source: limitations-super

CREATE TABLE s (id integer, data super);
INSERT INTO s VALUES (1, 5), (2, 'abc'), (3, 2.50), (4, true), (5, json_parse('[1]')), (6, NULL), (7, '2019-09-09'), (8, '12');
SELECT id, data::integer AS i, data::varchar AS v, data::varchar(2) AS v2, data::boolean AS b, data::numeric(10,1) AS n, data::date AS d, data::float AS f FROM s ORDER BY id;
--> id:int4 | i:int4 | v:varchar | v2:varchar(2) | b:bool | n:numeric(10,1) | d:date | f:float8
--> 1 | 5 | 5 | 5 | t | 5.0 | NULL | 5
--> 2 | NULL | abc | ab | NULL | NULL | NULL | NULL
--> 3 | 3 | 2.50 | 2. | NULL | 2.5 | NULL | 2.5
--> 4 | 1 | true | tr | t | 1.0 | NULL | 1
--> 5 | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 6 | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 7 | NULL | 2019-09-09 | 20 | NULL | NULL | 2019-09-09 | NULL
--> 8 | 12 | 12 | 12 | NULL | 12.0 | NULL | 12
SELECT 5::super::bool AS whole, 5.0::super::bool AS decimal_;
--> whole:bool | decimal_:bool
--> t | NULL
SELECT '2019-09-09'::date::super;
--> ERROR 42846 at 8: cannot cast type date to super
SELECT '{"a":1}'::super AS text, json_parse('{"a":1}') AS object_, json_typeof('{"a":1}'::super) AS t;
--> text:super | object_:super | t:varchar
--> "{\\"a\\":1}" | {"a":1} | string
SELECT id, is_array(data) AS a, is_scalar(data) AS s, is_varchar(data) AS v, is_integer(data) AS i, is_smallint(data) AS sm, is_bigint(data) AS b, is_decimal(data) AS d, is_boolean(data) AS bo, json_typeof(data) AS t FROM s ORDER BY id;
--> id:int4 | a:bool | s:bool | v:bool | i:bool | sm:bool | b:bool | d:bool | bo:bool | t:varchar
--> 1 | f | t | f | t | t | t | t | f | number
--> 2 | f | t | t | f | f | f | f | f | string
--> 3 | f | t | f | f | f | f | t | f | number
--> 4 | f | t | f | f | f | f | f | t | boolean
--> 5 | t | f | f | f | f | f | f | f | array
--> 6 | f | f | f | f | f | f | f | f | NULL
--> 7 | f | t | t | f | f | f | f | f | string
--> 8 | f | t | t | f | f | f | f | f | string
CREATE TABLE c AS SELECT id, data FROM s WHERE id < 4;
--> SELECT 3
SELECT id, data FROM c ORDER BY id;
--> id:int4 | data:super
--> 1 | 5
--> 2 | "abc"
--> 3 | 2.50
UPDATE c SET data = json_parse('{"a":1.10}') WHERE id = 1;
--> UPDATE 1
CREATE VIEW w AS SELECT id, data.a AS a FROM c;
SELECT a FROM w WHERE a IS NOT NULL;
--> a:super
--> 1.10

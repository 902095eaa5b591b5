-- Every type has its oid and text form on the wire.
-- source: c_Supported_data_types

SELECT 1::smallint AS a, 1 AS b, 1::bigint AS c, 1.50 AS d, 1.5::real AS e, 1.5::float8 AS f, true AS g, 'x' AS h, 'x'::varchar(5) AS i, 'x'::char(3) AS j;
--> a:int2 | b:int4 | c:int8 | d:numeric(3,2) | e:float4 | f:float8 | g:bool | h:varchar | i:varchar(5) | j:char(3)
--> 1 | 1 | 1 | 1.50 | 1.5 | 1.5 | t | x | x | 'x  '
SELECT '2008-01-01'::date AS a, '10:00'::time AS b, '2008-01-01 10:00:00.5'::timestamp AS c, '2008-01-01 10:00+00'::timestamptz AS d, INTERVAL '1 day' AS e, NULL AS f, json_parse('{"a":1}') AS g, to_varbyte('abcd', 'hex') AS h;
--> a:date | b:time | c:timestamp | d:timestamptz | e:interval | f:varchar | g:super | h:varbyte
--> 2008-01-01 | 10:00:00 | 2008-01-01 10:00:00.5 | 2008-01-01 10:00:00+00 | 1 day | NULL | {"a":1} | abcd
SELECT 2147483648 AS big, 12345678901234567890 AS numeric, 1e3 AS float, -5 AS negative, 0.1 + 0.2 AS exact, 0.1::float8 + 0.2::float8 AS inexact;
--> big:int8 | numeric:numeric(20,0) | float:float8 | negative:int4 | exact:numeric(2,1) | inexact:float8
--> 2147483648 | 12345678901234567890 | 1000 | -5 | 0.3 | 0.30000000000000004
SELECT 1e20::float8 AS a, 1e-7::float8 AS b, 'NaN'::float8 AS c, 'Infinity'::float8 AS d, 123456789.123::float8 AS e, 1.1::real AS f;
--> a:float8 | b:float8 | c:float8 | d:float8 | e:float8 | f:float4
--> 1e+20 | 1e-07 | NaN | Infinity | 123456789.123 | 1.1
SELECT 'yes'::boolean AS y, 'f'::boolean AS f, 1::boolean AS one, true::integer AS i, true::varchar AS t;
--> y:bool | f:bool | one:bool | i:int4 | t:varchar
--> t | f | t | 1 | true
SELECT 'maybe'::boolean;
--> ERROR 22P02: invalid input syntax for type boolean: "maybe"
SELECT 1::uuidd;
--> ERROR 42704 at 8: type "uuidd" does not exist

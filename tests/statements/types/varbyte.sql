-- VARBYTE: read from and shown in three forms, put together, cut, compared and reckoned with bit by bit, cast to integers.
-- source: r_VARBYTE_type

SELECT 'abc'::varbyte AS a, 'é"'::varbyte AS b, 'é"'::varbyte::varchar AS c, len('é'::varbyte) AS n, octet_length('é'::varbyte) AS o;
--> a:varbyte | b:varbyte | c:varchar | n:int4 | o:int4
--> 616263 | c3a922 | é" | 2 | 2
SELECT 5::smallint::varbyte AS a, 5::int::varbyte AS b, 5::bigint::varbyte AS c, (-2)::smallint::varbyte AS d;
--> a:varbyte | b:varbyte | c:varbyte | d:varbyte
--> 0005 | 00000005 | 0000000000000005 | fffe
SELECT from_hex('0005')::smallint AS a, from_hex('fffe')::smallint AS b, from_hex('fffe')::int AS c, from_hex('ffffffffffffffff')::bigint AS d;
--> a:int2 | b:int2 | c:int4 | d:int8
--> 5 | -2 | 65534 | -1
SELECT from_hex('000005')::smallint;
--> ERROR 22003: the bytes are longer than the type
SELECT from_hex('ff')::varchar;
--> ERROR 22021: invalid byte sequence for encoding "UTF8"
-- source: r_VARBYTE_OPERATORS
SELECT 'a'::varbyte || 'b'::varbyte AS a, 'a'::varbyte + 'b'::varbyte AS b, 'a'::varbyte < 'b'::varbyte AS c, 'a'::varbyte = 'b'::varbyte AS d;
--> a:varbyte | b:varbyte | c:bool | d:bool
--> 6162 | 6162 | t | f
SELECT ~'a'::varbyte AS a, 'abc'::varbyte & 'abd'::varbyte AS b, 'a'::varbyte | 'b'::varbyte AS c, 'a'::varbyte # 'b'::varbyte AS d;
--> a:varbyte | b:varbyte | c:varbyte | d:varbyte
--> 9e | 616260 | 63 | 03
-- source: r_TO_VARBYTE
SELECT to_varbyte('6162', 'hex') AS a, to_varbyte('01001101', 'BINARY') AS b, to_varbyte('a', 'utf8') AS c, to_varbyte('4', 'hex') AS d;
--> a:varbyte | b:varbyte | c:varbyte | d:varbyte
--> 6162 | 4d | 61 | 04
SELECT to_varbyte('102', 'binary');
--> ERROR 22023: the text is not a binary number
-- source: r_FROM_VARBYTE
SELECT from_varbyte('ab'::varbyte, 'hex') AS a, from_varbyte(from_hex('4d'), 'binary') AS b, from_varbyte(~'a'::varbyte, 'binary') AS c;
--> a:varchar | b:varchar | c:varchar
--> 6162 | 01001101 | 10011110
-- source: r_GETBIT
SELECT getbit(from_hex('4d'), 7) AS a, getbit(from_hex('4d'), 6) AS b, getbit(from_hex('4d'), 2) AS c, getbit(from_hex('4d'), 0) AS d;
--> a:int4 | b:int4 | c:int4 | d:int4
--> 0 | 1 | 1 | 1
SELECT getbit(from_hex('4d'), 8);
--> ERROR 22003: there is no bit of that number
-- source: r_TO_HEX
SELECT to_hex(2147676847) AS a, to_hex('abc'::varbyte) AS b;
--> a:varchar | b:varchar
--> 8002f2af | 616263
-- source: r_CONCAT
SELECT concat('abc'::varbyte, 'def'::varbyte) AS a;
--> a:varbyte
--> 616263646566
-- source: r_SUBSTRING
SELECT substring('abc'::varbyte, -3) AS a, substring('abc'::varbyte, 3) AS b, substring('abc'::varbyte, 2, 10) AS c, substring('abc'::varbyte, 2, 1) AS d;
--> a:varbyte | b:varbyte | c:varbyte | d:varbyte
--> 616263 | 63 | 6263 | 62
-- source: r_VARBYTE_type
CREATE TABLE vb (a varbyte(20), b integer);
INSERT INTO vb VALUES ('ü', 1), (from_hex('00ff'), 2);
SELECT b FROM vb WHERE a = 'ü';
--> b:int4
--> 1
SELECT b FROM vb WHERE a IN ('ü', 'x') OR a > 'é';
--> b:int4
--> 1
-- source: JSON_SERIALIZE_TO_VARBYTE
SELECT json_serialize_to_varbyte(json_parse('[10001,10002,"abc"]'))::varchar AS text;
--> text:varchar
--> [10001,10002,"abc"]

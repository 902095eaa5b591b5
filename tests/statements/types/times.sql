-- TIME, TIMETZ and VARBYTE values are stored, shown, compared and reckoned with.
-- source: r_Datetime_types

CREATE TABLE tm (a time, b timetz, c varbyte(10));
INSERT INTO tm VALUES ('10:11:12.5', '10:11:12+02', 'abc'::varbyte), ('23:00', '23:00-05', from_hex('6162')), ('00:00:00', '12:00', 'x');
SELECT a, b, c FROM tm ORDER BY a;
--> a:time | b:timetz | c:varbyte
--> 00:00:00 | 12:00:00+00 | 78
--> 10:11:12.5 | 08:11:12+00 | 616263
--> 23:00:00 | 04:00:00+00 | 6162
SELECT a - '10:00'::time AS d, b - '00:00+00'::timetz AS e, a + interval '1 hour' AS f FROM tm ORDER BY a;
--> d:interval | e:interval | f:time
--> -10:00:00 | 12:00:00 | 01:00:00
--> 00:11:12.5 | 08:11:12 | 11:11:12.5
--> 13:00:00 | 04:00:00 | 00:00:00
SELECT a FROM tm WHERE a BETWEEN '10:00' AND '23:00' ORDER BY a;
--> a:time
--> 10:11:12.5
--> 23:00:00
SELECT a, b FROM tm WHERE b = '08:11:12+00';
--> a:time | b:timetz
--> 10:11:12.5 | 08:11:12+00
SELECT b::varchar AS text, b::time AS local_ FROM tm ORDER BY a;
--> text:varchar | local_:time
--> 12:00:00+00 | 12:00:00
--> 08:11:12+00 | 08:11:12
--> 04:00:00+00 | 04:00:00
SELECT from_varbyte(c, 'utf8') AS u, from_varbyte(c, 'hex') AS h, c || c AS twice, len(c) AS n, c::varchar AS v FROM tm ORDER BY a;
--> u:varchar | h:varchar | twice:varbyte | n:int4 | v:varchar
--> x | 78 | 7878 | 1 | x
--> abc | 616263 | 616263616263 | 3 | abc
--> ab | 6162 | 61626162 | 2 | ab
SELECT to_varbyte('616263', 'hex') AS a, to_varbyte('YWJj', 'base64') AS b, to_varbyte('abc', 'utf8') AS c;
--> a:varbyte | b:varbyte | c:varbyte
--> 616263 | 616263 | 616263
INSERT INTO tm (a) VALUES ('25:00');
--> ERROR 22008: time field value out of range: "25:00"

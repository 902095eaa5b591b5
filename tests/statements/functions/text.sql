-- Text functions, each by its own page.
-- source: String_functions_header

SELECT len('äb') AS len, octet_length('äb') AS bytes, upper('ä') AS up, initcap('hello wORLD') AS cap, reverse('abc') AS back, repeat('ab', 3) AS again, replicate('x', 2) AS again_too;
--> len:int4 | bytes:int4 | up:varchar | cap:varchar | back:varchar | again:varchar | again_too:varchar
--> 2 | 3 | Ä | Hello World | cba | ababab | xx
SELECT left('abc', 2) AS l, right('abc', 2) AS r, lpad('7', 3, '0') AS lp, rpad('7', 3, '*') AS rp, lpad('abcd', 2) AS cut, ltrim('  a ') AS lt, rtrim('xaxx', 'x') AS rt, trim('  a ') AS t, btrim('xax', 'x') AS b;
--> l:varchar | r:varchar | lp:varchar | rp:varchar | cut:varchar | lt:varchar | rt:varchar | t:varchar | b:varchar
--> ab | bc | 007 | 7** | ab | 'a ' | xa | a | a
SELECT trim(BOTH 'x' FROM 'xax') AS both_ends, trim(LEADING 'x' FROM 'xax') AS leading_end, trim('"' FROM '"a"') AS quotes;
--> both_ends:varchar | leading_end:varchar | quotes:varchar
--> a | ax | a
SELECT position('b' IN 'abc') AS p, strpos('abc', 'c') AS s, charindex('b', 'abc') AS c, ascii('A') AS a, chr(65) AS ch, translate('mint tea', 'inea', 'osin') AS tr, replace('aXbX', 'X', '-') AS rep;
--> p:int4 | s:int4 | c:int4 | a:int4 | ch:varchar | tr:varchar | rep:varchar
--> 2 | 3 | 2 | 65 | A | most tin | a-b-
SELECT split_part('a,b,c', ',', 2) AS two, split_part('a,b', ',', 5) AS none, md5('a') AS md5, quote_ident('My') AS qi, quote_literal('it''s') AS ql, to_hex(255) AS hex, strtol('ff', 16) AS n;
--> two:varchar | none:varchar | md5:varchar | qi:varchar | ql:varchar | hex:varchar | n:int8
--> b | '' | 0cc175b9c0f1b6a831c399e269772661 | "My" | 'it''s' | ff | 255
SELECT split_part('a,b', ',', 0);
--> ERROR 22023: field position must be greater than zero
SELECT 'a' + 'b' AS plus, 'it''s' AS quoted, E'a\tb' AS escaped;
--> plus:varchar | quoted:varchar | escaped:varchar
--> ab | it's | a	b
-- Blanks alone are trimmed, no other space.
SELECT len(trim(chr(160) || 'a ')) AS both_ends, len(ltrim(chr(12288) || 'a')) AS first, len(rtrim('a' || chr(160))) AS last;
--> both_ends:int4 | first:int4 | last:int4
--> 2 | 2 | 2
-- The blanks of a CHAR mean nothing in IN, too.
CREATE TABLE blanks (v varchar(5), c char(5));
INSERT INTO blanks VALUES ('a ', 'a'), ('b', 'a');
SELECT v IN (c, 'x') AS found, v NOT IN (c, 'x') AS missing, v = c AS same FROM blanks ORDER BY v;
--> found:bool | missing:bool | same:bool
--> t | f | t
--> f | t | f

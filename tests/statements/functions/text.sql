-- Text functions, each by its own page.
-- source: String_functions_header

SELECT len('äb') AS len, octet_length('äb') AS bytes, upper('ä') AS up, initcap('hello wORLD') AS cap, reverse('abc') AS back, repeat('ab', 3) AS again, replicate('x', 2) AS again_too;
SELECT left('abc', 2) AS l, right('abc', 2) AS r, lpad('7', 3, '0') AS lp, rpad('7', 3, '*') AS rp, lpad('abcd', 2) AS cut, ltrim('  a ') AS lt, rtrim('xaxx', 'x') AS rt, trim('  a ') AS t, btrim('xax', 'x') AS b;
SELECT trim(BOTH 'x' FROM 'xax') AS both_ends, trim(LEADING 'x' FROM 'xax') AS leading_end, trim('"' FROM '"a"') AS quotes;
SELECT position('b' IN 'abc') AS p, strpos('abc', 'c') AS s, charindex('b', 'abc') AS c, ascii('A') AS a, chr(65) AS ch, translate('mint tea', 'inea', 'osin') AS tr, replace('aXbX', 'X', '-') AS rep;
SELECT split_part('a,b,c', ',', 2) AS two, split_part('a,b', ',', 5) AS none, md5('a') AS md5, quote_ident('My') AS qi, quote_literal('it''s') AS ql, to_hex(255) AS hex, strtol('ff', 16) AS n;
SELECT split_part('a,b', ',', 0);
SELECT 'a' + 'b' AS plus, 'it''s' AS quoted, E'a\tb' AS escaped;

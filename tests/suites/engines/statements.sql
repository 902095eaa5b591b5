-- One statement a paragraph, each answered by both engines over the tables of spark_suite.py.

SELECT count(*), count(d), count(DISTINCT s), min(d), max(ts), min(s), max(n) FROM lake.kinds

SELECT * FROM lake.kinds ORDER BY id

SELECT id, i + 1, i - sm, i * 2, b % 7, - i, sm + sm, n + i, n - 0.5, n * n, n * 1.25 FROM lake.kinds ORDER BY id

SELECT id, i / 3, -7 / 2, b / 3, n / 3, n / i, i / n, 1 / 3.0, f / 3, r * 2 FROM lake.kinds WHERE i <> 0 AND n <> 0 ORDER BY id

SELECT sum(i), sum(b), sum(n), sum(sm), avg(i), avg(b), avg(n), avg(f), sum(f), sum(r), avg(sm) FROM lake.kinds

SELECT s, sum(i), avg(n), count(*), stddev(f), var_pop(i) FROM lake.kinds GROUP BY s ORDER BY s

SELECT s, ch, count(*) FROM lake.kinds GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 1, 2

SELECT id FROM lake.kinds WHERE ch = 'ab' OR ch = 'ab   ' OR s = 'ab ' ORDER BY id

SELECT id, ch || 'x', s || ch, len(ch), len(s), octet_length(s) FROM lake.kinds ORDER BY id

SELECT id, i FROM lake.kinds ORDER BY i, id

SELECT id, i FROM lake.kinds ORDER BY i DESC, id

SELECT id, s FROM lake.kinds ORDER BY s NULLS FIRST, id LIMIT 5 OFFSET 2

SELECT id, dateadd(month, 1, d), dateadd(day, -3, d), dateadd(year, 1, ts), dateadd(hour, 5, ts), dateadd(week, 2, d) FROM lake.kinds ORDER BY id

SELECT id, d + 1, d - 30, d - DATE '2000-01-01', d + INTERVAL '1 month', ts - INTERVAL '2 hours' FROM lake.kinds ORDER BY id

SELECT id, datediff(day, d, ts), datediff(month, d, ts), datediff(year, d, ts), datediff(quarter, d, ts), datediff(hour, d, ts), datediff(minute, d, ts) FROM lake.kinds ORDER BY id

SELECT id, date_trunc('month', d), date_trunc('week', ts), date_trunc('hour', ts), date_trunc('quarter', ts), trunc(ts), last_day(d) FROM lake.kinds ORDER BY id

SELECT id, extract(year FROM d), extract(month FROM ts), extract(dow FROM d), extract(doy FROM d), extract(week FROM d), extract(hour FROM ts), extract(quarter FROM d) FROM lake.kinds ORDER BY id

SELECT id FROM lake.kinds WHERE d >= '2024-02-29' AND ts < '2025-01-01 10:00:00' ORDER BY id

SELECT id FROM lake.kinds WHERE d BETWEEN '2000-01-01' AND dateadd(year, 1, DATE '2024-02-29') ORDER BY id

SELECT id FROM lake.kinds WHERE n > 1 AND n <= 100.5 AND f > 0.1 AND r = 0.1 AND i IN (1, 2, 3, -5) ORDER BY id

SELECT id FROM lake.kinds WHERE r > 0.1 OR r = i OR n = f ORDER BY id

SELECT id, CAST(n AS integer), CAST(f AS integer), CAST(i AS varchar), CAST(n AS varchar(10)), CAST(d AS varchar), CAST(i AS numeric(12,3)), CAST(n AS numeric(10,1)), CAST(n AS double precision) FROM lake.kinds ORDER BY id

SELECT id, CAST(ts AS date), CAST(d AS timestamp), CAST(ts AS varchar), CAST(o AS integer), CAST(i AS boolean), CAST(o AS varchar) FROM lake.kinds ORDER BY id

SELECT id, CAST(s AS varchar(2)), CAST(s AS char(6)), CAST('2024-05-06' AS date), CAST('7' AS bigint), CAST(' 12.345 ' AS numeric(6,2)) FROM lake.kinds ORDER BY id

SELECT CAST(t AS integer) + 1, CAST(t AS numeric(8,2)) FROM lake.texts WHERE kind = 'number' ORDER BY 1

SELECT CAST(t AS date), CAST(t AS timestamp) FROM lake.texts WHERE kind = 'date' ORDER BY 1

SELECT id, upper(s), lower(s) FROM lake.kinds WHERE octet_length(s) = len(s) ORDER BY id

SELECT id, substring(s, 2, 3), left(s, 2), right(s, 2), replace(s, 'a', 'xy'), strpos(s, 'b'), charindex('b', s), md5(s) FROM lake.kinds ORDER BY id

SELECT id, trim(s), ltrim(s), rtrim(s), btrim(s, 'ab'), ltrim(s, 'a'), concat(s, ch) FROM lake.kinds ORDER BY id

SELECT id FROM lake.kinds WHERE s LIKE 'a%' OR s LIKE '_b%' OR s NOT LIKE '%x%' ORDER BY id

SELECT id FROM lake.kinds WHERE s ILIKE 'A%' AND id < 6 ORDER BY id

SELECT id, coalesce(i, 0), nvl(s, 'none'), nvl2(n, 'yes', 'no'), nullif(i, 1), greatest(i, 2), least(n, 0.5), coalesce(n, i, 1.5) FROM lake.kinds ORDER BY id

SELECT id, CASE WHEN i > 1 THEN 'many' WHEN i = 1 THEN 'one' END, CASE i WHEN 1 THEN 1 WHEN 2 THEN 2.5 ELSE 0 END, CASE WHEN o THEN n ELSE f END FROM lake.kinds ORDER BY id

SELECT id, abs(i), abs(n), ceil(n), floor(n), round(n, 1), round(n), sqrt(abs(f)), power(i, 2) FROM lake.kinds ORDER BY id

SELECT id, o AND i > 0, o OR i IS NULL, NOT o, o IS TRUE, i IS NOT NULL FROM lake.kinds ORDER BY id

SELECT listagg(s, ',') WITHIN GROUP (ORDER BY id) FROM lake.kinds

SELECT s, listagg(s, '') WITHIN GROUP (ORDER BY id DESC) FROM lake.kinds GROUP BY s ORDER BY s

SELECT id, row_number() OVER (ORDER BY id), rank() OVER (PARTITION BY s ORDER BY i), dense_rank() OVER (ORDER BY s), ntile(3) OVER (ORDER BY id) FROM lake.kinds ORDER BY id

SELECT id, lag(i) OVER (ORDER BY id), lead(i, 2) OVER (ORDER BY id), first_value(i) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING), last_value(i IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM lake.kinds ORDER BY id

SELECT id, sum(i) OVER (PARTITION BY s ORDER BY id ROWS UNBOUNDED PRECEDING), avg(n) OVER (PARTITION BY s), count(*) OVER (), max(d) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM lake.kinds ORDER BY id

SELECT id, s, i FROM lake.kinds QUALIFY row_number() OVER (PARTITION BY s ORDER BY id) = 1 ORDER BY i DESC, 1

SELECT id FROM lake.kinds WHERE i = (SELECT max(i) FROM lake.kinds) ORDER BY id

SELECT id FROM lake.kinds AS k WHERE EXISTS (SELECT 1 FROM lake.texts AS t WHERE t.t = k.s) ORDER BY id

SELECT id FROM lake.kinds WHERE s IN (SELECT t FROM lake.texts) OR i NOT IN (SELECT i FROM lake.kinds WHERE i > 1) ORDER BY id

WITH a AS (SELECT s, sum(i) AS total FROM lake.kinds GROUP BY s), b AS (SELECT * FROM a WHERE total > 1) SELECT a.s, a.total, b.total FROM a LEFT JOIN b ON a.s = b.s ORDER BY 1

SELECT i FROM lake.kinds UNION SELECT sm FROM lake.kinds ORDER BY 1

SELECT s FROM lake.kinds UNION ALL SELECT t FROM lake.texts ORDER BY 1

SELECT i FROM lake.kinds INTERSECT SELECT sm FROM lake.kinds ORDER BY 1

SELECT i FROM lake.kinds EXCEPT SELECT 1 ORDER BY 1

SELECT DISTINCT s, o FROM lake.kinds ORDER BY s, o

SELECT k.id, w.name FROM lake.kinds AS k JOIN here AS w ON k.i = w.id ORDER BY 1, 2

SELECT k.id, w.name FROM lake.kinds AS k FULL JOIN here AS w USING (id) ORDER BY 1, 2

SELECT w.name, count(*) FROM here AS w CROSS JOIN lake.kinds AS k GROUP BY w.name ORDER BY 1

SELECT * FROM here ORDER BY id

SELECT y, m, count(*), sum(v) FROM lake.parts GROUP BY y, m ORDER BY y, m

SELECT v FROM lake.parts WHERE y = 2024 AND m = 'b c' ORDER BY v

SELECT count(*) FROM lake.parts AS a JOIN lake.parts AS b ON a.v = b.v WHERE a.y = 2023

SELECT a, b, c FROM lake.csv ORDER BY a

SELECT sum(a), max(c) FROM lake.csv WHERE b <> 'x'

SELECT count(*) FROM lake.nothing

SELECT late, id FROM lake.grown ORDER BY id

SELECT 1 / (i - i) FROM lake.kinds

SELECT n % (i - i) FROM lake.kinds WHERE i IS NOT NULL

SELECT (SELECT id FROM lake.kinds)

SELECT CAST(b AS smallint) FROM lake.kinds

SELECT upper(s) FROM lake.kinds

SELECT CAST(f AS varchar) FROM lake.kinds

SELECT regexp_substr(s, '[a-c]+') FROM lake.kinds

SELECT to_char(d, 'YYYY') FROM lake.kinds

SELECT median(n) FROM lake.kinds

SELECT s FROM lake.kinds GROUP BY ROLLUP (s)

SELECT "$path" FROM lake.kinds

SELECT id, tags FROM lake.nested

SELECT id FROM lake.kinds WHERE s NOT ILIKE 'a%' OR s IN ('ab', 'xyz') AND s NOT IN ('ab') OR i NOT BETWEEN 1 AND 3 ORDER BY id

SELECT id, exp(f), ln(abs(f) + 1), power(f, 2), sqrt(n * n) FROM lake.kinds ORDER BY id

SELECT ln(f) FROM lake.kinds

SELECT ceil(f) FROM lake.kinds

SELECT id, CAST(n AS numeric(30,8)) * 1.00000001, CAST(n AS numeric(24,10)) * CAST(n AS numeric(10,4)) FROM lake.kinds ORDER BY id

SELECT id, - n, abs(n), dateadd(year, 1, d), dateadd(year, -1, ts), d + i, r + n, r * i, trim(s), len(ch) FROM lake.kinds ORDER BY id

SELECT d + 2147483647 FROM lake.kinds

SELECT id FROM lake.kinds WHERE ceil(CAST(0.5 AS numeric(1,1))) >= id ORDER BY id

SELECT CAST(f * 1e300 AS real) FROM lake.kinds

SELECT id FROM lake.kinds WHERE s LIKE '_😀_'

-- INTERVAL columns and literals, year to month and day to second, with arithmetic.
-- source: r_interval_data_types

CREATE TABLE iv (a interval year to month, b interval day to second);
--> CREATE TABLE
INSERT INTO iv VALUES ('1-2', '3 04:05:06'), (INTERVAL '2-0' YEAR TO MONTH, INTERVAL '0 05:00:00' DAY TO SECOND), ('1 year', '5 hours');
--> INSERT 0 3
SELECT a, b FROM iv ORDER BY a, b;
--> a:interval | b:interval
--> 1 year | 05:00:00
--> 1 year 2 mons | 3 days 04:05:06
--> 2 years | 05:00:00
SELECT a + INTERVAL '1 month' AS more, b * 2 AS twice, a > INTERVAL '1 year' AS longer FROM iv ORDER BY a, b;
--> more:interval | twice:interval | longer:bool
--> 1 year 1 mon | 10:00:00 | f
--> 1 year 3 mons | 6 days 08:10:12 | t
--> 2 years 1 mon | 10:00:00 | t
SELECT '1-2'::interval year to month AS a, '3 04:05:06.7'::interval day to second AS b, INTERVAL '5' YEAR AS c, INTERVAL '2' HOUR AS d, '-1-2'::interval year to month AS e;
--> a:interval | b:interval | c:interval | d:interval | e:interval
--> 1 year 2 mons | 3 days 04:05:06.7 | 5 years | 02:00:00 | -1 years -2 mons
SELECT extract(month FROM a) AS m, extract(day FROM b) AS d, extract(epoch FROM b) AS e FROM iv ORDER BY a, b;
--> m:int4 | d:int4 | e:int8
--> 0 | 0 | 18000
--> 2 | 3 | 273906
--> 0 | 0 | 18000
SELECT date '2020-01-31' + a AS moved, timestamp '2020-01-01 00:00:00' - b AS back FROM iv ORDER BY a, b;
--> moved:timestamp | back:timestamp
--> 2021-01-31 00:00:00 | 2019-12-31 19:00:00
--> 2021-03-31 00:00:00 | 2019-12-28 19:54:54
--> 2022-01-31 00:00:00 | 2019-12-31 19:00:00
SELECT 'x'::interval;
--> ERROR 22P02: a value cannot be converted to the type that it needs here
-- A unit, and more behind it.
SELECT INTERVAL '2 days 23:30:00' AS a, INTERVAL '1 day -2:00' AS b, INTERVAL '3 hours ago' AS c, INTERVAL '1 day, 2 hours' AS d, '4 years, 5 days'::interval AS e, INTERVAL '1.5 days' AS f;
--> a:interval | b:interval | c:interval | d:interval | e:interval | f:interval
--> 2 days 23:30:00 | 1 day -02:00:00 | -03:00:00 | 1 day 02:00:00 | 4 years 5 days | 1 day 12:00:00

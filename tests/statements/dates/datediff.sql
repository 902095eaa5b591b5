-- DATEDIFF counts the boundaries that are crossed; weeks begin on Sunday.
-- source: r_DATEDIFF_function

SELECT datediff(week, '2019-12-31', '2020-01-06') AS weeks, datediff(year, '2008-12-31', '2009-01-01') AS years, datediff(qtr, '1998-07-01', '1998-10-01') AS quarters;
--> weeks:int8 | years:int8 | quarters:int8
--> 1 | 1 | 1
SELECT datediff(day, '2009-01-02', '2008-12-31') AS back, datediff(hour, '2009-01-01 01:59:59', '2009-01-01 02:00:00') AS hours, datediff(month, '2020-01-31', '2020-02-01') AS months;
--> back:int8 | hours:int8 | months:int8
--> -2 | 1 | 1
SELECT datediff(week, '2024-01-06', '2024-01-07') AS to_sunday, datediff(week, '2024-01-07', '2024-01-08') AS to_monday;
--> to_sunday:int8 | to_monday:int8
--> 1 | 0
SELECT datediff(second, '2020-01-01 00:00:00.9', '2020-01-01 00:00:01') AS s, datediff(ms, '2020-01-01 00:00:00.0009', '2020-01-01 00:00:00.001') AS ms, datediff(day, NULL, '2020-01-01'::date) AS nothing;
--> s:int8 | ms:int8 | nothing:int8
--> 1 | 1 | NULL
SELECT datediff(fortnight, '2020-01-01', '2020-01-02');
--> ERROR 22023: timestamp units "fortnight" not recognized

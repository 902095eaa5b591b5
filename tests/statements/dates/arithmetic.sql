-- Dates take whole days; their difference is a number of days; timestamps take intervals.
-- source: r_OPERATOR_SYMBOLS

SELECT '2008-01-01'::date + 7 AS later, '2008-01-31'::date - 31 AS earlier, '2008-03-01'::date - '2008-02-01'::date AS days;
--> later:date | earlier:date | days:int8
--> 2008-01-08 | 2007-12-31 | 29
SELECT '2008-01-01'::timestamp + INTERVAL '1 day 2 hours' AS plus, '2008-03-31'::date - INTERVAL '1 month' AS minus, '2008-01-02 12:00'::timestamp - '2008-01-01'::timestamp AS between_moments;
--> plus:timestamp | minus:timestamp | between_moments:interval
--> 2008-01-02 02:00:00 | 2008-02-29 00:00:00 | 1 day 12:00:00
SELECT '2008-01-01'::date = '2008-01-01 00:00:00'::timestamp AS same, '2008-01-01'::date < '20080102' AS before, '2008-01-01' BETWEEN '2007-01-01'::date AND '2009-01-01'::date AS inside;
--> same:bool | before:bool | inside:bool
--> t | t | t
SELECT INTERVAL '2 years 3 months' AS i, INTERVAL '52' HOUR AS h, INTERVAL '1-2' YEAR TO MONTH AS ym;
--> i:interval | h:interval | ym:interval
--> 2 years 3 mons | 52:00:00 | 1 year 2 mons

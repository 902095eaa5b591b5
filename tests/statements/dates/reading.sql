-- Text is read as a date or timestamp in the documented forms and nothing else.
-- source: r_DATEFORMAT_and_TIMEFORMAT_strings

SELECT '2008-12-31'::date AS iso, '20081231'::date AS compact, '12/31/2008'::date AS american, 'Dec 31, 2008'::date AS named, '31-Dec-2008'::date AS oracle;
--> iso:date | compact:date | american:date | named:date | oracle:date
--> 2008-12-31 | 2008-12-31 | 2008-12-31 | 2008-12-31 | 2008-12-31
SELECT '2008-12-31 23:59:59.123456'::timestamp AS whole, '2008-12-31T10:00:00'::timestamp AS t, '2008-12-31'::timestamp AS day, '2008-12-31 10:00:00+02'::timestamptz AS zone;
--> whole:timestamp | t:timestamp | day:timestamp | zone:timestamptz
--> 2008-12-31 23:59:59.123456 | 2008-12-31 10:00:00 | 2008-12-31 00:00:00 | 2008-12-31 08:00:00+00
SELECT '2008-02-30'::date;
--> ERROR 22008: date field value out of range: "2008-02-30"
SELECT 'yestermorn'::date;
--> ERROR 22007: invalid input syntax for type date: "yestermorn"
SELECT '10:65:00'::time;
--> ERROR 22008: time field value out of range: "10:65:00"
SELECT '23:59:59.5'::time AS t;
--> t:time
--> 23:59:59.5

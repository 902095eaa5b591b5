-- DATEADD keeps the day where the month has it and the month's last day otherwise.
-- source: r_DATEADD_function

SELECT dateadd(month, 1, '2008-01-31') AS short_month, dateadd(month, 18, '2008-02-28') AS later, dateadd(month, 1, '2008-02-29') AS not_sticky;
--> short_month:timestamp | later:timestamp | not_sticky:timestamp
--> 2008-02-29 00:00:00 | 2009-08-28 00:00:00 | 2008-03-29 00:00:00
SELECT dateadd(day, 30, '2008-01-01'::date) AS from_date, dateadd(year, -1, '2008-02-29') AS leap, dateadd(minute, 90, '2008-01-01 23:00') AS minutes;
--> from_date:timestamp | leap:timestamp | minutes:timestamp
--> 2008-01-31 00:00:00 | 2007-03-01 00:00:00 | 2008-01-02 00:30:00
SELECT dateadd(week, 2, '2008-01-01'::date) AS weeks, dateadd(qtr, 1, '2008-01-31'::date) AS quarter, dateadd(ms, 1500, '2008-01-01'::timestamp) AS ms;
--> weeks:timestamp | quarter:timestamp | ms:timestamp
--> 2008-01-15 00:00:00 | 2008-04-30 00:00:00 | 2008-01-01 00:00:01.5
SELECT dateadd(month, 1, NULL::date) AS nothing;
--> nothing:timestamp
--> NULL

-- ADD_MONTHS takes a month's last day to a month's last day.
-- source: r_ADD_MONTHS

SELECT ADD_MONTHS('2008-02-29', 1) AS sticky, ADD_MONTHS('2008-01-31', 1) AS short_month, ADD_MONTHS('2008-03-31'::date, -1) AS back, ADD_MONTHS('2008-01-15 10:30:00'::timestamp, 12) AS with_time;
--> sticky:timestamp | short_month:timestamp | back:timestamp | with_time:timestamp
--> 2008-03-31 00:00:00 | 2008-02-29 00:00:00 | 2008-02-29 00:00:00 | 2009-01-15 10:30:00
SELECT LAST_DAY('2008-02-05'::date) AS leap, LAST_DAY('2008-04-30 23:59') AS april, MONTHS_BETWEEN('1969-03-18', '1969-01-18') AS whole, NEXT_DAY('2014-08-20', 'Tuesday') AS tuesday;
--> leap:date | april:date | whole:float8 | tuesday:date
--> 2008-02-29 | 2008-04-30 | 2 | 2014-08-26

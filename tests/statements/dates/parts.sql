-- Date parts by their names and abbreviations, in DATE_PART, EXTRACT, DATE_TRUNC, DATEADD and DATEDIFF.
-- source: r_Dateparts_for_datetime_functions

SELECT date_part(sec, timestamp '2009-09-21 11:10:03.189717');
--> pgdate_part:float8
--> 3.189717
SELECT extract(sec FROM timestamp '2009-09-21 11:10:03.189717');
--> date_part:int4
--> 3
SELECT extract(century FROM timestamp '2000-12-16 12:21:13') AS twentieth, extract(century FROM timestamp '2001-12-16 12:21:13') AS twenty_first, extract(mil FROM timestamp '2000-12-16 12:21:13') AS second, extract(mil FROM timestamp '2001-12-16 12:21:13') AS third;
--> twentieth:int4 | twenty_first:int4 | second:int4 | third:int4
--> 20 | 21 | 2 | 3
SELECT extract(decade FROM timestamp '1999-02-16 20:38:40') AS d200, extract(decade FROM timestamp '2000-02-16 20:38:40') AS d201, extract(decade FROM timestamp '2010-02-16 20:38:40') AS d202;
--> d200:int4 | d201:int4 | d202:int4
--> 200 | 201 | 202
SELECT extract(epoch FROM timestamp '2008-01-01 20:00:00') AS epoch, date_part(epoch, timestamp '2008-01-01 20:00:00.5') AS with_fraction, extract(epoch FROM timestamp '2100-01-01') AS after_2038;
--> epoch:int8 | with_fraction:float8 | after_2038:int8
--> 1199217600 | 1199217600.5 | 4102444800
SELECT extract(dow FROM date '2020-02-29') AS dow, extract(weekday FROM date '2020-03-01') AS weekday, extract(doy FROM date '2020-12-31') AS doy, extract(yearday FROM date '2020-01-01') AS yearday, extract(qtr FROM date '2020-08-01') AS qtr, extract(w FROM date '2021-01-01') AS iso_week;
--> dow:int4 | weekday:int4 | doy:int4 | yearday:int4 | qtr:int4 | iso_week:int4
--> 6 | 0 | 366 | 1 | 3 | 53
SELECT extract(ms FROM timestamp '2009-09-09 12:08:43.101') AS ms, extract(us FROM timestamp '2009-09-09 12:08:43.101') AS us, extract(ms FROM time '18:25:33.123456') AS of_time, extract(minute FROM time '20:15:00') AS minute;
--> ms:int4 | us:int4 | of_time:int4 | minute:int4
--> 101 | 101000 | 123 | 15
SELECT extract(fortnight FROM date '2020-01-01');
--> ERROR 22023: timestamp units "fortnight" not recognized
-- source: r_DATE_PART_function
SELECT date_part(minute, timestamp '20230104 04:05:06.789') AS minute, date_part(week, timestamp '20220502 04:05:06.789') AS week, date_part(dayofweek, timestamp '20220502 04:05:06.789') AS monday, date_part(millennium, timestamp '20220502 04:05:06.789') AS third, date_part(microsecond, timestamp '20220502 04:05:06.789') AS us, date_part(month, date '20220502') AS month;
--> minute:float8 | week:float8 | monday:float8 | third:float8 | us:float8 | month:float8
--> 5 | 18 | 1 | 3 | 789000 | 5
SELECT pgdate_part('year', date '2020-02-29') AS other_name, date_part('mon', NULL::date) AS nothing;
--> other_name:float8 | nothing:float8
--> 2020 | NULL
-- source: r_EXTRACT_function
SELECT extract(year FROM timestamptz '2020-01-02 07:37:16.00 PST') AS of_zoned, extract(timezone FROM timestamptz '2020-01-02 07:37:16 PST') AS seconds, extract(timezone_hour FROM timetz '07:37:16.00 PDT') AS in_utc;
--> of_zoned:float8 | seconds:float8 | in_utc:int4
--> 2020 | 0 | 0
SELECT extract(timezone_hour FROM timestamp '2020-01-01');
--> ERROR 22023: timestamp units "timezone_hour" need a zone: TIMESTAMPTZ or TIMETZ
-- source: r_DATE_TRUNC
SELECT date_trunc('second', timestamp '20200430 04:05:06.789') AS second, date_trunc('hours', timestamp '20200430 04:05:06.789') AS hour, date_trunc('week', timestamp '20220430 04:05:06.789') AS monday, date_trunc('quarter', timestamp '20200430 04:05:06.789') AS quarter;
--> second:timestamp | hour:timestamp | monday:timestamp | quarter:timestamp
--> 2020-04-30 04:05:06 | 2020-04-30 04:00:00 | 2022-04-25 00:00:00 | 2020-04-01 00:00:00
SELECT date_trunc('decade', timestamp '20250430 04:05:06') AS decade, date_trunc('century', timestamp '20000430 04:05:06') AS century, date_trunc('millennia', timestamp '20200430 04:05:06.789') AS millennium, date_trunc('us', timestamp '20200430 04:05:06.789') AS us;
--> decade:timestamp | century:timestamp | millennium:timestamp | us:timestamp
--> 2020-01-01 00:00:00 | 1901-01-01 00:00:00 | 2001-01-01 00:00:00 | 2020-04-30 04:05:06.789
SELECT date_trunc('dow', sysdate);
--> ERROR 22023: timestamp units "dow" not supported here
-- source: r_DATEADD_function
SELECT dateadd(month, 18, '2008-02-28');
--> date_add:timestamp
--> 2009-08-28 00:00:00
SELECT dateadd(m, 30, '2008-02-28') AS minutes, dateadd(hour, 8, time '13:24:55') AS later, dateadd(hour, 12, time '13:24:55') AS next_day, dateadd(month, 1, '2008-04-30') AS same_day;
--> minutes:timestamp | later:time | next_day:time | same_day:timestamp
--> 2008-02-28 00:30:00 | 21:24:55 | 01:24:55 | 2008-05-30 00:00:00
SELECT dateadd(month, 12, '2016-02-29') AS by_months, dateadd(year, 1, '2016-02-29') AS by_years, dateadd(year, 4, '2016-02-29') AS leap_year, dateadd(year, -1, date '2016-02-29') AS back, dateadd(decade, 1, date '2016-03-01') AS decade;
--> by_months:timestamp | by_years:timestamp | leap_year:timestamp | back:timestamp | decade:timestamp
--> 2017-02-28 00:00:00 | 2017-03-01 00:00:00 | 2020-02-29 00:00:00 | 2015-03-01 00:00:00 | 2026-03-01 00:00:00
SELECT dateadd(qtr, 2, date '2020-01-31') AS quarters, dateadd(w, -1, date '2020-01-31') AS week, dateadd(ms, 1500, timestamp '2020-01-01') AS ms, dateadd(us, 7, timestamp '2020-01-01') AS us, dateadd(century, 1, timestamp '2020-01-01') AS century;
--> quarters:timestamp | week:timestamp | ms:timestamp | us:timestamp | century:timestamp
--> 2020-07-31 00:00:00 | 2020-01-24 00:00:00 | 2020-01-01 00:00:01.5 | 2020-01-01 00:00:00.000007 | 2120-01-01 00:00:00
SELECT dateadd(dow, 1, date '2020-01-01');
--> ERROR 22023: timestamp units "dow" not supported here
SELECT dateadd(year, 300000, date '2020-01-01');
--> ERROR 22008: timestamp out of range
-- source: r_DATEDIFF_function
SELECT datediff(week, '2009-01-01', '2009-12-31') AS numweeks, datediff(hour, '2023-01-01', '2023-01-03 05:04:03') AS hours, datediff(day, date '2009-01-01', date '2009-03-23') AS days, datediff(qtr, '1998-07-01', date '2008-06-05') AS quarters;
--> numweeks:int8 | hours:int8 | days:int8 | quarters:int8
--> 52 | 53 | 81 | 39
SELECT datediff(minute, time '20:00:00', time '21:00:00') AS nummins, datediff(hours, timetz '20:00:00 PST', timetz '00:58:00 EST') AS numhours, datediff(year, '2008-12-31', '2009-01-01') AS one_year, datediff(mon, '2020-03-01', '2020-01-31') AS back;
--> nummins:int8 | numhours:int8 | one_year:int8 | back:int8
--> 60 | 1 | 1 | -2
SELECT datediff(day, date '2020-01-01', NULL);
--> date_diff:int8
--> NULL
SELECT datediff(epoch, date '2020-01-01', date '2020-01-02');
--> ERROR 22023: timestamp units "epoch" not supported here

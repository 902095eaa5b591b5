-- TO_DATE and TO_TIMESTAMP read by a format; values beyond their range run over, or are errors where is_strict says so.
-- source: r_TO_DATE_function

SELECT to_date('02 Oct 2001', 'DD Mon YYYY') AS named, to_date('20010631', 'YYYYMMDD', FALSE) AS run_over, to_date('20010631', 'YYYYMMDD') AS not_strict;
--> named:date | run_over:date | not_strict:date
--> 2001-10-02 | 2001-07-01 | 2001-07-01
SELECT to_date('20010631', 'YYYYMMDD', TRUE);
--> ERROR 22008: date/time field date value out of range: 2001-6-31
SELECT to_date('2001-13-01', 'YYYY-MM-DD') AS next_year, to_date('2001-02-29', 'YYYY-MM-DD') AS march, to_date('2001-060', 'YYYY-DDD') AS day_of_year;
--> next_year:date | march:date | day_of_year:date
--> 2002-01-01 | 2001-03-01 | 2001-03-01
SELECT to_date('2001-13-01', 'YYYY-MM-DD', TRUE);
--> ERROR 22008: date/time field date value out of range: 2001-13-1
SELECT to_date('29 FEBRUARY 2020', 'DD MONTH YYYY') AS long_name, to_date('feb-29-20', 'MON-DD-YY') AS short_year, to_date('Sat, 29 Feb 2020', 'DY, DD Mon YYYY') AS with_day, to_date('85-07-01', 'YY-MM-DD') AS last_century;
--> long_name:date | short_year:date | with_day:date | last_century:date
--> 2020-02-29 | 2020-02-29 | 2020-02-29 | 1985-07-01
SELECT to_date('2020/02/29', 'YYYY-MM-DD') AS other_separator, to_date('  2020 02 29', 'YYYY MM DD') AS blanks, to_date('2,020-02-29', 'Y,YYY-MM-DD') AS comma, to_date('2458909', 'J') AS julian, to_date('29-II-2020', 'DD-RM-YYYY') AS roman;
--> other_separator:date | blanks:date | comma:date | julian:date | roman:date
--> 2020-02-29 | 2020-02-29 | 2020-02-29 | 2020-02-29 | 2020-02-29
SELECT to_date('xx', 'YYYY');
--> ERROR 22007: invalid value "xx" for "YYYY"
SELECT to_date('29 Foo 2020', 'DD Mon YYYY');
--> ERROR 22007: invalid value "Foo 2020" for "MON"
SELECT to_date('2020', 'YYYY TZ');
--> ERROR 0A000: the pattern "TZ" is not supported for reading dates
SELECT to_date(NULL, 'YYYY') AS nothing, to_date('2020', NULL) AS no_format, to_date('', 'YYYY') AS empty;
--> nothing:date | no_format:date | empty:date
--> NULL | NULL | 0001-01-01
-- source: r_TO_TIMESTAMP
SELECT to_timestamp('2017', 'YYYY') AS year_only, to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS') AS tomorrow, to_timestamp('', 'YYYY-MM-DD') AS empty;
--> year_only:timestamptz | tomorrow:timestamptz | empty:timestamptz
--> 2017-01-01 00:00:00+00 | 2011-12-19 00:38:15+00 | 0001-01-01 00:00:00+00
SELECT to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS', TRUE);
--> ERROR 22008: date/time field time value out of range: 24:38:15.0
SELECT to_timestamp('05 Dec 2000 03:04:05.123456 PM', 'DD Mon YYYY HH12:MI:SS.US AM') AS afternoon, to_timestamp('12:00 AM', 'HH12:MI AM') AS midnight, to_timestamp('2020-01-01 10:11:12.5', 'YYYY-MM-DD HH24:MI:SS.MS') AS half_second;
--> afternoon:timestamptz | midnight:timestamptz | half_second:timestamptz
--> 2000-12-05 15:04:05.123456+00 | 0001-01-01 00:00:00+00 | 2020-01-01 10:11:12.5+00
SELECT to_timestamp('13:00 PM', 'HH12:MI PM');
--> ERROR 22007: hour "13" is invalid for the 12-hour clock
SELECT to_timestamp('2020-01-01 3661', 'YYYY-MM-DD SSSS') AS seconds_of_day;
--> seconds_of_day:timestamptz
--> 2020-01-01 01:01:01+00
CREATE TABLE texts (moment varchar(30), form varchar(30));
INSERT INTO texts VALUES ('01.02.2020', 'DD.MM.YYYY'), ('20200201', 'YYYYMMDD'), ('Feb 1, 2020', 'Mon DD, YYYY'), (NULL, 'YYYY');
SELECT moment, to_date(moment, form) AS read FROM texts ORDER BY moment;
--> moment:varchar(30) | read:date
--> 01.02.2020 | 2020-02-01
--> 20200201 | 2020-02-01
--> Feb 1, 2020 | 2020-02-01
--> NULL | NULL

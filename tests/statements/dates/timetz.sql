-- TIMETZ is kept and shown in UTC; parts of a literal are its own.
-- source: r_Datetime_types

SELECT timetz '13:24:55 PST' AS abbreviation, timetz '04:00:00+02' AS offset_east, '05:58:00'::timetz AS plain, NULL::timetz AS nothing;
--> abbreviation:timetz | offset_east:timetz | plain:timetz | nothing:timetz
--> 21:24:55+00 | 02:00:00+00 | 05:58:00+00 | NULL
-- source: r_DATEADD_function
SELECT dateadd(hour, 2, timetz '13:24:55 PST');
--> date_add:timetz
--> 23:24:55+00
CREATE TABLE timetz_test (timetz_val timetz);
INSERT INTO timetz_test VALUES ('04:00:00+00'), ('00:00:00.5550+00'), ('05:58:00+00');
SELECT timetz_val, dateadd(minute, 5, timetz_val) AS minplus5_tz, extract(hour FROM timetz_val) AS hours, datediff(hours, timetz '20:00:00 PST', timetz_val) AS numhours FROM timetz_test ORDER BY 1;
--> timetz_val:timetz | minplus5_tz:timetz | hours:int4 | numhours:int8
--> 00:00:00.555+00 | 00:05:00.555+00 | 0 | -4
--> 04:00:00+00 | 04:05:00+00 | 4 | 0
--> 05:58:00+00 | 06:03:00+00 | 5 | 1

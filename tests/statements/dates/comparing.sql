-- The functions that compare moments: -1, 0 or 1.
-- source: r_DATE_CMP

SELECT date_cmp('2008-01-01', '2008-01-04') AS before, date_cmp(date '2008-01-04', '2008-01-04') AS same, date_cmp('2008-01-05', date '2008-01-04') AS after, date_cmp(NULL, '2008-01-04') AS nothing;
--> before:int4 | same:int4 | after:int4 | nothing:int4
--> -1 | 0 | 1 | NULL
-- source: r_DATE_CMP_TIMESTAMP
SELECT date_cmp_timestamp(date '2008-06-18', timestamp '2008-06-18 02:00:00') AS before;
--> before:int4
--> -1
-- source: r_DATE_CMP_TIMESTAMPTZ
SELECT date_cmp_timestamptz(date '2008-06-18', timestamptz '2008-06-18 00:00:00+00') AS same, date_cmp_timestamptz(date '2008-06-18', timestamptz '2008-06-18 00:00:00+02') AS after;
--> same:int4 | after:int4
--> 0 | 1
-- source: r_TIMESTAMP_CMP
SELECT timestamp_cmp(timestamp '2008-01-24 06:43:29', timestamp '2008-01-24 06:43:28') AS after, timestamp_cmp_date(timestamp '2008-01-24 06:43:29', date '2008-01-25') AS before;
--> after:int4 | before:int4
--> 1 | -1
-- source: r_TIMESTAMP_CMP_TIMESTAMPTZ
SELECT timestamp_cmp_timestamptz(timestamp '2008-01-24 06:43:29', timestamptz '2008-01-24 06:43:29+00') AS same;
--> same:int4
--> 0
-- source: r_TIMESTAMPTZ_CMP
SELECT timestamptz_cmp(timestamptz '2008-01-24 06:43:29+02', timestamptz '2008-01-24 06:43:29+00') AS before;
--> before:int4
--> -1
-- source: r_TIMESTAMPTZ_CMP_DATE
SELECT timestamptz_cmp_date(timestamptz '2008-01-24 00:00:00+00', date '2008-01-24') AS same;
--> same:int4
--> 0
-- source: r_TIMESTAMPTZ_CMP_TIMESTAMP
SELECT timestamptz_cmp_timestamp(timestamptz '2008-01-24 00:00:01+00', timestamp '2008-01-24 00:00:00') AS after;
--> after:int4
--> 1
-- source: r_INTERVAL_CMP
SELECT interval_cmp('3 days', '1 year') AS shorter, interval_cmp('7 days', '1 week') AS same, interval_cmp(interval '2 hours', '1 hour') AS longer, interval_cmp(NULL, '1 day') AS nothing;
--> shorter:int4 | same:int4 | longer:int4 | nothing:int4
--> -1 | 0 | 1 | NULL
SELECT interval_cmp(1, 2);
--> ERROR 42883 at 8: function interval_cmp(integer, integer) does not exist
-- source: r_Datetime_types
SELECT timestamptz '2008-06-18 00:00:00+00' < '2008-06-18 01:00+00' AS before, timestamptz '2008-06-18 00:00:00+00' = '2008-06-18 02:00:00+02' AS same;
--> before:bool | same:bool
--> t | t

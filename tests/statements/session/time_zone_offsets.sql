-- A session's time zone may be an offset: ISO counts east, POSIX west, an interval says hours.
-- source: r_timezone_config

SET timezone TO '-8:00';
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 04:00:00-08
SHOW timezone;
--> timezone:varchar
--> -8:00
SET timezone TO 'PST8';
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 04:00:00-08
SET timezone = 'EST5EDT';
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 08:00:00-04
SET timezone INTERVAL '-8 hours';
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 04:00:00-08
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE;
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 14:00:00+02
SET TIME ZONE -8;
SELECT timestamptz '2026-07-01 12:00:00+00' AS moment;
--> moment:timestamptz
--> 2026-07-01 04:00:00-08
SET timezone TO '+5:30';
--> ERROR 0A000: the time zone "+5:30" is not supported
SET timezone TO 'xxx36';
--> ERROR 22023: invalid value for parameter "TimeZone": "xxx36"
SHOW timezone;
--> timezone:varchar
--> -8
SELECT count(*) > 300 AS many, count(CASE WHEN name = 'America/New_York' THEN 1 END) AS new_york FROM pg_timezone_names();
--> many:bool | new_york:int8
--> t | 1
SELECT abbrev, utc_offset, is_dst FROM pg_timezone_abbrevs() WHERE abbrev IN ('PST', 'CEST') ORDER BY 1;
--> abbrev:text | utc_offset:interval | is_dst:bool
--> CEST | 02:00:00 | t
--> PST | -08:00:00 | f
SELECT count(*) FROM (SELECT pg_timezone_abbrevs()) AS z WHERE pg_timezone_abbrevs = '(PST,-08:00:00,f)';
--> count:int8
--> 1
RESET timezone;

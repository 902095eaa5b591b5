-- CONVERT_TIMEZONE and AT TIME ZONE move between zones; TIMESTAMPTZ shows the session's.
-- source: CONVERT_TIMEZONE

SELECT convert_timezone('America/New_York', '2008-08-21 12:00:00'::timestamp) AS from_utc, convert_timezone('PST8PDT', 'UTC', '2008-08-21 12:00:00'::timestamp) AS to_utc;
--> from_utc:timestamp | to_utc:timestamp
--> 2008-08-21 08:00:00 | 2008-08-21 19:00:00
SELECT '2008-08-21 12:00:00'::timestamp AT TIME ZONE 'Europe/Berlin' AS as_berlin, '2008-08-21 12:00:00+00'::timestamptz AT TIME ZONE 'Europe/Berlin' AS in_berlin;
--> as_berlin:timestamptz | in_berlin:timestamp
--> 2008-08-21 10:00:00+00 | 2008-08-21 14:00:00
SET timezone TO 'Europe/Berlin';
SELECT '2008-08-21 12:00:00+00'::timestamptz AS shown, '2008-08-21 12:00:00+00'::timestamptz::timestamp AS plain, '2008-08-21'::timestamptz AS midnight;
--> shown:timestamptz | plain:timestamp | midnight:timestamptz
--> 2008-08-21 14:00:00+02 | 2008-08-21 14:00:00 | 2008-08-21 00:00:00+02

-- Zones as places, abbreviations that know no summer, and POSIX offsets that count west.
-- source: CONVERT_TIMEZONE

SELECT convert_timezone('PST', timestamp '2008-08-24 09:36:12') AS abbreviation, convert_timezone('US/Pacific', timestamp '2008-08-24 09:36:12') AS place;
--> abbreviation:timestamp | place:timestamp
--> 2008-08-24 01:36:12 | 2008-08-24 02:36:12
SELECT convert_timezone('EST', 'PST', '20080305 12:25:29') AS three_hours, convert_timezone('America/New_York', '2013-02-01 08:00:00') AS winter, convert_timezone('America/New_York', '2013-06-01 08:00:00') AS summer;
--> three_hours:timestamp | winter:timestamp | summer:timestamp
--> 2008-03-05 09:25:29 | 2013-02-01 03:00:00 | 2013-06-01 04:00:00
SELECT convert_timezone('GMT', 'NEWZONE +2', '2014-05-17 12:00:00') AS newzone_plus_2, convert_timezone('GMT', 'NEWZONE-2:15', '2014-05-17 12:00:00') AS newzone_minus_2_15, convert_timezone('GMT', 'America/Los_Angeles+2', '2014-05-17 12:00:00') AS la_plus_2, convert_timezone('GMT', 'GMT+2', '2014-05-17 12:00:00') AS gmt_plus_2;
--> newzone_plus_2:timestamp | newzone_minus_2_15:timestamp | la_plus_2:timestamp | gmt_plus_2:timestamp
--> 2014-05-17 10:00:00 | 2014-05-17 14:15:00 | 2014-05-17 10:00:00 | 2014-05-17 10:00:00
SELECT convert_timezone('PST8', timestamp '2020-06-01 12:00:00') AS posix, convert_timezone('EST5EDT', timestamp '2020-06-01 12:00:00') AS with_summer, convert_timezone('+05:30', timestamp '2020-06-01 12:00:00') AS east;
--> posix:timestamp | with_summer:timestamp | east:timestamp
--> 2020-06-01 04:00:00 | 2020-06-01 08:00:00 | 2020-06-01 17:30:00
SELECT convert_timezone('Nowhere', timestamp '2020-06-01 12:00:00');
--> ERROR 22023: time zone "Nowhere" not recognized
SELECT convert_timezone(NULL, timestamp '2020-06-01 12:00:00') AS no_zone, convert_timezone('PST', NULL) AS nothing;
--> no_zone:timestamp | nothing:timestamp
--> NULL | NULL
CREATE TABLE zones (zone varchar(20));
INSERT INTO zones VALUES ('PST'), ('US/Pacific'), ('PST8'), ('Asia/Kolkata'), (NULL);
SELECT zone, convert_timezone(zone, timestamp '2008-08-24 09:36:12') AS there, convert_timezone(zone, 'UTC', timestamp '2008-08-24 09:36:12') AS back FROM zones ORDER BY zone;
--> zone:varchar(20) | there:timestamp | back:timestamp
--> Asia/Kolkata | 2008-08-24 15:06:12 | 2008-08-24 04:06:12
--> PST | 2008-08-24 01:36:12 | 2008-08-24 17:36:12
--> PST8 | 2008-08-24 01:36:12 | 2008-08-24 17:36:12
--> US/Pacific | 2008-08-24 02:36:12 | 2008-08-24 16:36:12
--> NULL | NULL | NULL
-- source: r_TIMEZONE
SELECT timezone('PST', timestamp '2020-01-01 00:00:00') AS of_timestamp, timezone('PST', timestamptz '2020-01-01 00:00:00+00') AS of_timestamptz, timezone('Africa/Kampala', timestamptz '2020-01-01 00:00:00+00') AS kampala;
--> of_timestamp:timestamptz | of_timestamptz:timestamp | kampala:timestamp
--> 2020-01-01 08:00:00+00 | 2019-12-31 16:00:00 | 2020-01-01 03:00:00
-- source: r_AT_TIME_ZONE
SELECT timestamp '2001-02-16 20:38:40' AT TIME ZONE 'MST' AS means, timestamptz '2001-02-16 20:38:40-05' AT TIME ZONE 'MST' AS shows;
--> means:timestamptz | shows:timestamp
--> 2001-02-17 03:38:40+00 | 2001-02-16 18:38:40
SELECT timestamp '2020-07-01 12:00:00' AT TIME ZONE 'PST' AS no_summer, timestamp '2020-07-01 12:00:00' AT TIME ZONE 'America/Los_Angeles' AS summer;
--> no_summer:timestamptz | summer:timestamptz
--> 2020-07-01 20:00:00+00 | 2020-07-01 19:00:00+00

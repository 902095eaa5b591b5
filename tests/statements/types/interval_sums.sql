-- Intervals are summed and averaged: months, days and times each by itself, and an average's rest goes on to the smaller.
-- source: r_interval_data_types

CREATE TABLE spent (who varchar(5), took interval);
--> CREATE TABLE
INSERT INTO spent VALUES ('a', interval '1 day 2 hours'), ('a', interval '2 days 23:30:00'), ('b', interval '1 month'), ('b', NULL);
--> INSERT 0 4
SELECT sum(took) AS total, avg(took) AS mean FROM spent;
--> total:interval | mean:interval
--> 1 mon 3 days 25:30:00 | 11 days 08:30:00
SELECT who, sum(took) AS total, avg(took) AS mean FROM spent GROUP BY who ORDER BY who;
--> who:varchar(5) | total:interval | mean:interval
--> a | 3 days 25:30:00 | 1 day 24:45:00
--> b | 1 mon | 1 mon
SELECT who, sum(took) OVER (PARTITION BY who ORDER BY took ROWS UNBOUNDED PRECEDING) AS running FROM spent WHERE took IS NOT NULL ORDER BY who, took;
--> who:varchar(5) | running:interval
--> a | 1 day 02:00:00
--> a | 3 days 25:30:00
--> b | 1 mon
SELECT sum(i) AS total, sum(DISTINCT i) AS once FROM (SELECT interval '1' year AS i UNION ALL SELECT interval '1' year) t;
--> total:interval | once:interval
--> 2 years | 1 year
SELECT sum(took) FROM spent WHERE false;
--> sum:interval
--> NULL
SELECT sum(finished - started) FROM (SELECT timestamp '2020-01-01 10:00:00' AS started, timestamp '2020-01-02 11:30:00' AS finished) t;
--> sum:interval
--> 1 day 01:30:00

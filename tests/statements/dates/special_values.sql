-- The words for moments: now, today, tomorrow and yesterday, wherever a text is read as a date or a timestamp.
-- source: r_Date_and_time_literals

SELECT dateadd(day, 1, 'today') = current_date + 1 AS a, 'tomorrow'::date - 'yesterday'::date AS b, 'now'::timestamp = sysdate AS c, date 'Today' = current_date AS d;
--> a:bool | b:int8 | c:bool | d:bool
--> t | 2 | t | t
CREATE TABLE made (n integer, at timestamp, day date);
INSERT INTO made VALUES (1, 'now', 'yesterday');
SELECT n FROM made WHERE at > 'today' AND at < 'tomorrow' AND day = 'yesterday';
--> n:int4
--> 1

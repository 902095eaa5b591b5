-- TO_CHAR writes moments and numbers by the documented patterns.
-- source: r_TO_CHAR

SELECT TO_CHAR('2009-12-31 23:15:59.123'::timestamp, 'MONTH-DY-DD-YYYY HH12:MIPM') AS a, TO_CHAR('2009-03-05'::date, 'Mon DD, YYYY') AS b, TO_CHAR('2009-03-05'::date, 'FMMonth FMDDth') AS c;
--> a:varchar | b:varchar | c:varchar
--> DECEMBER -THU-31-2009 11:15PM | Mar 05, 2009 | March 5th
SELECT TO_CHAR('2009-03-05 07:08:09.012'::timestamp, 'YYYYMMDD HH24MISS MS') AS a, TO_CHAR('2009-03-05'::date, 'Q "of" YYYY, Day, D, DDD, WW, IW, J') AS b;
--> a:varchar | b:varchar
--> 20090305 070809 012 | 1 of 2009, Thursday , 5, 064, 10, 10, 2454896
SELECT TO_CHAR(125.8, '999D99') AS a, TO_CHAR(-125.8, '999D99S') AS b, TO_CHAR(1234567, '9,999,999') AS c, TO_CHAR(12, '0000') AS d, TO_CHAR(-4, '9') AS e, TO_CHAR(485, 'FM9999') AS g;
--> a:varchar | b:varchar | c:varchar | d:varchar | e:varchar | g:varchar
--> ' 125.80' | 125.80- | ' 1,234,567' | ' 0012' | -4 | 485
SELECT TO_CHAR(485, 'RN');
--> to_char:varchar
--> '        CDLXXXV'
SELECT TO_DATE('02 Oct 2001', 'DD Mon YYYY') AS d, TO_TIMESTAMP('2011-12-18 23:38:15', 'YYYY-MM-DD HH24:MI:SS') AS t, TO_NUMBER('12,454.8-', '99G999D9S') AS n;
--> d:date | t:timestamptz | n:numeric(38,1)
--> 2001-10-02 | 2011-12-18 23:38:15+00 | -12454.8

-- An alias of the select list may be used by what follows it; a column of that name wins.
-- source: r_SELECT_list

CREATE TABLE t (clicks integer, impressions integer);
INSERT INTO t VALUES (5, 200);
SELECT clicks * 100 AS c, impressions / 10 AS i, c / i AS ratio FROM t;
--> c:int4 | i:int4 | ratio:int4
--> 500 | 20 | 25
SELECT clicks + 1 AS impressions, impressions AS same FROM t;
--> impressions:int4 | same:int4
--> 6 | 200
SELECT clicks AS k FROM t WHERE k > 1;
--> k:int4
--> 5
SELECT sum(clicks) AS s, s + 1 AS more FROM t;
--> s:int8 | more:int8
--> 5 | 6

-- UNPIVOT turns columns into rows of a name and a value; NULL values are left out unless they are asked for.
-- source: r_FROM_clause-pivot-unpivot-examples

CREATE TABLE count_by_color (quality varchar, red int, green int, blue bigint);
INSERT INTO count_by_color VALUES ('high', 15, 20, 7), ('normal', 35, NULL, 40), ('low', 10, 23, NULL);
SELECT * FROM (SELECT red, green, blue FROM count_by_color) UNPIVOT (cnt FOR color IN (red, green, blue)) ORDER BY 1, 2;
--> color:varchar | cnt:int8
--> blue | 7
--> blue | 40
--> green | 20
--> green | 23
--> red | 10
--> red | 15
--> red | 35
SELECT * FROM (SELECT red, green, blue FROM count_by_color) UNPIVOT INCLUDE NULLS (cnt FOR color IN (red, green, blue)) ORDER BY 1, 2;
--> color:varchar | cnt:int8
--> blue | 7
--> blue | 40
--> blue | NULL
--> green | 20
--> green | 23
--> green | NULL
--> red | 10
--> red | 15
--> red | 35
SELECT * FROM count_by_color UNPIVOT (cnt FOR color IN (red, green, blue)) ORDER BY 1, 2;
--> quality:varchar(256) | color:varchar | cnt:int8
--> high | blue | 7
--> high | green | 20
--> high | red | 15
--> low | green | 23
--> low | red | 10
--> normal | blue | 40
--> normal | red | 35
SELECT u.color, sum(u.cnt) AS total FROM count_by_color UNPIVOT EXCLUDE NULLS (cnt FOR color IN (red AS r, green AS g)) AS u GROUP BY 1 ORDER BY 1;
--> color:varchar | total:int8
--> g | 43
--> r | 60
SELECT * FROM count_by_color UNPIVOT (cnt FOR color IN (red, pink));
--> ERROR 42703 at 62: column "pink" does not exist in the input of PIVOT

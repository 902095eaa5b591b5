-- PIVOT turns the values of one column into columns; columns it does not name are grouped by.
-- source: r_FROM_clause-pivot-unpivot-examples

CREATE TABLE part (partname varchar, manufacturer varchar, quality int, price decimal(12, 2));
INSERT INTO part VALUES ('prop', 'local parts co', 2, 10.00), ('prop', 'big parts co', NULL, 9.00), ('prop', 'small parts co', 1, 12.00), ('rudder', 'local parts co', 1, 2.50), ('rudder', 'big parts co', 2, 3.75), ('rudder', 'small parts co', NULL, 1.90), ('wing', 'local parts co', NULL, 7.50), ('wing', 'big parts co', 1, 15.20), ('wing', 'small parts co', NULL, 11.80);
SELECT * FROM (SELECT partname, price FROM part) PIVOT (AVG(price) FOR partname IN ('prop', 'rudder', 'wing'));
--> prop:numeric(38,2) | rudder:numeric(38,2) | wing:numeric(38,2)
--> 10.33 | 2.71 | 11.50
SELECT * FROM (SELECT quality, manufacturer FROM part) PIVOT (count(*) FOR quality IN (1, 2, NULL)) ORDER BY manufacturer;
--> manufacturer:varchar(256) | 1:int8 | 2:int8 | null:int8
--> big parts co | 1 | 1 | 1
--> local parts co | 1 | 1 | 1
--> small parts co | 1 | 0 | 2
SELECT * FROM (SELECT quality, manufacturer FROM part) PIVOT (count(*) AS count FOR quality IN (1 AS high, 2 AS low, NULL AS na)) ORDER BY 1;
--> manufacturer:varchar(256) | high_count:int8 | low_count:int8 | na_count:int8
--> big parts co | 1 | 1 | 1
--> local parts co | 1 | 1 | 1
--> small parts co | 1 | 0 | 2
SELECT p.manufacturer, p.prop, p.wing FROM (SELECT partname, manufacturer, price FROM part) PIVOT (sum(price) FOR partname IN ('prop', 'wing', 'sail')) AS p WHERE p.prop > 9 ORDER BY 1;
--> manufacturer:varchar(256) | prop:numeric(38,2) | wing:numeric(38,2)
--> local parts co | 10.00 | 7.50
--> small parts co | 12.00 | 11.80
WITH w AS (SELECT partname, quality FROM part) SELECT * FROM w PIVOT (max(quality) FOR partname IN ('prop' AS p, 'wing' AS w));
--> p:int4 | w:int4
--> 2 | 1
SELECT * FROM part PIVOT (count(DISTINCT quality) FOR partname IN ('prop', 'wing')) ORDER BY manufacturer, price;
--> manufacturer:varchar(256) | price:numeric(12,2) | prop:int8 | wing:int8
--> big parts co | 3.75 | 0 | 0
--> big parts co | 9.00 | 0 | 0
--> big parts co | 15.20 | 0 | 1
--> local parts co | 2.50 | 0 | 0
--> local parts co | 7.50 | 0 | 0
--> local parts co | 10.00 | 1 | 0
--> small parts co | 1.90 | 0 | 0
--> small parts co | 11.80 | 0 | 0
--> small parts co | 12.00 | 1 | 0
SELECT * FROM part PIVOT (sum(price) + 1 FOR partname IN ('prop'));
--> ERROR 42601 at 38: syntax error at or near "+"
SELECT * FROM part PIVOT (stddev(price) FOR partname IN ('prop'));
--> ERROR 0A000 at 27: PIVOT takes one of COUNT, SUM, MIN, MAX and AVG, and nothing around it
SELECT * FROM part PIVOT (sum(price) FOR colour IN ('prop'));
--> ERROR 42703 at 42: column "colour" does not exist in the input of PIVOT
SELECT * FROM part PIVOT (sum(price) FOR partname IN (manufacturer));
--> ERROR 0A000 at 55: values of PIVOT's IN cannot be columns or sub-queries
CREATE VIEW pv AS SELECT * FROM (SELECT partname, price FROM part) PIVOT (min(price) FOR partname IN ('prop', 'wing'));
SELECT * FROM pv;
--> prop:numeric(12,2) | wing:numeric(12,2)
--> 9.00 | 7.50

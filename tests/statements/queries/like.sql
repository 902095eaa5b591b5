-- LIKE and ILIKE match the whole text; the escape is a backslash or the one named.
-- source: r_patternmatching_condition_like

SELECT 'abc' LIKE 'a%' AS a, 'abc' LIKE '_b_' AS b, 'ABC' LIKE 'a%' AS c, 'ABC' ILIKE 'a%' AS d, 'abc' NOT LIKE 'b%' AS e;
--> a:bool | b:bool | c:bool | d:bool | e:bool
--> t | t | f | t | t
SELECT 'a_c' LIKE 'a\\_c' AS plain, 'abc' LIKE 'a\\_c' AS not_any, 'a_c' LIKE 'a^_c' ESCAPE '^' AS named, 'abc' LIKE 'a^_c' ESCAPE '^' AS not_named;
--> plain:bool | not_any:bool | named:bool | not_named:bool
--> t | f | t | f
SELECT NULL LIKE 'a' AS nothing;
--> nothing:bool
--> NULL
SELECT 1 LIKE '1' AS number;
--> number:bool
--> t

-- SIMILAR TO has SQL's wildcards and alternatives and matches the whole text.
-- source: pattern-matching-conditions-similar-to

SELECT 'cab' SIMILAR TO '%(a|b)%' AS contains, 'cab' SIMILAR TO 'a' AS whole, 'abc' SIMILAR TO '_b_' AS one_each;
--> contains:bool | whole:bool | one_each:bool
--> t | f | t
SELECT 'aaa' SIMILAR TO 'a{3}' AS three, 'aa' SIMILAR TO 'a{3}' AS two, 'a.c' SIMILAR TO 'a.c' AS dot, 'abc' SIMILAR TO 'a.c' AS dot_is_plain;
--> three:bool | two:bool | dot:bool | dot_is_plain:bool
--> t | f | t | f
SELECT 'x%' SIMILAR TO 'x\\%' AS escaped, 'abc' NOT SIMILAR TO 'a%' AS negated, NULL SIMILAR TO 'a' AS nothing;
--> escaped:bool | negated:bool | nothing:bool
--> t | f | NULL
SELECT 'b7' SIMILAR TO '[a-c][0-9]+' AS classes;
--> classes:bool
--> t

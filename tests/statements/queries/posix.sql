-- ~ finds anywhere, ~* folds case, !~ negates.
-- source: pattern-matching-conditions-posix

SELECT 'abc' ~ 'b' AS found, 'abc' ~ '^b' AS anchored, 'ABC' ~* 'b' AS folded, 'abc' !~ 'z' AS absent, 'ABC' !~* 'b' AS neither;
--> found:bool | anchored:bool | folded:bool | absent:bool | neither:bool
--> t | f | t | t | f
SELECT 'a1' ~ '[[:digit:]]' AS digit, NULL ~ 'a' AS nothing;
--> digit:bool | nothing:bool
--> t | NULL

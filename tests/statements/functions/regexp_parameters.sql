-- Position, occurrence, option and parameters of the regular expression functions, and Perl's dialect.
-- source: REGEXP_COUNT

SELECT regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}') AS eight, regexp_count('the fox', 'FOX', 1, 'i') AS folded, regexp_count('aaaa', 'a', 3) AS from_third, regexp_count('aa', 'a', 9) AS beyond, regexp_count('aa', 'a', -3) AS before_first;
--> eight:int4 | folded:int4 | from_third:int4 | beyond:int4 | before_first:int4
--> 8 | 1 | 2 | 0 | 2
SELECT regexp_count('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 'p') AS sensitive, regexp_count('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 'ip') AS insensitive;
--> sensitive:int4 | insensitive:int4
--> 2 | 3
SELECT regexp_count('a', '(?=a)');
--> ERROR 2201B: invalid regular expression: invalid perl operator: (?=
SELECT regexp_count('a', '(', 1, 'p');
--> ERROR 2201B: invalid regular expression: missing )
SELECT regexp_count('a', 'a', 1, 'z');
--> ERROR 22023: invalid regular expression parameter "z"
SELECT regexp_count(NULL, 'a') AS no_source, regexp_count('a', NULL) AS no_pattern, regexp_count('a', 'a', NULL) AS no_position;
--> no_source:int4 | no_pattern:int4 | no_position:int4
--> NULL | NULL | NULL
-- source: REGEXP_INSTR
SELECT regexp_instr('sed@lacusUtnec.ca', '@[^.]*') AS at_sign, regexp_instr('Air Canada Centre', '[cC]ent(er|re)$') AS ending, regexp_instr('the fox', 'FOX', 1, 1, 0, 'i') AS folded;
--> at_sign:int4 | ending:int4 | folded:int4
--> 4 | 12 | 5
SELECT regexp_instr('banana', 'an', 1, 2) AS second, regexp_instr('banana', 'an', 1, 2, 1) AS after_second, regexp_instr('banana', 'an', 3) AS from_third, regexp_instr('banana', 'an', 1, 3) AS third, regexp_instr('banana', 'an', 1, 0) AS zeroth, regexp_instr('banana', 'an', 7) AS beyond;
--> second:int4 | after_second:int4 | from_third:int4 | third:int4 | zeroth:int4 | beyond:int4
--> 4 | 6 | 4 | 0 | 0 | 0
SELECT regexp_instr('xx-cat', '-(\\w+)', 1, 1, 0, 'e') AS sub_expression, regexp_instr('äöü', 'ü') AS characters_not_bytes;
--> sub_expression:int4 | characters_not_bytes:int4
--> 4 | 3
SELECT regexp_instr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 0, 'p') AS sensitive, regexp_instr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 0, 'ip') AS insensitive;
--> sensitive:int4 | insensitive:int4
--> 21 | 15
SELECT regexp_instr('a$', '[$]') AS dollar_in_class, regexp_instr('a$b', '\\$') AS dollar_escaped;
--> dollar_in_class:int4 | dollar_escaped:int4
--> 2 | 2
-- source: REGEXP_REPLACE
SELECT regexp_replace('sed@lacusUtnec.ca', '@.*\\.(org|gov|com|edu|ca)$') AS removed, regexp_replace('a@b.edu', '@.*\\.[[:alpha:]]{2,3}', '@internal.company.com') AS replaced, regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i') AS folded;
--> removed:varchar | replaced:varchar | folded:varchar
--> sed | a@internal.company.com | the quick brown fox
SELECT regexp_replace('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', '[hidden]', 1, 'p') AS sensitive, regexp_replace('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', '[hidden]', 1, 'ip') AS insensitive;
--> sensitive:varchar | insensitive:varchar
--> [hidden] plain A1234 [hidden] | [hidden] plain [hidden] [hidden]
SELECT regexp_replace('aaa', 'a', 'b', 2) AS from_second, regexp_replace('aaa', 'a', 'b', 9) AS beyond, regexp_replace('ab', '(a)(b)', '$2$1') AS turned, regexp_replace('abab', '(a)b', '$1$1', 1, 'p') AS doubled, regexp_replace('a.c', '[.]', '$1') AS no_such_group;
--> from_second:varchar | beyond:varchar | turned:varchar | doubled:varchar | no_such_group:varchar
--> abb | aaa | ba | aaaa | ac
SELECT regexp_replace('abc', NULL) AS no_pattern, regexp_replace('abc', 'b', NULL) AS no_replacement, regexp_replace('a\\b', 'b', '\\\\x') AS backslashes;
--> no_pattern:varchar | no_replacement:varchar | backslashes:varchar
--> NULL | NULL | a\\\\\\x
-- source: REGEXP_SUBSTR
SELECT regexp_substr('sed@lacusUtnec.ca', '@[^.]*') AS domain, regexp_substr('the fox', 'FOX', 1, 1, 'i') AS folded, regexp_substr('THE SECRET CODE IS THE LOWERCASE PART OF 1931abc0EZ.', '[a-z]+', 1, 1, 'c') AS lower_case;
--> domain:varchar | folded:varchar | lower_case:varchar
--> @lacusUtnec | fox | abc
SELECT regexp_substr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 'p') AS sensitive, regexp_substr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 'ip') AS insensitive;
--> sensitive:varchar | insensitive:varchar
--> a1234 | A1234
SELECT regexp_substr('This is a cat, this is a dog. This is a mouse.', 'this is a (\\w+)', 1, 2, 'ie') AS second_animal, regexp_substr('abc', 'b', 1, 1, 'e') AS no_sub_expression;
--> second_animal:varchar | no_sub_expression:varchar
--> dog | b
SELECT regexp_substr('banana', 'an', 4) AS from_fourth, regexp_substr('banana', 'an', 1, 3) AS third, regexp_substr('banana', 'an', 1, 0) AS zeroth, regexp_substr('banana', 'an', 1, 99) AS too_many, regexp_substr('banana', 'an', 99) AS beyond;
--> from_fourth:varchar | third:varchar | zeroth:varchar | too_many:varchar | beyond:varchar
--> an | '' | NULL | NULL | ''
CREATE TABLE patterns (word varchar(20), pattern varchar(20), place int);
INSERT INTO patterns VALUES ('banana', 'an', 3), ('cherry', '(r)\\1', 1), (NULL, 'x', 1), ('fig', NULL, 1);
SELECT word, regexp_instr(word, pattern, place, 1, 0, 'p') AS at, regexp_substr(word, pattern, place, 1, 'p') AS found, regexp_replace(word, pattern, '-', place, 'p') AS replaced FROM patterns ORDER BY word;
--> word:varchar(20) | at:int4 | found:varchar | replaced:varchar
--> banana | 4 | an | ban-a
--> cherry | 4 | rr | che-y
--> fig | NULL | NULL | NULL
--> NULL | NULL | NULL | NULL

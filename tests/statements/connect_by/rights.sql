-- CONNECT BY over a join reads of each item what `*` would show: the columns that were granted, and no other.
-- source: r_CONNECT_BY_clause

CREATE SCHEMA tree_rights;
CREATE USER climber1 PASSWORD 'Climber1Pass';
CREATE TABLE tree_rights.staff (id int, boss int, dept int, pay int);
CREATE TABLE tree_rights.depts (dept int, name varchar(5));
INSERT INTO tree_rights.staff VALUES (1, NULL, 1, 100), (2, 1, 2, 50);
INSERT INTO tree_rights.depts VALUES (1, 'one'), (2, 'two');
GRANT USAGE ON SCHEMA tree_rights TO climber1;
GRANT SELECT (id, boss, dept) ON tree_rights.staff TO climber1;
SET SESSION AUTHORIZATION climber1;
SELECT s.id FROM tree_rights.staff s, tree_rights.depts d WHERE s.dept = d.dept CONNECT BY PRIOR s.id = s.boss;
--> ERROR 42501: permission denied for relation depts
RESET SESSION AUTHORIZATION;
GRANT SELECT ON tree_rights.depts TO climber1;
SET SESSION AUTHORIZATION climber1;
SELECT s.*, d.name, level FROM tree_rights.staff s, tree_rights.depts d WHERE s.dept = d.dept START WITH d.name = 'one' CONNECT BY PRIOR s.id = s.boss ORDER BY level;
--> id:int4 | boss:int4 | dept:int4 | name:varchar(5) | level:int4
--> 1 | NULL | 1 | one | 1
--> 2 | 1 | 2 | two | 2
SELECT staff.id, tree_rights.depts.name FROM tree_rights.staff, tree_rights.depts WHERE staff.dept = tree_rights.depts.dept START WITH tree_rights.depts.name = 'two' CONNECT BY PRIOR tree_rights.staff.id = boss;
--> id:int4 | name:varchar(5)
--> 2 | two
SELECT max(s.pay) FROM tree_rights.staff s, tree_rights.depts d WHERE s.dept = d.dept CONNECT BY PRIOR s.id = s.boss;
--> ERROR 42703 at 14: column "pay" does not exist in s
SELECT count(*) FROM tree_rights.staff s, tree_rights.depts d WHERE s.dept = d.dept START WITH s.pay > 60 CONNECT BY PRIOR s.id = s.boss;
--> ERROR 42703 at 98: column "pay" does not exist in s
RESET SESSION AUTHORIZATION;
DROP SCHEMA tree_rights CASCADE;
DROP USER climber1;

-- A default fills what INSERT leaves out; it may call functions but names no columns and reads no tables.
-- source: r_CREATE_TABLE_NEW

CREATE TABLE d (a integer DEFAULT 7, b varchar(10) DEFAULT 'x' || 'y', c date DEFAULT '2008-01-01', e integer DEFAULT 7 / 2, f numeric(5,2) DEFAULT 1.5, g varchar(3), h boolean DEFAULT true, i varchar(5) DEFAULT upper('ab'));
INSERT INTO d (g) VALUES ('abc');
INSERT INTO d (a, g) VALUES (DEFAULT, 'd');
INSERT INTO d DEFAULT VALUES;
SELECT * FROM d ORDER BY g;
--> a:int4 | b:varchar(10) | c:date | e:int4 | f:numeric(5,2) | g:varchar(3) | h:bool | i:varchar(5)
--> 7 | xy | 2008-01-01 | 3 | 1.50 | abc | t | AB
--> 7 | xy | 2008-01-01 | 3 | 1.50 | d | t | AB
--> 7 | xy | 2008-01-01 | 3 | 1.50 | NULL | t | AB
CREATE TABLE t (at timestamp DEFAULT sysdate, day date DEFAULT current_date, got timestamp DEFAULT getdate(), n integer);
INSERT INTO t (n) VALUES (1);
SELECT at IS NOT NULL AS at, day = current_date AS day, got = date_trunc('second', got) AS got FROM t;
--> at:bool | day:bool | got:bool
--> t | t | t
CREATE TABLE bad (a integer DEFAULT b);
--> ERROR 42P10: cannot use column references in a default expression
CREATE TABLE bad (a integer DEFAULT (SELECT 1));
--> ERROR 0A000: cannot use a sub-query in a default expression
CREATE TABLE bad (a integer DEFAULT max(1));
--> ERROR 42803: cannot use an aggregate function in a default expression
CREATE TABLE bad (a integer DEFAULT nowhere(1));
--> ERROR 42883: function nowhere(integer) does not exist
CREATE TABLE bad (a varchar(100) DEFAULT getenv('HOME'));
--> ERROR 42883: function getenv(unknown) does not exist
CREATE TABLE bad (a varchar(100) DEFAULT current_setting('memory_limit'));
--> ERROR 0A000: CURRENT_USER and other facts of a session are not supported as a default
ALTER TABLE d ADD COLUMN z varchar(100) DEFAULT getenv('HOME');
--> ERROR 42883: function getenv(unknown) does not exist
UPDATE d SET a = DEFAULT WHERE g = 'abc';
--> UPDATE 1
SELECT a FROM d WHERE g = 'abc';
--> a:int4
--> 7
CREATE TABLE bad (a varchar(100) DEFAULT current_user);
--> ERROR 0A000: CURRENT_USER and other facts of a session are not supported as a default
CREATE TABLE bad (a varchar(100) DEFAULT read_text('/etc/passwd'));
--> ERROR 42883: function read_text(unknown) does not exist
CREATE TABLE lengths (a varchar(3) DEFAULT 'abcdef', n integer);
INSERT INTO lengths (n) VALUES (1);
--> ERROR 22001: value too long for type character varying(3)
SELECT a FROM lengths;
--> a:varchar(3)

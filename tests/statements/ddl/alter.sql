-- ALTER TABLE adds, drops, renames and widens columns and renames tables.
-- source: r_ALTER_TABLE

CREATE TABLE a (id integer, b varchar(5));
INSERT INTO a VALUES (1, 'x');
ALTER TABLE a ADD COLUMN c varchar(5) DEFAULT 'd' NOT NULL;
--> ALTER TABLE
ALTER TABLE a ADD d integer;
--> ALTER TABLE
SELECT * FROM a;
--> id:int4 | b:varchar(5) | c:varchar(5) | d:int4
--> 1 | x | d | NULL
ALTER TABLE a RENAME COLUMN d TO e;
--> ALTER TABLE
ALTER TABLE a ALTER COLUMN b TYPE varchar(20);
--> ALTER TABLE
ALTER TABLE a ALTER COLUMN b TYPE varchar(1);
--> ERROR 0A000: cannot shorten column "b" from character varying(20) to character varying(1)
ALTER TABLE a DROP COLUMN c;
--> ALTER TABLE
SELECT * FROM a;
--> id:int4 | b:varchar(20) | e:int4
--> 1 | x | NULL
ALTER TABLE a DROP COLUMN nowhere;
--> ERROR 42703: column "nowhere" of relation "a" does not exist
ALTER TABLE a ADD COLUMN b integer;
--> ERROR 42701: column "b" of relation "a" already exists
ALTER TABLE a ALTER DISTKEY id;
--> ALTER TABLE
ALTER TABLE a ALTER SORTKEY (id);
--> ALTER TABLE
ALTER TABLE a ALTER COLUMN b ENCODE zstd;
--> ALTER TABLE
ALTER TABLE a ALTER COLUMN b ENCODE lzo, ALTER COLUMN id ENCODE az64;
--> ALTER TABLE
ALTER TABLE a ALTER SORTKEY (b), ALTER DISTKEY b;
--> ALTER TABLE
SELECT "column", encoding, distkey, sortkey FROM pg_table_def WHERE tablename = 'a' AND "column" IN ('id', 'b') ORDER BY 1;
--> column:name | encoding:varchar | distkey:bool | sortkey:int4
--> b | lzo | t | 1
--> id | az64 | f | 0
ALTER TABLE a ALTER DISTKEY id, ALTER SORTKEY (id);
--> ALTER TABLE
ALTER TABLE a OWNER TO admin;
--> ALTER TABLE
ALTER TABLE a ADD PRIMARY KEY (id);
--> ALTER TABLE
ALTER TABLE a RENAME TO z;
--> ALTER TABLE
SELECT * FROM z;
--> id:int4 | b:varchar(20) | e:int4
--> 1 | x | NULL
SELECT * FROM a;
--> ERROR 42P01 at 15: relation "a" does not exist
ALTER TABLE nowhere RENAME TO x;
--> ERROR 42P01: relation "nowhere" does not exist

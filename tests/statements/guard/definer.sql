-- A procedure with its owner's rights: exactly those, for as long as it runs.
-- source: r_CREATE_PROCEDURE
CREATE SCHEMA guard_definer;
CREATE USER lender1 PASSWORD 'Lender1Pass';
CREATE USER borrower1 PASSWORD 'Borrower1Pass';
GRANT USAGE ON SCHEMA guard_definer TO PUBLIC;
GRANT CREATE ON SCHEMA guard_definer TO lender1;
CREATE TABLE guard_definer.beyond (id integer);
SET SESSION AUTHORIZATION lender1;
CREATE TABLE guard_definer.lent (id integer);
INSERT INTO guard_definer.lent VALUES (7);
CREATE PROCEDURE guard_definer.lend(n OUT integer) SECURITY DEFINER AS $$
BEGIN
  RAISE INFO 'user %, session %', current_user, session_user;
  SELECT INTO n max(id) FROM guard_definer.lent;
END;
$$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
CREATE PROCEDURE guard_definer.ask(n OUT integer) AS $$
BEGIN SELECT INTO n max(id) FROM guard_definer.lent; END;
$$ LANGUAGE plpgsql SECURITY INVOKER;
CREATE PROCEDURE guard_definer.outer_one(n OUT integer) SECURITY DEFINER AS $$
BEGIN CALL guard_definer.ask(n); END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.breaks() SECURITY DEFINER AS $$
BEGIN INSERT INTO guard_definer.lent VALUES (8); SELECT 1 / 0; END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.catches() SECURITY DEFINER AS $$
BEGIN
  PERFORM 1 / 0;
EXCEPTION WHEN OTHERS THEN
  RAISE INFO 'caught as %', current_user;
END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.commits() SECURITY DEFINER AS $$
BEGIN
  INSERT INTO guard_definer.lent VALUES (8);
  COMMIT;
  INSERT INTO guard_definer.lent VALUES (9);
  RAISE INFO 'still %', current_user;
  ROLLBACK;
  RAISE INFO 'still %', current_user;
END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.dynamic(text varchar(max)) SECURITY DEFINER AS $$
BEGIN EXECUTE text; END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.opens(c INOUT refcursor) SECURITY DEFINER AS $$
BEGIN OPEN c FOR SELECT id FROM guard_definer.lent ORDER BY id; END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE guard_definer.makes() SECURITY DEFINER AS $$
BEGIN CREATE TABLE guard_definer.made (id integer); END;
$$ LANGUAGE plpgsql;
SHOW PROCEDURE guard_definer.makes();
--> Stored Procedure Definition:varchar
--> CREATE OR REPLACE PROCEDURE guard_definer.makes()\nSECURITY DEFINER\nLANGUAGE plpgsql\nAS $$\nBEGIN CREATE TABLE guard_definer.made (id integer); END;\n$$\n
GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA guard_definer TO borrower1;
--> GRANT
RESET SESSION AUTHORIZATION;

SET SESSION AUTHORIZATION borrower1;
SELECT * FROM guard_definer.lent;
--> ERROR 42501: permission denied for relation lent
CALL guard_definer.lend();
--> INFO: user lender1, session borrower1
--> n:int4
--> 7
CALL guard_definer.ask();
--> ERROR 42501: permission denied for relation lent
CALL guard_definer.outer_one();
--> n:int4
--> 7
CALL guard_definer.breaks();
--> ERROR…
SELECT current_user;
--> current_user:name
--> borrower1
CALL guard_definer.catches();
--> INFO: caught as lender1
--> ERROR 22012: Divide by zero
SELECT current_user;
--> current_user:name
--> borrower1
CALL guard_definer.commits();
--> INFO: still lender1
--> INFO: still lender1
--> CALL
SELECT current_user;
--> current_user:name
--> borrower1
CALL guard_definer.lend();
--> INFO: user lender1, session borrower1
--> n:int4
--> 8
SELECT * FROM guard_definer.lent;
--> ERROR 42501: permission denied for relation lent
CALL guard_definer.dynamic('INSERT INTO guard_definer.lent VALUES (10)');
--> CALL
CALL guard_definer.dynamic('DELETE FROM guard_definer.beyond');
--> ERROR 42501: permission denied for relation beyond
CALL guard_definer.dynamic('SET SESSION AUTHORIZATION admin');
--> ERROR 42501: cannot set session authorization within a SECURITY DEFINER procedure
BEGIN;
CALL guard_definer.opens('c1');
--> c:1790
--> c1
FETCH ALL FROM c1;
--> id:int4
--> 7
--> 8
--> 10
SELECT * FROM guard_definer.lent;
--> ERROR 42501: permission denied for relation lent
ROLLBACK;
CALL guard_definer.makes();
--> CALL
INSERT INTO guard_definer.made VALUES (1);
--> ERROR 42501: permission denied for relation made
RESET SESSION AUTHORIZATION;

-- The owner's text gets no more than the owner's rights, whoever calls; a new owner's rights from the next call on.
CALL guard_definer.dynamic('DELETE FROM guard_definer.beyond');
--> ERROR 42501: permission denied for relation beyond
CALL guard_definer.dynamic('SET SESSION AUTHORIZATION admin');
--> ERROR 42501: cannot set session authorization within a SECURITY DEFINER procedure
CALL guard_definer.dynamic('ALTER USER lender1 CREATEUSER');
--> ERROR 42501: permission denied
SELECT current_user;
--> current_user:name
--> admin
ALTER PROCEDURE guard_definer.lend() OWNER TO borrower1;
CALL guard_definer.lend();
--> INFO: user borrower1, session admin
--> ERROR 42501: permission denied for relation lent
SELECT current_user;
--> current_user:name
--> admin
DROP USER lender1;
--> ERROR 55006: user "lender1" cannot be dropped because the user owns some object
DROP PROCEDURE guard_definer.lend();
DROP SCHEMA guard_definer;
--> ERROR 2BP01: cannot drop schema "guard_definer" because other objects depend on it
DROP SCHEMA guard_definer CASCADE;
CREATE SCHEMA guard_definer;
CALL guard_definer.ask();
--> ERROR 42883: procedure guard_definer.ask() does not exist
DROP SCHEMA guard_definer;
DROP USER lender1, borrower1;

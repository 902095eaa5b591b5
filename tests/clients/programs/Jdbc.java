import java.math.BigDecimal;
import java.sql.*;
import java.util.*;

/** Drives the server through JDBC and prints one line for each thing seen: `what: value`. */
public class Jdbc {
    static Connection connection;

    public static void main(String[] arguments) throws Exception {
        connection = DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
        section("types", Jdbc::types);
        section("fetch size", Jdbc::fetchSize);
        section("batch", Jdbc::batch);
        section("prepared", Jdbc::prepared);
        section("transactions", Jdbc::transactions);
        section("errors", Jdbc::errors);
        section("metadata", Jdbc::metadata);
        section("keys", Jdbc::keys);
        section("calls", () -> calls(arguments));
        section("cancel", Jdbc::cancel);
        connection.close();
    }

    interface Work { void run() throws Exception; }

    static void section(String name, Work work) {
        try {
            work.run();
        } catch (Exception failure) {
            say(name + " failed", failure);
            try { connection.rollback(); } catch (SQLException ignored) { }
        }
        try {
            connection.setAutoCommit(true);
        } catch (SQLException failure) {
            say(name, failure);
        }
    }

    static void say(String what, Object value) { System.out.println(what + ": " + value); }

    static void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) { statement.execute(sql); }
    }

    static void types() throws SQLException {
        String sql = "SELECT ?::smallint, ?::bigint, ?::numeric(10,2), ?::float8, ?::boolean, ?::varchar(10), ?::date, ?::timestamp";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setShort(1, (short) 7);
            statement.setLong(2, 1L << 40);
            statement.setBigDecimal(3, new BigDecimal("1.50"));
            statement.setDouble(4, 0.1);
            statement.setBoolean(5, true);
            statement.setString(6, "it's");
            statement.setDate(7, java.sql.Date.valueOf("2024-02-29"));
            statement.setTimestamp(8, Timestamp.valueOf("2024-02-29 12:30:15.25"));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                List<Object> found = new ArrayList<>();
                for (int column = 1; column <= 8; column++) found.add(rows.getObject(column));
                say("types", found);
                ResultSetMetaData described = rows.getMetaData();
                say("described", described.getColumnTypeName(1) + " " + described.getPrecision(3) + " " + described.getScale(3));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::integer, ?::varchar")) {
            statement.setNull(1, Types.INTEGER);
            statement.setNull(2, Types.VARCHAR);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                say("nulls", rows.getObject(1) + " " + rows.getString(2));
            }
        }
        say("valid", connection.isValid(5));
    }

    static void fetchSize() throws SQLException {
        execute("CREATE TABLE jdbc_portions (id integer)");
        StringBuilder values = new StringBuilder("(0)");
        for (int number = 1; number < 1000; number++) values.append(",(").append(number).append(")");
        execute("INSERT INTO jdbc_portions VALUES " + values);
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("SELECT id FROM jdbc_portions WHERE id >= ? ORDER BY id")) {
            statement.setFetchSize(10);
            statement.setInt(1, 0);
            try (ResultSet rows = statement.executeQuery(); Statement other = connection.createStatement()) {
                int count = 0;
                long sum = 0;
                while (rows.next()) {
                    count++;
                    sum += rows.getInt(1);
                    if (count == 15) {
                        try (ResultSet between = other.executeQuery("SELECT count(*) FROM jdbc_portions")) {
                            between.next();
                            say("between portions", between.getLong(1));
                        }
                    }
                }
                say("portions", count + " " + sum);
            }
        }
        connection.commit();
    }

    static void batch() throws SQLException {
        execute("CREATE TABLE jdbc_batch (id integer, name varchar(20))");
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO jdbc_batch VALUES (?, ?)")) {
            for (int number = 0; number < 300; number++) {
                statement.setInt(1, number);
                statement.setString(2, "n" + number);
                statement.addBatch();
            }
            say("batch", Arrays.stream(statement.executeBatch()).sum());
        }
        connection.commit();
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO jdbc_batch VALUES (1000, 'x')");
            statement.addBatch("UPDATE jdbc_batch SET name = 'y' WHERE id < 3");
            say("batch of statements", Arrays.toString(statement.executeBatch()));
        }
        connection.rollback();
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("SELECT count(*) FROM jdbc_batch")) {
            rows.next();
            say("kept", rows.getLong(1));
        }
    }

    static void prepared() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT id, name, id * 1.5 AS price, CURRENT_DATE FROM jdbc_batch WHERE id = ?")) {
            StringBuilder seen = new StringBuilder();
            for (int number = 0; number < 8; number++) {  // binary results from the fifth on
                statement.setInt(1, number);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    seen.append(rows.getInt(1)).append(rows.getString(2)).append(rows.getBigDecimal(3).stripTrailingZeros().toPlainString()).append(' ');
                }
            }
            say("prepared", seen.toString().trim());
            ParameterMetaData parameters = statement.getParameterMetaData();
            say("parameters", parameters.getParameterCount() + " " + parameters.getParameterTypeName(1));
        }
    }

    static void transactions() throws SQLException {
        execute("CREATE TABLE jdbc_kept (id integer)");
        connection.setAutoCommit(false);
        execute("INSERT INTO jdbc_kept VALUES (1)");
        connection.rollback();
        execute("INSERT INTO jdbc_kept VALUES (2)");
        connection.commit();
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("SELECT id FROM jdbc_kept")) {
            rows.next();
            say("transactions", rows.getInt(1) + " " + rows.next());
        }
        connection.commit();
        say("isolation", connection.getTransactionIsolation() == Connection.TRANSACTION_SERIALIZABLE);
    }

    static void errors() throws SQLException {
        try {
            execute("SELECT * FROM no_such_table");
        } catch (SQLException failure) {
            say("error", failure.getSQLState());
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS jdbc_never_there");
            say("warning", statement.getWarnings().getMessage().contains("does not exist, skipping"));
        }
    }

    static List<String> names(ResultSet rows, String... columns) throws SQLException {
        List<String> found = new ArrayList<>();
        while (rows.next()) {
            StringJoiner line = new StringJoiner("/");
            for (String column : columns) line.add(String.valueOf(rows.getString(column)));
            found.add(line.toString());
        }
        rows.close();
        return found;
    }

    static void ask(String what, Asked asked) {
        try {
            say(what, asked.run());
        } catch (Exception failure) {
            say(what + " failed", failure);
        }
    }

    interface Asked { Object run() throws Exception; }

    static void metadata() throws SQLException {
        execute("CREATE SCHEMA jdbc_schema");
        execute("CREATE TABLE jdbc_schema.parent (id integer NOT NULL, name varchar(20) DEFAULT 'x', price numeric(10,2), PRIMARY KEY (id))");
        execute("CREATE TABLE jdbc_schema.child (id bigint IDENTITY(1,1), parent_id integer REFERENCES jdbc_schema.parent (id))");
        execute("CREATE VIEW jdbc_schema.shown AS SELECT id FROM jdbc_schema.parent");
        execute("COMMENT ON TABLE jdbc_schema.parent IS 'the parents'");
        DatabaseMetaData facts = connection.getMetaData();
        ask("product", () -> facts.getDatabaseProductName() + " " + facts.getDatabaseProductVersion());
        ask("schemas", () -> names(facts.getSchemas(null, "jdbc%"), "TABLE_SCHEM"));
        ask("catalogs", () -> names(facts.getCatalogs(), "TABLE_CAT"));
        ask("tables", () -> names(facts.getTables(null, "jdbc_schema", "%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME", "TABLE_TYPE", "REMARKS"));
        ask("columns", () -> names(facts.getColumns(null, "jdbc_schema", "parent", "%"), "COLUMN_NAME", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "IS_NULLABLE", "COLUMN_DEF"));
        ask("table types", () -> names(facts.getTableTypes(), "TABLE_TYPE").containsAll(List.of("TABLE", "VIEW", "FOREIGN TABLE")));
        ask("generated", () -> names(facts.getColumns(null, "jdbc_schema", "child", "id"), "COLUMN_DEF").get(0).startsWith("\"identity\"("));
        ask("type info", () -> names(facts.getTypeInfo(), "TYPE_NAME").containsAll(List.of("int4", "varchar", "numeric", "timestamp")));
        ask("functions", () -> names(facts.getFunctions(null, null, "no_such_function"), "FUNCTION_NAME"));
        ask("procedures", () -> names(facts.getProcedures(null, null, "no_such_procedure"), "PROCEDURE_NAME"));
        ask("table privileges", () -> names(facts.getTablePrivileges(null, "jdbc_schema", "parent"), "GRANTEE", "PRIVILEGE").containsAll(List.of("admin/SELECT", "admin/INSERT")));
        ask("column privileges", () -> names(facts.getColumnPrivileges(null, "jdbc_schema", "parent", "id"), "COLUMN_NAME", "PRIVILEGE").contains("id/SELECT"));
        ask("row identifier", () -> names(facts.getBestRowIdentifier(null, "jdbc_schema", "parent", 0, true), "COLUMN_NAME"));
        ask("user types", () -> names(facts.getUDTs(null, "jdbc_schema", "%", null), "TYPE_NAME"));
        ask("limits", () -> facts.getMaxColumnNameLength() > 0 && facts.getMaxColumnsInIndex() == 32 && facts.getSQLKeywords().length() > 100);
    }

    /** Keys of several columns, in both directions, and by the catalog's two generations. */
    static void keys() throws SQLException {
        execute("CREATE SCHEMA jdbc_keys");
        execute("CREATE TABLE jdbc_keys.parent (id integer NOT NULL, part integer NOT NULL, name varchar(20) UNIQUE, PRIMARY KEY (id, part))");
        execute("CREATE TABLE jdbc_keys.child (a integer, b integer, CONSTRAINT to_parent FOREIGN KEY (a, b) REFERENCES jdbc_keys.parent (id, part))");
        DatabaseMetaData facts = connection.getMetaData();
        ask("primary keys", () -> names(facts.getPrimaryKeys(null, "jdbc_keys", "parent"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"));
        String[] shown = {"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "FK_NAME", "PK_NAME"};
        ask("imported keys", () -> names(facts.getImportedKeys(null, "jdbc_keys", "child"), shown));
        ask("exported keys", () -> names(facts.getExportedKeys(null, "jdbc_keys", "parent"), shown));
        ask("cross reference", () -> names(facts.getCrossReference(null, "jdbc_keys", "parent", null, "jdbc_keys", "child"), shown));
        ask("indexes", () -> names(facts.getIndexInfo(null, "jdbc_keys", "parent", true, true), "INDEX_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "NON_UNIQUE"));
    }

    static void calls(String[] arguments) throws SQLException {
        execute("CREATE PROCEDURE jdbc_doubled(n INOUT integer) AS $$ BEGIN n := n * 2; END; $$ LANGUAGE plpgsql");
        String options = "?escapeSyntaxCallMode=call&options=-c%20personality=postgres15";
        try (Connection other = DriverManager.getConnection(arguments[0] + options, arguments[1], arguments[2])) {
            try (CallableStatement call = other.prepareCall("{call jdbc_doubled(?)}")) {
                call.setInt(1, 21);
                call.registerOutParameter(1, Types.INTEGER);
                call.execute();
                say("call", call.getInt(1));
            }
            DatabaseMetaData facts = other.getMetaData();
            say("as postgres", facts.getDatabaseProductVersion() + " " + facts.getSQLKeywords().contains("sysdate") + " "
                + names(facts.getImportedKeys(null, "jdbc_keys", "child"), "FKCOLUMN_NAME", "PKCOLUMN_NAME"));
        }
    }

    static void cancel() throws Exception {
        try (Statement statement = connection.createStatement()) {
            Thread other = new Thread(() -> {
                try {
                    while (!statement.isClosed()) { Thread.sleep(50); statement.cancel(); }
                } catch (Exception ignored) { }
            });
            other.start();
            try {
                statement.executeQuery("SELECT count(*) FROM pg_attribute a, pg_attribute b, pg_attribute c, pg_attribute d WHERE a.attname || b.attname = c.attname || d.attname");
                say("cancelled", "it ended");
            } catch (SQLException failure) {
                say("cancelled", failure.getSQLState());
            } finally {
                statement.close();
                other.join();
            }
        }
    }
}

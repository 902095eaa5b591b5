import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.BufferedWriter;
import java.io.FileReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's embedded engine, driven from outside: Events PROPERTIES count|EVENTS_FILE EVENTS.
 *
 * Says "ready" once the connector streams, then takes events until one of the table `sentinel` comes. With a file each event
 * becomes a line there, `{"key": …, "value": …}`, with `count` they are only counted. At the end, and once half of the
 * EVENTS that are expected have come, it says how many there were, its process's CPU time and the clock, in microseconds.
 */
public final class Events {
    private static final CountDownLatch ended = new CountDownLatch(1);
    private static final com.sun.management.OperatingSystemMXBean system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static long events = 0;
    private static long half;

    public static void main(String[] words) throws Exception {
        Properties properties = new Properties();
        try (Reader reader = new FileReader(words[0], StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        half = Long.parseLong(words[2]) / 2;
        DebeziumEngine<?> engine = words[1].equals("count") ? counting(properties) : writing(properties, Path.of(words[1]));
        Thread thread = new Thread(engine, "engine");
        thread.start();
        boolean whole = ended.await(600, TimeUnit.SECONDS);
        engine.close();
        System.exit(whole ? 0 : 1);
    }

    private static DebeziumEngine.ConnectorCallback callback() {
        return new DebeziumEngine.ConnectorCallback() {
            @Override
            public void pollingStarted() {
                say("ready");
            }
        };
    }

    private static DebeziumEngine<?> counting(Properties properties) {
        return DebeziumEngine.create(Connect.class).using(properties).using(callback()).using(Events::failed)
            .notifying((List<ChangeEvent<SourceRecord, SourceRecord>> records,
                DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer) -> {
                for (ChangeEvent<SourceRecord, SourceRecord> event : records) {
                    if (event.value().value() instanceof Struct change && change.schema().field("op") != null) {
                        take(event.value().topic());
                    }
                    committer.markProcessed(event);
                }
                committer.markBatchFinished();
            }).build();
    }

    private static DebeziumEngine<?> writing(Properties properties, Path file) throws IOException {
        BufferedWriter lines = Files.newBufferedWriter(file);
        return DebeziumEngine.create(Json.class).using(properties).using(callback()).using(Events::failed)
            .notifying((List<ChangeEvent<String, String>> records,
                DebeziumEngine.RecordCommitter<ChangeEvent<String, String>> committer) -> {
                try {
                    for (ChangeEvent<String, String> event : records) {
                        lines.write("{\"key\":" + event.key() + ",\"value\":" + event.value() + "}\n");
                        committer.markProcessed(event);
                    }
                    lines.flush();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
                for (ChangeEvent<String, String> event : records) {
                    take(event.destination());
                }
                committer.markBatchFinished();
            }).build();
    }

    private static void take(String topic) {
        events++;
        if (events == half) {
            say("half");
        }
        if (topic.endsWith(".sentinel") && ended.getCount() > 0) {
            say("end");
            ended.countDown();
        }
    }

    private static void failed(boolean success, String message, Throwable error) {
        if (!success) {
            System.out.println("failed " + message);
            if (error != null) {
                error.printStackTrace();
            }
            ended.countDown();
        }
    }

    private static synchronized void say(String what) {
        System.out.println(what + " " + events + " " + system.getProcessCpuTime() / 1000 + " " + System.nanoTime() / 1000);
        System.out.flush();
    }
}

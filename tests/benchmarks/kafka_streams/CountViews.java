// Counts views of each article by minute with Kafka Streams, which popularity is measured beside. Run from its source by `java`.
//
// Arguments: brokers, topic, at_least_once or exactly_once_v2, views to count, threads, a folder for its state. It takes records
// of one view and of many alike; both are the JSON that ingest writes. When all views are counted and committed it prints the
// seconds since its first record and its processor seconds.

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public class CountViews {
  static final String ARTICLE = "\"article_id\":\"", TIME = "\"time\":\"";
  static final AtomicLong counted = new AtomicLong();
  static final AtomicLong begun = new AtomicLong();
  static final CountDownLatch done = new CountDownLatch(1);

  static final class Counting implements Processor<byte[], byte[], Void, Void> {
    private final long views;
    private KeyValueStore<String, Long> counts;

    Counting(long views) {
      this.views = views;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      counts = context.getStateStore("counts");
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      begun.compareAndSet(0, System.nanoTime());
      String text = new String(record.value(), StandardCharsets.ISO_8859_1);
      int number = 0;
      for (int at = text.indexOf(ARTICLE); at >= 0; at = text.indexOf(ARTICLE, at)) {
        int time = text.indexOf(TIME, at) + TIME.length();
        at += ARTICLE.length();
        String key = text.substring(at, at + 32) + text.substring(time, time + 16);
        Long before = counts.get(key);
        counts.put(key, before == null ? 1L : before + 1);
        number++;
      }
      if (counted.addAndGet(number) >= views) {
        done.countDown();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    long views = Long.parseLong(arguments[3]);
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer-" + arguments[1] + "-" + arguments[2]);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[2]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[4]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L * 1024 * 1024);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put("auto.offset.reset", "earliest");
    Topology topology = new Topology();
    topology.addSource("views", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), arguments[1]);
    topology.addProcessor("count", () -> new Counting(views), "views");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("counts"), Serdes.String(), Serdes.Long()).withCachingEnabled(),
        "count");
    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.start();
    done.await();
    streams.close(Duration.ofSeconds(60)); // which commits
    double seconds = (System.nanoTime() - begun.get()) / 1e9;
    long used = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    System.out.printf(java.util.Locale.ROOT, "%.3f %.3f%n", seconds, used / 1e9);
  }
}

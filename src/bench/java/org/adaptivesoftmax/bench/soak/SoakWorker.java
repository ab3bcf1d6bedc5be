package org.adaptivesoftmax.bench.soak;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.adaptivesoftmax.bench.soak.Tally.Way;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.server.ModelServer;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * A process with models, a server, its clients and all that troubles them. It reads a {@link SoakSpec} and writes a {@link
 * SoakSample} now and then.
 */
public final class SoakWorker {
  /** How samples and specifications are written. */
  public static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static final String TEXT = "text";
  private static final String LAYER = "layer";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int SWAP_MS = 2000;
  private static final int INTERRUPT_MS = 50;
  private static final int CACHE = 1000;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double BYTES_PER_MB = 1e6;

  private final SoakSpec spec;
  private final Tally tally = new Tally();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Thread> asking = new ArrayList<>();
  private volatile boolean ended;

  private SoakWorker(SoakSpec spec) {
    this.spec = spec;
  }

  /**
   * Serves standard input.
   *
   * @param args none
   */
  public static void main(String[] args) throws Exception {
    BufferedReader specs =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    SoakSpec spec = JSON.readValue(specs.readLine(), SoakSpec.class);
    OrderlyEnd.<Exception>run(
        () -> {
          SoakWorker worker = new SoakWorker(spec);
          try {
            worker.run();
          } finally {
            worker.end();
          }
        });
  }

  private <T extends AutoCloseable> T opened(T some) {
    open.add(0, some);
    return some;
  }

  private void run() throws Exception {
    Path directory = Path.of(spec.directory());
    Path odd = Path.of(spec.odd());
    Path even = Path.of(spec.even());
    ModelDirectory base = new ModelDirectory(directory.resolve(TEXT));
    Swaps swaps = new Swaps(base.base(), directory.resolve("elsewhere"), odd, even, SWAP_MS);
    Texts texts = new Texts(Vocabulary.read(odd.resolve(ModelDirectory.VOCABULARY)).words());
    Asking.Common common =
        new Asking.Common(
            texts,
            opened(new SingleRows(odd, even)),
            tally,
            Duration.ofMillis(spec.deadlineMs()).toNanos());
    LocalModel model = opened(local(base));
    ModelServer server =
        opened(
            ModelServer.builder()
                .model(TEXT, base)
                .model(LAYER, new ModelDirectory(Path.of(spec.layer())))
                .ports(0, 0)
                .poll(POLL)
                .cache(CACHE)
                .start());
    startAsking(model, server, common);
    start("mistakes", new Mistakes(model, opened(grpc(LAYER, server.grpcPort())), texts, tally));
    start(
        "closing",
        opened(
            new ClosingRaces(
                List.of(
                    () -> local(new ModelDirectory(odd.getParent())),
                    () -> grpc(TEXT, server.grpcPort()),
                    () -> rest(server.restPort())),
                common)));
    start("intruders", new Intruders(List.of(server.restPort(), server.grpcPort())));
    start("swaps", swaps);
    start("interrupts", this::interrupt);
    sample(swaps);
  }

  private void startAsking(LocalModel model, ModelServer server, Asking.Common common)
      throws IOException {
    TroubledProxy grpc = opened(new TroubledProxy(server.grpcPort(), 1));
    TroubledProxy rest = opened(new TroubledProxy(server.restPort(), 2));
    startAsking(Way.LOCAL, model, common);
    startAsking(Way.LOCAL, model, common);
    startAsking(Way.GRPC, opened(grpc(TEXT, server.grpcPort())), common);
    startAsking(Way.REST, opened(rest(server.restPort())), common);
    startAsking(Way.TROUBLED_GRPC, opened(grpc(TEXT, grpc.port())), common);
    startAsking(Way.TROUBLED_REST, opened(rest(rest.port())), common);
  }

  private void startAsking(Way way, ModelServerClient client, Asking.Common common) {
    asking.add(start(way.key(), new Asking(way, client, common)));
  }

  private static LocalModel local(ModelDirectory directory) throws IOException {
    return LocalModel.builder(directory).poll(POLL).microBatching(64).cache(CACHE).load();
  }

  private ModelServerClient grpc(String model, int port) {
    return RemoteModel.builder(model)
        .deadline(Duration.ofMillis(spec.deadlineMs()))
        .grpc("127.0.0.1:" + port);
  }

  private ModelServerClient rest(int port) {
    return RemoteModel.builder(TEXT)
        .deadline(Duration.ofMillis(spec.deadlineMs()))
        .rest(URI.create("http://127.0.0.1:" + port));
  }

  private Thread start(String name, Activity activity) {
    Random random = new Random(threads.size());
    Thread thread =
        new Thread(
            () -> {
              while (!ended) {
                try {
                  activity.once(random);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                  return;
                } catch (Throwable e) { // Errors, too, are what must not be.
                  tally.wrong(name + ": " + e);
                }
              }
            },
            "soak-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return thread;
  }

  private void interrupt(Random random) throws InterruptedException {
    Thread.sleep(random.nextInt(2 * INTERRUPT_MS));
    asking.get(random.nextInt(asking.size())).interrupt();
  }

  private void sample(Swaps swaps) throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (double until = spec.sampleSeconds();
        until <= spec.seconds();
        until += spec.sampleSeconds()) {
      double left = until - seconds(start);
      Thread.sleep(Math.max(1, (long) (1000 * left)));
      System.out.println(
          JSON.writeValueAsString(tally.take(seconds(start), holds(), swaps.published())));
      System.out.flush();
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / NANOS_PER_SECOND;
  }

  /** The parent looks at the resident set. */
  private static SoakSample.Holds holds() {
    ManagementFactory.getMemoryMXBean().gc();
    return new SoakSample.Holds(
        0,
        0,
        NativeHeap.giveBackFree(),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / BYTES_PER_MB,
        ManagementFactory.getThreadMXBean().getThreadCount(),
        (long) ofUnix(UnixOperatingSystemMXBean::getOpenFileDescriptorCount));
  }

  private static double ofUnix(ToDoubleFunction<UnixOperatingSystemMXBean> count) {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? count.applyAsDouble(unix)
        : 0;
  }

  private void end() throws Exception {
    ended = true;
    for (Thread thread : threads) {
      if (!asking.contains(thread)) {
        thread.interrupt();
      }
    }
    for (Thread thread : threads) {
      thread.join(spec.deadlineMs());
    }
    for (AutoCloseable some : open) {
      some.close();
    }
  }
}

package org.adaptivesoftmax.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;

/**
 * A process that asks a model, and nothing else: for each {@link ServeLoadSpec} that it reads it writes a {@link ServeLoad}. It
 * has the model itself if there is no server to ask.
 */
final class ServeLoadWorker implements AutoCloseable {
  /** As the server joins requests. */
  private static final int BATCH = 64;

  private @Nullable LocalVersion version;

  private ServeLoadWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   */
  public static void main(String[] args) throws Exception {
    BufferedReader specs =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    OrderlyEnd.<Exception>run(
        () -> {
          try (ServeLoadWorker worker = new ServeLoadWorker()) {
            for (String line = specs.readLine(); line != null; line = specs.readLine()) {
              ServeLoad load = worker.ask(WorkerReply.JSON.readValue(line, ServeLoadSpec.class));
              System.out.println(WorkerReply.JSON.writeValueAsString(load));
              System.out.flush();
            }
          }
        });
  }

  private ServeLoad ask(ServeLoadSpec spec) throws Exception {
    List<ServeCaller> callers = callers(spec);
    ExecutorService threads = Executors.newFixedThreadPool(callers.size());
    try {
      return ask(spec, callers, threads);
    } finally {
      threads.shutdownNow();
      for (ServeCaller caller : callers) {
        caller.close();
      }
    }
  }

  private List<ServeCaller> callers(ServeLoadSpec spec) throws IOException {
    ServeInputs inputs = ServeInputs.of(spec);
    List<byte[]> bodies =
        spec.way() == ServeWay.IN_JVM
            ? List.of()
            : spec.way().isGrpc() ? inputs.messages() : inputs.http();
    List<ServeCaller> callers = new ArrayList<>();
    for (int i = 0; i < spec.connections(); i++) {
      callers.add(
          switch (spec.way()) {
            case IN_JVM -> ServeCaller.inJvm(version(spec), inputs);
            case REST, TENSORFLOW_SERVING_REST -> ServeCaller.rest(spec.target(), bodies);
            case GRPC, TENSORFLOW_SERVING_GRPC -> ServeCaller.grpc(spec.target(), bodies);
          });
    }
    return callers;
  }

  private LocalVersion version(ServeLoadSpec spec) throws IOException {
    LocalVersion loaded = version;
    if (loaded == null) {
      ModelDirectory model = new ModelDirectory(Path.of(spec.model()));
      long highest = Long.parseLong(model.highestVersion().getFileName().toString());
      loaded = LocalModel.builder(model).microBatching(BATCH).loadVersion(highest);
      version = loaded;
    }
    return loaded;
  }

  private static ServeLoad ask(
      ServeLoadSpec spec, List<ServeCaller> callers, ExecutorService threads) throws Exception {
    long[] nanos = new long[spec.requests()];
    AtomicInteger next = new AtomicInteger();
    AtomicInteger failures = new AtomicInteger();
    AtomicReference<@Nullable String> first = new AtomicReference<>();
    long cpu = cpuNanos();
    long start = System.nanoTime();
    List<Future<?>> done = new ArrayList<>();
    for (ServeCaller caller : callers) {
      done.add(
          threads.submit(
              () -> {
                for (int i = next.getAndIncrement(); i < nanos.length; i = next.getAndIncrement()) {
                  long begun = System.nanoTime();
                  try {
                    caller.call(i);
                  } catch (IOException | RuntimeException e) {
                    failures.incrementAndGet();
                    first.compareAndSet(null, String.valueOf(e.getMessage()));
                  }
                  nanos[i] = System.nanoTime() - begun;
                }
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    return ServeLoad.of(
        nanos, System.nanoTime() - start, failures.get(), first.get(), cpuNanos() - cpu);
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  @Override
  public void close() {
    if (version != null) {
      version.close();
    }
  }
}

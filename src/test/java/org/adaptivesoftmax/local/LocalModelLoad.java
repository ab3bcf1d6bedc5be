package org.adaptivesoftmax.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.savedmodel.ModelDirectory;

/**
 * A process that does nothing but serve: 16 threads ask a number of requests, or for a number of seconds, while new versions
 * are published. With a heap that is resident from the start, what its resident memory grows by is native.
 */
final class LocalModelLoad {
  private static final int THREADS = 16;
  private static final double BYTES_PER_KB = 1024;

  private final ModelDirectory directory;
  private final LocalModel model;
  private final List<List<NextWord>> expected;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();

  /** How far a phase is. */
  private interface Progress {
    /** Asked before each request. */
    boolean goesOn();

    double share();

    static Progress ofSeconds(double seconds) {
      long start = System.nanoTime();
      return new Progress() {
        @Override
        public boolean goesOn() {
          return share() < 1;
        }

        @Override
        public double share() {
          return (System.nanoTime() - start) / (seconds * 1e9);
        }
      };
    }

    static Progress ofRequests(int requests) {
      AtomicInteger begun = new AtomicInteger();
      return new Progress() {
        @Override
        public boolean goesOn() {
          return begun.getAndIncrement() < requests;
        }

        @Override
        public double share() {
          return (double) begun.get() / requests;
        }
      };
    }
  }

  private LocalModelLoad(ModelDirectory directory, LocalModel model) {
    this.directory = directory;
    this.model = model;
    this.expected = model.languageModel().complete(TinyLanguageModel.SENTENCES);
  }

  /**
   * Prints the resident memory after each phase, in MB, then the number of requests and the version at the end.
   *
   * @param arguments the model directory, phases, requests of a phase such as 8000 or its seconds such as 10s, and versions
   *     of a phase
   */
  public static void main(String[] arguments) throws Exception {
    ModelDirectory directory = new ModelDirectory(Path.of(arguments[0]));
    int phases = Integer.parseInt(arguments[1]);
    int versions = Integer.parseInt(arguments[3]);
    try (LocalModel model =
        LocalModel.builder(directory)
            .poll(Duration.ofMillis(20))
            .microBatching(32)
            .cache(20)
            .load()) {
      LocalModelLoad load = new LocalModelLoad(directory, model);
      for (int i = 0; i < phases; i++) {
        load.phase(
            arguments[2].endsWith("s")
                ? Progress.ofSeconds(Double.parseDouble(arguments[2].replace("s", "")))
                : Progress.ofRequests(Integer.parseInt(arguments[2])),
            versions);
        System.out.printf("%.1f%n", residentMb());
      }
      System.out.println(load.answered.get());
      System.out.println(model.version());
    }
  }

  private void phase(Progress progress, int versions) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          pool.submit(
              () -> {
                while (progress.goesOn()) {
                  ask(begun.getAndIncrement());
                }
              }));
    }
    for (int i = 1; i <= versions; i++) {
      while (progress.share() < i / (versions + 1.0)) {
        Thread.sleep(1);
      }
      publish();
    }
    for (Future<?> thread : threads) {
      thread.get();
    }
    pool.shutdown();
    // The last version may be a moment away.
    while (!Long.toString(model.version())
        .equals(directory.highestVersion().getFileName().toString())) {
      Thread.sleep(10);
    }
  }

  /** Texts that are asked again and again, and such that are not. */
  private void ask(int n) {
    int which = n % TinyLanguageModel.SENTENCES.size();
    String text = TinyLanguageModel.SENTENCES.get(which);
    List<String> texts = n % 3 == 0 ? List.of(text, "the fox " + n) : List.of(text);
    List<NextWord> answer = model.languageModel().complete(texts).get(0);
    for (int i = 0; i < answer.size(); i++) {
      NextWord right = expected.get(which).get(i);
      if (!answer.get(i).word().equals(right.word())
          || Math.abs(answer.get(i).logProb() - right.logProb()) > 1e-3) {
        throw new AssertionError("%s: %s instead of %s".formatted(text, answer, right));
      }
    }
    answered.incrementAndGet();
  }

  private void publish() throws IOException {
    Path last = directory.highestVersion();
    directory.publish(to -> copy(last, to));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static double residentMb() throws IOException {
    System.gc();
    long kilobytes =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    return kilobytes * BYTES_PER_KB / 1e6;
  }
}

package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The time to count a live token of WordNet's definitions, in documents and one by one, by one thread and by two; with room
 * for all distinct tokens, and with room for a part of them.
 */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TokenStatisticsBenchmark {
  private static final int TOKENS = 200_000;

  /** Places of each sketch. */
  @Param({"131072", "4096"})
  public int maxMapSize;

  private final List<List<String>> documents = new ArrayList<>();
  private TokenStatistics statistics;

  /** Reads the first 200,000 tokens. */
  @Setup
  public void read() throws IOException {
    int[] tokens = {0};
    new WordNet()
        .forEachLine(
            line -> {
              List<String> words = Tokenizer.words(line);
              int room = Math.min(words.size(), TOKENS - tokens[0]);
              if (room > 0) {
                documents.add(List.copyOf(words.subList(0, room)));
                tokens[0] += room;
              }
            });
    statistics = TokenStatistics.builder().maxMapSize(maxMapSize).build();
  }

  /** Documents, by one thread. */
  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public void documentsByOneThread() {
    documents.forEach(statistics::addAll);
  }

  /** Documents, by two threads at the same time; the time of a token in each. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(TOKENS)
  public void documentsByTwoThreads() {
    documents.forEach(statistics::addAll);
  }

  /** Single tokens, by two threads at the same time; the time of a token in each. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(TOKENS)
  public void tokensByTwoThreads() {
    for (List<String> document : documents) {
      document.forEach(statistics::add);
    }
  }
}

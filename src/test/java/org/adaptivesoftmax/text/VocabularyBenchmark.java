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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From text to ranks, on the first 10,000 lines of WordNet. */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class VocabularyBenchmark {
  private static final int LINES = 10_000;

  private LinesCorpus corpus = LinesCorpus.of();
  private WordCounts counts;
  private Encoder encoder;

  /** Reads and counts the text. */
  @Setup
  public void read() throws IOException {
    List<String> lines = new ArrayList<>();
    new WordNet().forEachLine(lines::add);
    corpus = new LinesCorpus(List.copyOf(lines.subList(0, LINES)));
    counts = WordCounts.of(corpus);
    encoder = Encoder.forTraining(Vocabulary.of(counts));
  }

  /** The words of every line. */
  @Benchmark
  public int tokenize() {
    return corpus.lines().stream().mapToInt(line -> Tokenizer.words(line).size()).sum();
  }

  /** The same, counted. */
  @Benchmark
  public WordCounts count() throws IOException {
    return WordCounts.of(corpus);
  }

  /** The vocabulary of the counts. */
  @Benchmark
  public Vocabulary rank() {
    return Vocabulary.of(counts);
  }

  /** The ranks of every line. */
  @Benchmark
  public int[] encode() throws IOException {
    return encoder.encode(corpus);
  }
}

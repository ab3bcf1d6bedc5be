package org.adaptivesoftmax.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a decoder does beside its model: a draw from all words, and a beam's bookkeeping. */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DecodingBenchmark {
  /** Number of words. */
  @Param({"60000", "1000000"})
  public int vocabulary;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sampling sampling = Sampling.builder().temperature(0.8).build();
  private float[] logProbs = {};
  private List<NextWord> words = List.of();

  /** Probabilities by Zipf's law. */
  @Setup
  public void score() {
    logProbs = new float[vocabulary];
    double total = 0;
    for (int i = 0; i < vocabulary; i++) {
      total += 1.0 / (i + 1);
    }
    List<NextWord> ranked = new ArrayList<>();
    for (int i = 0; i < vocabulary; i++) {
      float logProb = (float) -Math.log((i + 1) * total);
      logProbs[i] = logProb;
      ranked.add(new NextWord("word" + i, logProb));
    }
    words = List.copyOf(ranked);
  }

  /** One word, drawn. */
  @Benchmark
  public int draw() {
    return sampling.draw(logProbs, 0, random);
  }

  /** A beam of 16, 30 words deep. */
  @Benchmark
  public Object beam() {
    BeamSearch.NextWords model =
        (texts, k) -> texts.stream().map(text -> words.subList(0, k)).toList();
    return new BeamSearch(model, vocabulary, BeamOptions.defaults().width(16).maxWords(30))
        .of("the quick brown");
  }
}

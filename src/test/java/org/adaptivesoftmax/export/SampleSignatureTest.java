package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.decoding.ChiSquared;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** The signature {@code sample} of an exported language model. */
class SampleSignatureTest {
  private static final int DRAWS = 4_000;
  private static final List<String> TEXTS = List.of("the quick", "", "a dog sleeps in the garden");
  private static final float[] TEMPERATURES = {1, 0.5f, 2};

  private final Path directory;

  SampleSignatureTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private record Row(String text, long seed, float temperature) {}

  private record Drawn(String word, float logProb) {}

  private static List<Drawn> sample(SavedModelBundle bundle, List<Row> rows) {
    int n = rows.size();
    float[] temperatures = new float[n];
    IntStream.range(0, n).forEach(i -> temperatures[i] = rows.get(i).temperature);
    try (TString text =
            TString.tensorOf(
                StandardCharsets.UTF_8,
                Shape.of(n),
                DataBuffers.ofObjects(rows.stream().map(Row::text).toArray(String[]::new)));
        TInt64 seed = TInt64.vectorOf(rows.stream().mapToLong(Row::seed).toArray());
        TFloat32 temperature = TFloat32.vectorOf(temperatures);
        Result result =
            bundle
                .function("sample")
                .call(Map.of("text", text, "seed", seed, "temperature", temperature))) {
      TString words = (TString) result.get("words").orElseThrow();
      TFloat32 logProbs = (TFloat32) result.get("log_probs").orElseThrow();
      assertThat(words.shape()).isEqualTo(Shape.of(n));
      assertThat(logProbs.shape()).isEqualTo(Shape.of(n));
      return IntStream.range(0, n)
          .mapToObj(i -> new Drawn(words.getObject(i), logProbs.getFloat(i)))
          .toList();
    }
  }

  /** Each text with each temperature, with seeds of its own. */
  private static List<Row> mixed(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Row(TEXTS.get(i % 3), 31L * i - 7, TEMPERATURES[i / 3 % 3]))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void drawsFromTheModelsDistribution(Softmax softmax) throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, softmax);
    List<Row> rows = mixed(9 * DRAWS);
    try (SavedModelBundle bundle = load(tiny)) {
      List<Drawn> drawn = sample(bundle, rows);
      for (int kind = 0; kind < 9; kind++) {
        Row row = rows.get(kind);
        double[] logProbs = tiny.naive().next(row.text);
        long[] counts = new long[logProbs.length];
        for (int i = kind; i < rows.size(); i += 9) {
          int rank = tiny.vocabulary().rank(drawn.get(i).word);
          counts[rank]++;
          assertThat((double) drawn.get(i).logProb).isCloseTo(logProbs[rank], within(1e-5));
        }
        assertThat(ChiSquared.fits(counts, tempered(logProbs, row.temperature)))
            .as("%s", row)
            .isTrue();
        assertThat(ChiSquared.fits(counts, tempered(logProbs, row.temperature == 2 ? 1 : 2)))
            .isFalse();
      }
    }
  }

  private static double[] tempered(double[] logProbs, double temperature) {
    double[] p = new double[logProbs.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logProbs[i] / temperature);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  @ParameterizedTest
  @EnumSource
  void aRowDoesNotDependOnItsBatch(Softmax softmax) throws IOException {
    List<Row> rows = mixed(90);
    try (SavedModelBundle bundle = load(TinyLanguageModel.save(directory, softmax))) {
      List<Drawn> together = sample(bundle, rows);
      List<Drawn> alone = new ArrayList<>();
      rows.forEach(row -> alone.addAll(sample(bundle, List.of(row))));
      List<Row> backwards = new ArrayList<>(rows);
      Collections.reverse(backwards);
      List<Drawn> turned = new ArrayList<>(sample(bundle, backwards));
      Collections.reverse(turned);
      for (List<Drawn> others : List.of(alone, turned)) {
        for (int i = 0; i < rows.size(); i++) {
          assertThat(others.get(i).word).isEqualTo(together.get(i).word);
          assertThat(others.get(i).logProb).isCloseTo(together.get(i).logProb, within(1e-5f));
        }
      }
    }
  }

  @Test
  void anEmptyBatchHasAnEmptyAnswer() throws IOException {
    try (SavedModelBundle bundle = load(TinyLanguageModel.save(directory, Softmax.ADAPTIVE))) {
      assertThat(sample(bundle, List.of())).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -0.5f, Float.NaN, Float.POSITIVE_INFINITY})
  void aRowWithABadTemperatureIsAnsweredAlone(float temperature) throws IOException {
    try (SavedModelBundle bundle = load(TinyLanguageModel.save(directory, Softmax.ADAPTIVE))) {
      Row good = new Row("the", 1, 1);
      List<Drawn> drawn = sample(bundle, List.of(new Row("the", 1, temperature), good));
      assertThat(drawn)
          .containsExactly(new Drawn("", Float.NaN), sample(bundle, List.of(good)).get(0));
    }
  }

  private SavedModelBundle load(TinyLanguageModel tiny) throws IOException {
    return SavedModelBundle.load(tiny.export(directory).highestVersion().toString());
  }
}

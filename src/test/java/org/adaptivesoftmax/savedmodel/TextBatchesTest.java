package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.tensors.TextLengths;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

class TextBatchesTest {
  private final List<int[]> runs = new ArrayList<>();

  /** Answers each text with its length. */
  private Map<String, NdArray<?>> lengths(Map<String, ? extends NdArray<?>> inputs) {
    int[] words = TextLengths.ofRows(inputs);
    runs.add(words);
    NdArray<?> text = inputs.get("text");
    long[] lengths =
        IntStream.range(0, words.length)
            .mapToLong(row -> ((String) text.getObject(row)).length())
            .toArray();
    return Map.of("lengths", NdArrays.vectorOf(lengths), "words", text);
  }

  private static Map<String, NdArray<?>> texts(String... texts) {
    return Map.of("text", NdArrays.vectorOfObjects(texts));
  }

  @Test
  void aLongTextPadsNoShortOnes() {
    String[] texts = new String[1000];
    Arrays.fill(texts, "a");
    texts[617] = "a ".repeat(5000);
    Map<String, NdArray<?>> answer = new TextBatches(this::lengths).run(texts(texts));
    assertThat(runs).extracting(run -> run.length).containsExactly(999, 1);
    for (int row = 0; row < texts.length; row++) {
      assertThat(answer.get("lengths").getObject(row)).isEqualTo((long) texts[row].length());
      assertThat(answer.get("words").getObject(row)).isEqualTo(texts[row]);
    }
  }

  @Test
  void whatRunsAtOnceIsLimitedWhateverTheLengths() {
    Random random = new Random(5);
    String[] texts =
        IntStream.range(0, 2000)
            .mapToObj(i -> "x ".repeat((int) Math.pow(2, 13 * random.nextDouble())))
            .toArray(String[]::new);
    Map<String, NdArray<?>> answer = new TextBatches(this::lengths).run(texts(texts));
    for (int[] run : runs) {
      int longest = Arrays.stream(run).max().orElseThrow();
      int shortest = Arrays.stream(run).min().orElseThrow();
      assertThat((long) run.length * (longest + 1)).isLessThanOrEqualTo(TextBatches.MAX_POSITIONS);
      assertThat(longest).isLessThanOrEqualTo(Math.max(64, 2 * shortest));
    }
    for (int row = 0; row < texts.length; row++) {
      assertThat(answer.get("lengths").getObject(row)).isEqualTo((long) texts[row].length());
    }
  }

  @Test
  void shortTextsOfAnyLengthAreRunTogether() {
    new TextBatches(this::lengths).run(texts("", "a b c", "a ".repeat(60)));
    assertThat(runs).hasSize(1);
  }

  @Test
  void whatHasNoTextsOrNoRowsIsRunAsItIs() {
    List<Map<String, ? extends NdArray<?>>> asked = new ArrayList<>();
    TextBatches batches =
        new TextBatches(
            inputs -> {
              asked.add(inputs);
              return Map.of();
            });
    Map<String, NdArray<?>> numbers = Map.of("x", NdArrays.ofFloats(Shape.of(50_000)));
    batches.run(numbers);
    Map<String, NdArray<?>> scalar = Map.of("x", NdArrays.scalarOf(1f));
    batches.run(scalar);
    Map<String, NdArray<?>> none = Map.of("text", NdArrays.ofObjects(String.class, Shape.of(0)));
    batches.run(none);
    assertThat(asked).hasSize(3);
    assertThat(asked.get(0)).isSameAs(numbers);
    assertThat(asked.get(1)).isSameAs(scalar);
    assertThat(asked.get(2)).isSameAs(none);
  }

  @Test
  void aModelThatDoesNotAnswerByRowIsAskedAsAWhole() {
    TextBatches batches =
        new TextBatches(
            inputs -> Map.of("count", NdArrays.scalarOf((long) TextLengths.ofRows(inputs).length)));
    assertThat(batches.run(texts("a", "a ".repeat(500))).get("count").getObject()).isEqualTo(2L);
  }
}

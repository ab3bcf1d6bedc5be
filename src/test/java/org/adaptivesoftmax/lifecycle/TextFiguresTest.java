package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextFiguresTest {
  private static List<List<String>> texts(String... texts) {
    List<List<String>> all = new ArrayList<>();
    for (String text : texts) {
      all.add(text.isEmpty() ? List.of() : List.of(text.split(" ")));
    }
    return all;
  }

  private static OptionalInt cluster(String word) {
    return switch (word) {
      case "a", "b" -> OptionalInt.of(0);
      case "c" -> OptionalInt.of(1);
      case "d" -> OptionalInt.of(2);
      default -> OptionalInt.empty();
    };
  }

  @Test
  void smallTextsByHand() {
    TextFigures figures = TextFigures.of(texts("a b a b", "", "c d x"), TextFiguresTest::cluster);
    assertThat(figures.texts()).isEqualTo(2);
    assertThat(figures.words()).isEqualTo(7);
    // {a, b, c, d, x} of 7; {ab, ba, cd, dx} of 5; {aba, bab, cdx} of 3.
    assertThat(figures.distinct()).containsExactly(5 / 7.0, 4 / 5.0, 1.0);
    assertThat(figures.repetition()).isEqualTo(2 / 7.0);
    assertThat(figures.tail()).isEqualTo(2 / 6.0);
    assertThat(figures.unknown()).isCloseTo(1 / 7.0, within(1e-15));
  }

  @Test
  void aWordFarBehindIsNoRepetition() {
    String sixteen = "a" + " b".repeat(15);
    TextFigures near = TextFigures.of(texts(sixteen + " a"), TextFiguresTest::cluster);
    TextFigures far = TextFigures.of(texts(sixteen + " b a"), TextFiguresTest::cluster);
    assertThat(near.repetition()).isEqualTo(15 / 17.0);
    assertThat(far.repetition()).isEqualTo(15 / 18.0);
    assertThat(near.selfBleu()).isNull();
  }

  @Test
  void shortTextsHaveNoLongNGrams() {
    TextFigures figures = TextFigures.of(texts("a", "b"), TextFiguresTest::cluster);
    assertThat(figures.distinct()).containsExactly(1.0, null, null);
    assertThatThrownBy(() -> TextFigures.of(texts("", ""), TextFiguresTest::cluster))
        .hasMessage("no text has a word: 2 texts");
  }

  @Test
  void selfBleuByHand() {
    assertThat(TextFigures.selfBleu(texts("a b c d e", "a b c d e"))).isCloseTo(1, within(1e-12));
    // a b c d against a b c: 3/4, 2/3, 1/2, 0.1/1, and no penalty; a b c against a b c d: all of
    // its
    // three orders match, and the penalty is exp(1 − 4/3).
    double first = Math.pow(3 / 4.0 * 2 / 3.0 * 1 / 2.0 * 0.1, 0.25);
    double second = Math.exp(1 - 4 / 3.0);
    assertThat(TextFigures.selfBleu(texts("a b c d", "a b c")))
        .isCloseTo((first + second) / 2, within(1e-12));
  }

  @Test
  void selfBleuIsThatOfTheNaiveForm() {
    Random random = new Random(5);
    for (int round = 0; round < 20; round++) {
      List<List<String>> texts = new ArrayList<>();
      for (int text = 0; text < 2 + random.nextInt(8); text++) {
        List<String> words = new ArrayList<>();
        for (int word = 0; word < 1 + random.nextInt(9); word++) {
          words.add("w" + random.nextInt(4));
        }
        texts.add(words);
      }
      assertThat(TextFigures.selfBleu(texts)).isCloseTo(naive(texts), within(1e-12));
    }
  }

  /** Each text against all others, every n-gram counted in every reference. */
  private static double naive(List<List<String>> texts) {
    double sum = 0;
    for (int i = 0; i < texts.size(); i++) {
      List<String> text = texts.get(i);
      List<List<String>> references = new ArrayList<>(texts);
      references.remove(i);
      int orders = Math.min(4, text.size());
      double product = 1;
      for (int n = 1; n <= orders; n++) {
        double matched = 0;
        for (Map.Entry<String, Integer> gram : grams(text, n).entrySet()) {
          int most = 0;
          for (List<String> reference : references) {
            most = Math.max(most, grams(reference, n).getOrDefault(gram.getKey(), 0));
          }
          matched += Math.min(most, gram.getValue());
        }
        product *= (matched == 0 ? 0.1 : matched) / (text.size() - n + 1);
      }
      int nearest =
          references.stream()
              .map(List::size)
              .min(
                  java.util.Comparator.<Integer>comparingInt(size -> Math.abs(size - text.size()))
                      .thenComparing(size -> size))
              .orElseThrow();
      double penalty = text.size() >= nearest ? 1 : Math.exp(1 - (double) nearest / text.size());
      sum += penalty * Math.pow(product, 1.0 / orders);
    }
    return sum / texts.size();
  }

  private static Map<String, Integer> grams(List<String> text, int n) {
    Map<String, Integer> counts = new HashMap<>();
    for (int start = 0; start + n <= text.size(); start++) {
      counts.merge(String.join(" ", text.subList(start, start + n)), 1, Integer::sum);
    }
    return counts;
  }
}

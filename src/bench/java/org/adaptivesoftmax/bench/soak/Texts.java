package org.adaptivesoftmax.bench.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Texts of one word to 100,000. Few are alike, so that a cache rarely knows one.
 *
 * @param words of the vocabulary, the frequent ones first; those of letters alone are one word each however they are counted
 */
record Texts(List<String> words) {
  /** As many words as a model in a process reads. */
  static final int LONGEST = 100_000;

  private static final int POPULAR = 50;
  private static final String UNKNOWN = "unheardof";

  Texts {
    words = words.stream().filter(word -> word.chars().allMatch(Character::isLetter)).toList();
  }

  /** The texts of a request. */
  List<String> batch(Random random) {
    double kind = random.nextDouble();
    if (kind < 0.002) {
      return List.of(text(random, LONGEST));
    } else if (kind < 0.01) {
      return List.of(text(random, 1 + random.nextInt(3000)));
    }
    int rows = 1 + random.nextInt(kind < 0.9 ? 3 : 8);
    int longest = kind < 0.9 ? 12 : 200;
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      boolean popular = random.nextInt(4) == 0;
      texts.add(
          popular
              ? text(new Random(random.nextInt(POPULAR)), 5)
              : text(random, 1 + random.nextInt(longest)));
    }
    return texts;
  }

  /** A text with words that the model does not know among them. */
  String text(Random random, int size) {
    return random
        .doubles(size)
        .mapToObj(
            uniform -> {
              int word = (int) (1.02 * words.size() * uniform * uniform);
              return word < words.size() ? words.get(word) : UNKNOWN;
            })
        .collect(Collectors.joining(" "));
  }
}

package examples.classifier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Labelled texts as numbers. Words are hashed: no vocabulary to keep, and a word that training has not seen is a word all the
 * same.
 *
 * @param words the words of each text, as many for each: a bucket in 1..{@link #BUCKETS}−1, or 0 where a text is shorter
 * @param labels the label of each text, a place in {@code names}
 * @param names of the labels
 */
record Texts(List<long[]> words, List<Integer> labels, List<String> names) {
  static final int BUCKETS = 4096;
  private static final int LONGEST = 24;

  /** Reads lines of a label, a tab and a text. */
  static Texts read(Path file) throws IOException {
    List<long[]> words = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("\t", 2);
      if (!names.contains(parts[0])) {
        names.add(parts[0]);
      }
      labels.add(names.indexOf(parts[0]));
      words.add(buckets(parts[1]));
    }
    return new Texts(words, labels, names);
  }

  private static long[] buckets(String text) {
    String[] words = text.toLowerCase(Locale.ROOT).split("\\W+");
    long[] buckets = new long[LONGEST];
    for (int i = 0; i < Math.min(words.length, LONGEST); i++) {
      buckets[i] = 1 + Math.floorMod(words[i].hashCode(), BUCKETS - 1);
    }
    return buckets;
  }

  int size() {
    return labels.size();
  }

  /** In another order; the same seed gives the same. */
  Texts shuffled(long seed) {
    List<long[]> shuffledWords = new ArrayList<>(words);
    List<Integer> shuffledLabels = new ArrayList<>(labels);
    Collections.shuffle(shuffledWords, new Random(seed));
    Collections.shuffle(shuffledLabels, new Random(seed));
    return new Texts(shuffledWords, shuffledLabels, names);
  }

  Texts range(int from, int to) {
    int end = Math.min(to, size());
    return new Texts(words.subList(from, end), labels.subList(from, end), names);
  }

  long[][] wordRows() {
    return words.toArray(long[][]::new);
  }

  int[] labelRow() {
    return labels.stream().mapToInt(Integer::intValue).toArray();
  }
}

package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.text.EncodedExamples;

/**
 * The batches of an epoch, of texts of like length: examples are shuffled, a few batches' worth at a time is sorted by length
 * and divided, and all batches are shuffled. So a batch has little padding, and still other examples in each epoch.
 */
final class LengthBatches {
  /** Batches that are sorted together. */
  private static final int POOL = 16;

  private LengthBatches() {}

  /**
   * The numbers of the examples of each batch, a function of seed and epoch.
   *
   * @param batch examples of a batch
   */
  static List<int[]> of(EncodedExamples examples, int batch, long seed, int epoch) {
    Random random = new Random(seed * 1_000_003 + epoch);
    List<Integer> order = new ArrayList<>(IntStream.range(0, examples.size()).boxed().toList());
    Collections.shuffle(order, random);
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < order.size(); from += POOL * batch) {
      int[] pool =
          order.subList(from, Math.min(from + POOL * batch, order.size())).stream()
              .sorted(Comparator.comparingInt(examples::length))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int start = 0; start < pool.length; start += batch) {
        batches.add(Arrays.copyOfRange(pool, start, Math.min(start + batch, pool.length)));
      }
    }
    Collections.shuffle(batches, random);
    return batches;
  }
}

package org.adaptivesoftmax.text;

import java.util.Arrays;

/** A growing list of ints: four bytes an element, where a boxed list takes twenty. */
final class RankList {
  // Some virtual machines refuse arrays of the very largest sizes.
  private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  private int[] ranks = new int[16];
  private int size;

  void add(int rank) {
    if (size == ranks.length) {
      ranks = Arrays.copyOf(ranks, longer(size));
    }
    ranks[size++] = rank;
  }

  static int longer(int length) {
    if (length == MAX_SIZE) {
      throw new IllegalStateException(
          "a text of more than " + MAX_SIZE + " words does not fit into one array");
    }
    return (int) Math.min(2L * length, MAX_SIZE);
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(ranks, size);
  }
}

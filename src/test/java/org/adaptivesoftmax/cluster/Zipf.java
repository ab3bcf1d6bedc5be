package org.adaptivesoftmax.cluster;

import java.util.stream.LongStream;

/** Counts by Zipf's law: in inverse proportion to the rank. */
final class Zipf {
  private Zipf() {}

  static long[] counts(int nClasses) {
    return LongStream.rangeClosed(1, nClasses).map(rank -> 1_000_000_000L / rank).toArray();
  }
}

package org.adaptivesoftmax.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Text of made words, whose frequencies follow Zipf's law. Each word stands there once, so that there are as many as are asked
 * for; the rest is drawn.
 *
 * @param bytes at least; the last line is whole
 * @param distinct words
 * @param seed of every draw
 */
record ZipfText(long bytes, int distinct, long seed) {
  private static final int WORDS_OF_LINE = 20;
  private static final int LETTERS = 26;

  void write(Path file) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      long written = 0;
      for (int word = 0; word < distinct || written < bytes; word++) {
        int rank = word < distinct ? word : drawn(random);
        boolean lineEnds = word % WORDS_OF_LINE == WORDS_OF_LINE - 1;
        byte[] text = (name(rank) + (lineEnds ? "\n" : " ")).getBytes(StandardCharsets.UTF_8);
        out.write(text);
        written += text.length;
      }
      out.write('\n');
    }
  }

  /** A rank whose logarithm is uniform: rank r comes about as often as 1 / r. */
  private int drawn(SplittableRandom random) {
    return (int) Math.pow(distinct, random.nextDouble()) - 1;
  }

  /** Its number in letters: frequent words are short. */
  private static String name(int rank) {
    StringBuilder name = new StringBuilder();
    for (int left = rank + 1; left > 0; left = (left - 1) / LETTERS) {
      name.append((char) ('a' + (left - 1) % LETTERS));
    }
    return name.toString();
  }
}

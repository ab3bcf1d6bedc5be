package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adaptivesoftmax.inference.LanguageModelScorer;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;

/**
 * What a token of each group takes on this machine: the first lines of the group are scored as one batch, some rounds, groups taking
 * turns so that a busy moment of the machine does not meet one group alone.
 */
final class GroupLatency {
  /** The first is to warm up, and is left out. */
  private static final int ROUNDS = 6;

  private static final int LINES = 32;
  private static final int WORDS = 1000;

  private GroupLatency() {}

  /** The first lines of a group. */
  private static final class Batch {
    private final List<String> lines = new ArrayList<>();
    private final double[] seconds = new double[ROUNDS - 1];
    private int words;

    void add(String line, int more) {
      if (more > 0 && lines.size() < LINES && (lines.isEmpty() || words + more <= WORDS)) {
        lines.add(line);
        words += more;
      }
    }

    boolean isOpen() {
      return lines.size() < LINES && words < WORDS;
    }

    void time(LanguageModelScorer scorer, int round) {
      long start = System.nanoTime();
      scorer.score(lines);
      if (round > 0) {
        seconds[round - 1] = (System.nanoTime() - start) / 1e9;
      }
    }

    double microsecondsPerToken() {
      Arrays.sort(seconds);
      return seconds[seconds.length / 2] * 1e6 / (words + lines.size());
    }
  }

  /** By group; 0 for one without a word. */
  static double[] microseconds(LanguageModelScorer scorer, Corpus texts, LineGroups groups)
      throws IOException {
    List<Batch> batches = Stream.generate(Batch::new).limit(groups.names().size()).toList();
    int[] number = new int[1];
    texts.forEachLine(
        line -> {
          Batch batch = batches.get(groups.groupOfLine()[number[0]++]);
          if (batch.isOpen()) {
            batch.add(line, Tokenizer.words(line).size());
          }
        });
    for (int round = 0; round < ROUNDS; round++) {
      for (Batch batch : batches) {
        if (!batch.lines.isEmpty()) {
          batch.time(scorer, round);
        }
      }
    }
    return batches.stream()
        .mapToDouble(batch -> batch.lines.isEmpty() ? 0 : batch.microsecondsPerToken())
        .toArray();
  }
}

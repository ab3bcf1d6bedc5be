package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.inference.LineScores;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Divides the tokens of a text by a model's clusters and by deciles of its counts. All models are divided by the words of the same
 * one, so that a part is the same tokens in each.
 *
 * <p>A word is in decile {@code 1 + ⌊10 · (before + count / 2) / total⌋}, where before are the tokens of all words of lower rank: the
 * middle of its own tokens decides, and no word is in two. A word of more than a tenth of the tokens may leave a decile empty.
 */
final class TokenSlices {
  static final int DECILES = 10;

  private final Vocabulary vocabulary;
  private final List<Slice> slices = new ArrayList<>();

  /** By rank. */
  private final int[] clusters;

  private final int[] deciles;

  /** By the number of the line; empty without groups. */
  private final int[] groups;

  private final int firstGroup;

  private TokenSlices(Vocabulary vocabulary, ClusterPlan plan, LineGroups lines, boolean byWord) {
    this.vocabulary = vocabulary;
    slices.add(Slice.EVERYTHING);
    clusters =
        byWord ? IntStream.range(0, vocabulary.size()).map(plan::cluster).toArray() : new int[0];
    deciles = byWord && vocabulary.hasCounts() ? deciles(vocabulary.counts()) : new int[0];
    if (clusters.length > 0) {
      add(Slice.Kind.CLUSTER, 0, plan.nTails() + 1);
    }
    if (deciles.length > 0) {
      add(Slice.Kind.DECILE, 1, DECILES);
    }
    firstGroup = slices.size();
    groups = lines.groupOfLine();
    lines.names().forEach(name -> slices.add(new Slice(Slice.Kind.GROUP, name)));
  }

  /** By the words of a model; by deciles too, if it has counts. */
  static TokenSlices byWord(Vocabulary vocabulary, ClusterPlan plan) {
    return new TokenSlices(vocabulary, plan, LineGroups.NONE, true);
  }

  /** By the groups of the lines. */
  static TokenSlices byGroup(Vocabulary vocabulary, ClusterPlan plan, LineGroups lines) {
    return new TokenSlices(vocabulary, plan, lines, false);
  }

  private void add(Slice.Kind kind, int first, int count) {
    for (int i = 0; i < count; i++) {
      slices.add(new Slice(kind, String.format(Locale.ROOT, "%d", first + i)));
    }
  }

  /** By rank, counted from 0. */
  static int[] deciles(long[] counts) {
    double total = 0;
    for (long count : counts) {
      total += count;
    }
    int[] deciles = new int[counts.length];
    double before = 0;
    for (int rank = 0; rank < counts.length; rank++) {
      double middle = before + counts[rank] / 2.0;
      deciles[rank] = (int) Math.min(DECILES - 1, DECILES * middle / total);
      before += counts[rank];
    }
    return deciles;
  }

  /** All parts; the first is everything. */
  List<Slice> slices() {
    return slices;
  }

  /**
   * The parts that a token is in.
   *
   * @param to is filled with their places in {@link #slices}
   * @return how many there are
   */
  int of(LineScores line, int token, int[] to) {
    int count = 0;
    to[count++] = 0;
    if (groups.length > 0) {
      to[count++] = firstGroup + groups[(int) line.line()];
    }
    if (line.targets()[token] != LineScores.OTHER && clusters.length > 0) {
      int rank =
          token < line.words().size()
              ? vocabulary.rank(line.words().get(token))
              : vocabulary.boundaryRank();
      to[count++] = 1 + clusters[rank];
      if (deciles.length > 0) {
        to[count++] = firstGroup - DECILES + deciles[rank];
      }
    }
    return count;
  }
}

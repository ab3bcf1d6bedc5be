package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.TokenStatistics;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;

/** Counts and texts to compare. */
final class Samples {
  static final ShareCosts COSTS = CostModel.ofBatch(640)::expectedCostOfShares;

  private Samples() {}

  /** Counts that fall as those of words do, decreasing. */
  static long[] zipf(int classes, long tokens) {
    double harmonic = 0;
    for (int rank = 1; rank <= classes; rank++) {
      harmonic += 1.0 / rank;
    }
    long[] counts = new long[classes];
    for (int rank = 0; rank < classes; rank++) {
      counts[rank] = Math.max(1, Math.round(tokens / harmonic / (rank + 1)));
    }
    return counts;
  }

  /** Counts of tokens drawn from the shares of others. */
  static long[] draw(long[] counts, int tokens, Random random) {
    double[] sums = new double[counts.length];
    double sum = 0;
    for (int rank = 0; rank < counts.length; rank++) {
      sum += counts[rank];
      sums[rank] = sum;
    }
    long[] drawn = new long[counts.length];
    for (int i = 0; i < tokens; i++) {
      int found = Arrays.binarySearch(sums, random.nextDouble() * sum);
      drawn[found < 0 ? -found - 1 : found + 1]++;
    }
    return drawn;
  }

  /** WordNet's definitions of the parts of speech whose names begin so. */
  static List<String> definitions(String partOfSpeech) throws IOException {
    List<String> lines = new ArrayList<>();
    LabelledCorpus.wordNet()
        .forEachExample(
            example -> {
              if (example.label().startsWith(partOfSpeech)) {
                lines.add(example.text());
              }
            });
    return lines;
  }

  static WordCounts count(List<String> lines) {
    TokenStatistics statistics = TokenStatistics.builder().stripes(1).maxMapSize(1 << 18).build();
    lines.forEach(statistics::addText);
    return statistics.snapshot().toWordCounts();
  }

  static ClusterPlan plan(Vocabulary vocabulary) {
    return ClusterPlan.of(128, vocabulary.size(), 1_000, 6_000);
  }
}

package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.cluster.StablePlan;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;

/**
 * Counts the tokens that change cluster between two halves of a text, which differ by chance alone: a line is in one or the
 * other by a hash. Either half is planned; then the plan of the first is renewed from the counts of the second.
 *
 * @param corpus the text
 * @param inFeatures width of the layer's input
 * @param rows of a training step
 * @param rule by which tokens keep their cluster
 */
public record MigrationsBench(Corpus corpus, int inFeatures, int rows, StabilityRule rule) {
  /** One half of a text. */
  private record Half(Corpus whole, int number) implements Corpus {
    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public void forEachLine(Consumer<String> action) throws IOException {
      whole.forEachLine(
          line -> {
            // The last step of MurmurHash3: the low bit of a string's own hash is a parity of its
            // letters.
            int hash = line.hashCode();
            hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
            hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
            if (hash >>> 31 == number) {
              action.accept(line);
            }
          });
    }
  }

  /**
   * Measures, and writes the result to {@code target/bench/migrations.json}.
   *
   * @throws IOException if the text cannot be read, or the result cannot be written
   */
  public MigrationsReport run() throws IOException {
    Vocabulary before = Vocabulary.of(WordCounts.of(new Half(corpus, 0)));
    Vocabulary after = Vocabulary.of(WordCounts.of(new Half(corpus, 1)));
    CostModel costs = CostModel.ofBatch(rows);
    CutoffPlanner planner = CutoffPlanner.builder(inFeatures, costs).build();
    ClusterPlan plan = planner.plan(before.counts());
    ClusterPlan fresh = planner.plan(after.counts());
    int[] ranks =
        after.words().stream()
            .mapToInt(token -> before.contains(token) ? before.rank(token) : -1)
            .toArray();
    long[] counts =
        Arrays.stream(ranks).mapToLong(rank -> rank < 0 ? 0 : before.count(rank)).toArray();
    StablePlan anew = StablePlan.byRank(plan, ranks, counts, after.counts(), fresh, costs);
    StablePlan sameCutoffs =
        new StabilityRule(0, rule.maxExtraCost())
            .renew(plan, ranks, counts, after.counts(), fresh, costs);
    StablePlan stable = rule.renew(plan, ranks, counts, after.counts(), fresh, costs);
    int tokens = (int) Arrays.stream(ranks).filter(rank -> rank >= 0).count();
    MigrationsReport report =
        new MigrationsReport(
            corpus.name(),
            tokens,
            plan.cutoffs(),
            moved(anew, tokens, anew),
            moved(sameCutoffs, tokens, anew),
            moved(stable, tokens, anew));
    BenchFiles.write("migrations.json", report);
    return report;
  }

  private static MigrationsReport.Moved moved(StablePlan of, int tokens, StablePlan anew) {
    return new MigrationsReport.Moved(
        of.plan().cutoffs(), (double) of.migrations().size() / tokens, of.cost() / anew.cost() - 1);
  }
}

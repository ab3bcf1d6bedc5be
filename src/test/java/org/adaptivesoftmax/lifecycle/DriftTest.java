package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.lifecycle.DriftAdvice.Action;
import org.adaptivesoftmax.lifecycle.Migrations.Move;
import org.adaptivesoftmax.text.LiveCounts;
import org.adaptivesoftmax.text.TokenStatistics;
import org.adaptivesoftmax.text.Vocabulary;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriftTest {
  private static final int SAMPLES = 40;

  /** A model of WordNet's definitions of nouns. */
  private Vocabulary nouns;

  private List<String> nounDefinitions;

  @BeforeAll
  void count() throws IOException {
    nounDefinitions = Samples.definitions("noun");
    Collections.shuffle(nounDefinitions, new Random(1));
    nouns = Vocabulary.of(Samples.count(nounDefinitions));
  }

  private Drift ofText(List<String> lines) {
    return Drift.of(
        DriftCounts.of(Samples.plan(nouns), nouns, Samples.count(lines), 0), Samples.COSTS);
  }

  private static DriftAdvice advice(Drift drift) {
    return drift.advice(DriftThresholds.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 200, 1_000, 5_000, 20_000})
  void samplesOfAModelsOwnCountsRaiseNoAlarm(int tokens) {
    long[] then = nouns.counts();
    then[nouns.boundaryRank()] = 0;
    long[] zipf = Samples.zipf(5_000, 100_000);
    Random random = new Random(tokens);
    int alarms = 0;
    int zipfAlarms = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      DriftCounts counts =
          DriftCounts.builder(Samples.plan(nouns), then, Samples.draw(then, tokens, random))
              .unknownRank(nouns.unknownRank())
              .pinnedRank(nouns.boundaryRank())
              .build();
      alarms += advice(Drift.of(counts, Samples.COSTS)).action() == Action.KEEP ? 0 : 1;
      DriftCounts ofZipf =
          DriftCounts.builder(
                  ClusterPlan.of(64, 5_000, 100, 1_000), zipf, Samples.draw(zipf, tokens, random))
              .build();
      zipfAlarms += advice(Drift.of(ofZipf, Samples.COSTS)).action() == Action.KEEP ? 0 : 1;
    }
    assertThat(alarms).as("of WordNet").isLessThanOrEqualTo(SAMPLES / 20);
    assertThat(zipfAlarms).as("of Zipf's law").isLessThanOrEqualTo(SAMPLES / 20);
  }

  @ParameterizedTest
  @CsvSource({"20, KEEP", "1000, KEEP", "40000, KEEP"})
  void definitionsOfTheSameKindAreKept(int lines, Action action) {
    assertThat(advice(ofText(nounDefinitions.subList(0, lines))))
        .isEqualTo(new DriftAdvice(action, List.of()));
  }

  @Test
  void definitionsOfAnotherKindAreTold() throws IOException {
    List<String> verbs = Samples.definitions("verb");
    Collections.shuffle(verbs, new Random(2));
    Drift drift = ofText(verbs);
    assertThat(advice(drift).action()).isEqualTo(Action.RETRAIN);
    assertThat(advice(drift).reasons())
        .extracting(DriftAdvice.Reason::figure)
        .contains("js_divergence", "linf", "migrations");
    assertThat(drift.unknownNow().low()).isGreaterThan(3 * drift.unknownThen().high());
    Drift few = ofText(verbs.subList(0, 100));
    assertThat(advice(few).action()).isEqualTo(Action.REBUCKET);
    assertThat(few.jsDivergence().value()).isCloseTo(drift.jsDivergence().value(), within(0.04));
  }

  @Test
  void figuresAreTheirFormulas() {
    ClusterPlan plan = ClusterPlan.of(16, 4, 2);
    DriftCounts counts =
        DriftCounts.builder(
                plan,
                new long[] {4_000_000, 3_000_000, 2_000_000, 1_000_000},
                new long[] {4_000_000, 1_000_000, 2_000_000, 3_000_000})
            .build();
    Drift drift = Drift.of(counts, Samples.COSTS);
    double js = (0.3 * Math.log(1.5) + 0.1 * Math.log(0.5)) / Math.log(2);
    assertThat(drift.jsDivergence().value()).isCloseTo(js, within(1e-6));
    assertThat(drift.linf().value()).isCloseTo(0.2, within(1e-12));
    assertThat(drift.shares().then()).extracting(Figure::value).containsExactly(0.7, 0.3);
    assertThat(drift.shares().now()).extracting(Figure::value).containsExactly(0.5, 0.5);
    double cost =
        Samples.COSTS.of(plan, new double[] {0.5, 0.5})
            / Samples.COSTS.of(plan, new double[] {0.7, 0.3});
    assertThat(drift.expectedCostRatio().value()).isCloseTo(cost, within(1e-12));
    assertThat(drift.migrations().up()).isEqualTo(new Figure(0.3, 0.3, 0.3));
    assertThat(drift.migrations().down()).isEqualTo(new Figure(0.3, 0.3, 0.3));
    assertThat(drift.migrations().top())
        .containsExactly(new Move(1, 0, 1, 0.3, 0.1), new Move(3, 1, 0, 0.1, 0.3));
  }

  @Test
  void intervalsHoldTheirValues() {
    long[] then = Samples.zipf(300, 10_000);
    Random random = new Random(3);
    for (int tokens : new int[] {2, 3, 10, 100, 10_000}) {
      long[] other = new long[300];
      Arrays.setAll(other, rank -> then[299 - rank]);
      DriftCounts counts =
          DriftCounts.builder(
                  ClusterPlan.of(64, 300, 10, 100), then, Samples.draw(other, tokens, random))
              .unknownRank(5)
              .build();
      Drift drift = Drift.of(counts, Samples.COSTS);
      assertThat(
              List.of(
                  drift.jsDivergence(),
                  drift.linf(),
                  drift.unknownThen(),
                  drift.unknownNow(),
                  drift.expectedCostRatio(),
                  drift.migrations().up(),
                  drift.migrations().down()))
          .allMatch(figure -> figure.low() <= figure.value() && figure.value() <= figure.high())
          .allMatch(figure -> figure.low() >= 0 && Double.isFinite(figure.high()));
    }
  }

  /** Most of the distinct words do not fit: what the sketch leaves out is no drift. */
  @Test
  void approximateCountsRaiseNoAlarm() throws IOException {
    TokenStatistics statistics = TokenStatistics.builder().maxMapSize(4096).stripes(1).build();
    nounDefinitions.subList(0, 20_000).forEach(statistics::addText);
    LiveCounts live = statistics.snapshot();
    assertThat(live.maxError()).isPositive();
    DriftCounts same =
        DriftCounts.of(Samples.plan(nouns), nouns, live.toWordCounts(), live.maxError());
    assertThat(advice(Drift.of(same, Samples.COSTS)).action()).isEqualTo(Action.KEEP);
    TokenStatistics others = TokenStatistics.builder().maxMapSize(4096).stripes(1).build();
    Samples.definitions("verb").forEach(others::addText);
    LiveCounts verbs = others.snapshot();
    DriftCounts other =
        DriftCounts.of(Samples.plan(nouns), nouns, verbs.toWordCounts(), verbs.maxError());
    assertThat(advice(Drift.of(other, Samples.COSTS)).action()).isNotEqualTo(Action.KEEP);
  }
}

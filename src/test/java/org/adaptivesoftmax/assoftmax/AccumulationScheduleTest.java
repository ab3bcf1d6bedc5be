package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

class AccumulationScheduleTest {
  /**
   * Worked out by hand. {@code rows} holds labelled-finished of each window's first micro-batch.
   *
   * <ul>
   *   <li>λ 1: 10/10 = 1; 10/6 = 1.67, so 2; 10/4 = 2.5, a half, so 2; 10/2 = 5, but one more at most, so 3; again, 4
   *   <li>steps never fall: 10/2 = 5, so 2; then 10/10 = 1 leaves 2
   *   <li>all finished means the most, one more at a time: 2, 3, 4, and no more
   *   <li>halves: λ 1.5, 1 of 1 unfinished: 1.5, so 2; λ 0.5, 0.5 so 0, at least 1; λ 2.5: 2.5 so 2, and stays
   *   <li>λ below 1: 0.25 · 8/8 = 0.25, so 0, so 1; 0.25 · 8/1 = 2
   *   <li>no labelled row leaves the steps as they were
   * </ul>
   */
  @ParameterizedTest
  @CsvSource({
    "1, 8, 10-0 10-4 10-6 10-8 10-8, 1 2 2 3 4",
    "1, 8, 10-8 10-0 10-5, 2 2 2",
    "1, 4, 6-6 6-6 6-6 6-6 6-6, 2 3 4 4 4",
    "1, 1, 6-6 6-5, 1 1",
    "1.5, 8, 1-0 1-0, 2 2",
    "0.5, 8, 1-0 1-0, 1 1",
    "2.5, 8, 4-0 4-0 4-0, 2 2 2",
    "3.5, 8, 4-0 4-0 4-0 4-0 4-0, 2 3 4 4 4",
    "0.25, 8, 8-0 8-7 8-7, 1 2 2",
    "1, 8, 0-0 10-8 0-0 10-8, 1 2 2 3"
  })
  void agreesWithTheTable(double lambda, int maxSteps, String rows, String expected) {
    AccumulationSchedule schedule = new AccumulationSchedule(lambda, maxSteps);
    List<String> steps = new ArrayList<>();
    int previous = 1;
    for (String window : rows.split(" ", -1)) {
      String[] counts = window.split("-", 2);
      long labelled = Long.parseLong(counts[0]);
      long finished = Long.parseLong(counts[1]);
      assertThat(inGraph(schedule, previous, labelled, finished))
          .isEqualTo(schedule.steps(previous, labelled, finished));
      previous = schedule.steps(previous, labelled, finished);
      steps.add(Integer.toString(previous));
    }
    assertThat(String.join(" ", steps)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void agreesWithTheReferenceWhereNoRowIsIgnored(SparseGolden golden) {
    long labelled = LongStream.of(golden.labels()).filter(label -> label != -100).count();
    if (labelled < golden.rows()) {
      // The reference counts rows without a label among those that are not finished.
      assertThat(golden.name()).containsAnyOf("readme", "ignored");
      return;
    }
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run =
          SparseRun.of(graph, TFloat64.class, golden.logits(), golden.labels(), golden.classes());
      UnfinishedRows rows =
          AdaptiveSparseSoftmax.builder()
              .delta(golden.delta())
              .build()
              .unfinishedRows(graph.tf, run.labels(), run.logits());
      for (int lambda = 1; lambda <= 2; lambda++) {
        Operand<TInt64> steps =
            new AccumulationSchedule(lambda, 64).steps(graph.tf, graph.tf.constant(1L), rows);
        assertThat(graph.run(steps))
            .containsExactly(golden.number("reference_steps_lambda_" + lambda));
      }
    }
  }

  @Property(tries = 200)
  void staysWithinItsBounds(
      @ForAll @IntRange(min = 1, max = 9) int previous,
      @ForAll @IntRange(min = 0, max = 40) int labelled,
      @ForAll @IntRange(min = 0, max = 40) int finished,
      @ForAll @IntRange(min = 1, max = 60) int tenthsOfLambda) {
    AccumulationSchedule schedule = new AccumulationSchedule(tenthsOfLambda / 10.0, 9);
    long m = Math.min(labelled, finished);
    int steps = schedule.steps(previous, labelled, m);
    assertThat(steps).isBetween(previous, Math.min(previous + 1, 9));
    assertThat(inGraph(schedule, previous, labelled, m)).isEqualTo(steps);
  }

  @Test
  void rejectsWhatIsOutOfRange() {
    assertThatThrownBy(() -> new AccumulationSchedule(0, 1))
        .hasMessage("lambda must be above 0 and finite: 0.0");
    assertThatThrownBy(() -> new AccumulationSchedule(Double.NaN, 1))
        .hasMessage("lambda must be above 0 and finite: NaN");
    assertThatThrownBy(() -> new AccumulationSchedule(1, 0))
        .hasMessage("maxSteps must be at least 1: 0");
    AccumulationSchedule schedule = new AccumulationSchedule(1, 4);
    assertThatThrownBy(() -> schedule.steps(5, 2, 1)).hasMessage("previous must be in 1..4: 5");
    assertThatThrownBy(() -> schedule.steps(1, 2, 3))
        .hasMessage("finished must be in 0..2, the labelled rows: 3");
  }

  private static int inGraph(
      AccumulationSchedule schedule, long previous, long labelled, long finished) {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      UnfinishedRows rows =
          new UnfinishedRows(
              tf.constant(new long[0]), tf.constant(labelled), tf.constant(finished));
      return (int) graph.run(schedule.steps(tf, tf.constant(previous), rows))[0];
    }
  }
}

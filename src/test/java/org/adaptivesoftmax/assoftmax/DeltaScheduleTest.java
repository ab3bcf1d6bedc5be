package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

class DeltaScheduleTest {
  @Test
  void goesAlongALine() {
    DeltaSchedule schedule = DeltaSchedule.linear(1, 0.1, 0.4, 100);
    assertThat(schedule.delta(0)).isEqualTo(1);
    assertThat(schedule.delta(10)).isCloseTo(0.775, within(1e-15));
    assertThat(schedule.delta(20)).isCloseTo(0.55, within(1e-15));
    assertThat(schedule.delta(40)).isEqualTo(0.1);
    assertThat(schedule.delta(1000)).isEqualTo(0.1);
  }

  @Test
  void goesAlongACosine() {
    DeltaSchedule schedule = DeltaSchedule.cosine(1, 0.2, 0.5, 60);
    assertThat(schedule.delta(0)).isEqualTo(1);
    assertThat(schedule.delta(10)).isCloseTo(0.8, within(1e-15));
    assertThat(schedule.delta(15)).isCloseTo(0.6, within(1e-15));
    assertThat(schedule.delta(20)).isCloseTo(0.4, within(1e-15));
    assertThat(schedule.delta(30)).isEqualTo(0.2);
    assertThat(schedule.delta(60)).isEqualTo(0.2);
  }

  @Test
  void maySkipTheWarmup() {
    assertThat(DeltaSchedule.constant(0.3).delta(0)).isEqualTo(0.3);
    assertThat(DeltaSchedule.linear(1, 0.3, 0, 100).delta(0)).isEqualTo(0.3);
    assertThat(new DeltaSchedule(DeltaSchedule.Annealing.CONSTANT, 1, 0.3, 0.5, 100).delta(0))
        .isEqualTo(0.3);
  }

  static Stream<DeltaSchedule> schedules() {
    return Stream.of(
        DeltaSchedule.constant(0.3),
        DeltaSchedule.linear(1, 0.1, 0.33, 50),
        DeltaSchedule.linear(1, 1, 0.33, 50),
        DeltaSchedule.linear(0.2, 1, 1, 50),
        DeltaSchedule.linear(1, 0.1, 0, 50),
        DeltaSchedule.cosine(1, 0.1, 0.7, 50),
        DeltaSchedule.cosine(1, 0.1, 0.001, 50));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void isTheSameInTheGraphAndInRange(DeltaSchedule schedule) {
    try (TestGraph graph = new TestGraph()) {
      Placeholder<TInt64> step = graph.tf.placeholder(TInt64.class);
      Operand<TFloat64> delta = schedule.delta(graph.tf, step);
      for (long i = 0; i <= 60; i++) {
        double expected = schedule.delta(i);
        assertThat(expected).isPositive().isLessThanOrEqualTo(1);
        assertThat(fed(graph, delta, step, i))
            .isCloseTo(expected, within(1e-15))
            .isLessThanOrEqualTo(1);
      }
      assertThatThrownBy(() -> fed(graph, delta, step, -1))
          .hasMessageContaining("step must not be negative:] [-1]");
    }
  }

  @Test
  void rejectsWhatIsOutOfRange() {
    assertThatThrownBy(() -> DeltaSchedule.constant(0)).hasMessageContaining("(0, 1]: 0.0");
    assertThatThrownBy(() -> DeltaSchedule.linear(1.5, 0.1, 0, 1))
        .hasMessage("initial delta must be in (0, 1]: 1.5");
    assertThatThrownBy(() -> DeltaSchedule.linear(1, Double.NaN, 0, 1))
        .hasMessage("delta must be in (0, 1]: NaN");
    assertThatThrownBy(() -> DeltaSchedule.cosine(1, 0.1, 1.1, 1))
        .hasMessage("warmupRatio must be in [0, 1]: 1.1");
    assertThatThrownBy(() -> DeltaSchedule.cosine(1, 0.1, 1, 0))
        .hasMessage("totalSteps must be at least 1: 0");
    assertThatThrownBy(() -> DeltaSchedule.constant(1).delta(-2))
        .hasMessage("step must not be negative: -2");
  }

  private static double fed(
      TestGraph graph, Operand<TFloat64> delta, Operand<TInt64> step, long value) {
    try (TInt64 tensor = TInt64.scalarOf(value);
        var result = graph.session().runner().feed(step, tensor).fetch(delta).run()) {
      return ((TFloat64) result.get(0)).getDouble();
    }
  }
}

package org.adaptivesoftmax.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

class FusedGradientTest {
  /** Says that the derivatives of u = x y and v = x + y are those of 10 u and 100 v. */
  private static final FusedGradient EXAGGERATED =
      FusedGradient.define("test_exaggerated", FusedGradientTest::exaggerated);

  @Test
  void theGradientIsTheOneWrittenByHand() {
    try (TestGraph graph = new TestGraph()) {
      Fused fused = new Fused(graph);
      assertThat(fused.gradient(fused.u)).containsExactly(10 * 3, 10 * 2);
      assertThat(fused.gradient(fused.v)).containsExactly(100, 100);
      assertThat(fused.gradient(graph.tf.math.mul(fused.u, fused.v)))
          .as("u = 6, v = 5")
          .containsExactly(5 * 30 + 6 * 100, 5 * 20 + 6 * 100);
      assertThat(graph.run(fused.u)).containsExactly(6);
    }
  }

  @Test
  void differentiatingTwiceOverOneOpIsRightBothTimes() {
    try (TestGraph graph = new TestGraph()) {
      Fused fused = new Fused(graph);
      Operand<TFloat64> square = graph.tf.math.square(fused.u);
      List<Output<?>> first = graph.gradients(square, List.of(fused.x, fused.y));
      List<Output<?>> second =
          graph.gradients(graph.tf.math.neg(fused.v), List.of(fused.x, fused.y));
      List<Output<?>> again = graph.gradients(square, List.of(fused.y));
      List<Output<?>> all = new ArrayList<>(first);
      all.addAll(second);
      all.addAll(again);
      assertThat(graph.run(all).stream().map(value -> value[0]))
          .containsExactly(360.0, 240.0, -100.0, -100.0, 240.0);
    }
  }

  @Test
  void noGradientLeavesBeforeAllAreComputed() {
    try (TestGraph graph = new TestGraph()) {
      Fused fused = new Fused(graph);
      for (Output<?> gradient : graph.gradients(fused.u, List.of(fused.x, fused.y))) {
        GraphOperation op = (GraphOperation) gradient.op();
        assertThat(op.type()).isEqualTo("Identity");
        assertThat(op.numControlInputs()).isEqualTo(2);
      }
    }
  }

  @Test
  void gradientsOfOthersIdentityPassThrough() {
    try (TestGraph graph = new TestGraph()) {
      new Fused(graph);
      Operand<TFloat64> x = graph.tf.constant(2.0);
      Operand<TFloat64> y = graph.tf.constant(3.0);
      var identity = graph.tf.identityN(List.of(x, y, graph.tf.constant(7)));
      Operand<TFloat64> x2 = typed(identity.output().get(0));
      Operand<TFloat64> y2 = typed(identity.output().get(1));
      Operand<TFloat64> z = graph.tf.math.add(graph.tf.math.mul(x2, y2), graph.tf.math.square(y2));
      assertThat(graph.run(graph.gradients(z, List.of(x))).get(0)).containsExactly(3);
      assertThat(graph.run(graph.gradients(z, List.of(y))).get(0)).containsExactly(2 + 2 * 3);
      List<double[]> one = graph.run(graph.gradients(graph.tf.math.square(x2), List.of(x, y)));
      assertThat(one.get(0)).containsExactly(4);
      assertThat(one.get(1)).as("of what is not used").containsExactly(0);
    }
  }

  @Test
  void refusesAKindThatIsDefined() {
    assertThatThrownBy(() -> FusedGradient.define("test_exaggerated", (o, i, s, u) -> List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("fused gradient is defined already: test_exaggerated");
  }

  @Test
  void refusesToShareTheGradientOfIdentity() throws Exception {
    assertThat(
            ChildJvm.run(
                RegistrationScenario.class,
                RegistrationScenario.IDENTITY_GRADIENT_OF_OTHERS.name()))
        .singleElement()
        .asString()
        .startsWith(
            "IllegalStateException: a gradient for IdentityN is registered already, by other code"
                + " in this process:");
  }

  /** u = x y and v = x + y at x = 2, y = 3. */
  private static final class Fused {
    final TestGraph graph;
    final Operand<TFloat64> x;
    final Operand<TFloat64> y;
    final Operand<TFloat64> u;
    final Operand<TFloat64> v;

    Fused(TestGraph graph) {
      this.graph = graph;
      x = graph.tf.constant(2.0);
      y = graph.tf.constant(3.0);
      Operand<TInt32> factor = graph.tf.constant(10);
      List<Output<?>> values =
          EXAGGERATED.apply(
              graph.tf,
              List.of(graph.tf.math.mul(x, y), graph.tf.math.add(x, y)),
              List.of(x, y),
              List.of(factor));
      u = typed(values.get(0));
      v = typed(values.get(1));
    }

    double[] gradient(Operand<TFloat64> of) {
      List<double[]> values = graph.run(graph.gradients(of, List.of(x, y)));
      return new double[] {values.get(0)[0], values.get(1)[0]};
    }
  }

  private static List<Operand<?>> exaggerated(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    var tf = ops.tf();
    Operand<TFloat64> ten = tf.dtypes.cast(typed(saved.get(0)), TFloat64.class);
    Operand<TFloat64> byProduct = tf.math.mul(ten, typed(upstream.get(0)));
    Operand<TFloat64> bySum = tf.math.mul(tf.math.mul(ten, ten), typed(upstream.get(1)));
    return List.of(
        tf.math.add(tf.math.mul(byProduct, typed(inputs.get(1))), bySum),
        tf.math.add(tf.math.mul(byProduct, typed(inputs.get(0))), bySum));
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat64> typed(Output<?> output) {
    return (Output<TFloat64>) output;
  }
}

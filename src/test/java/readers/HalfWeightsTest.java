package readers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What docs/mixed-precision.md says of weights of a half type and the framework's Adam. */
class HalfWeightsTest {
  private static final int LAST = 3;

  @Test
  void float16IsNaNAfterTheFirstStepsAndBfloat16Diverges() {
    assertThat(losses(TFloat16.class).get(LAST)).isNaN();
    assertThat(losses(TBfloat16.class).get(LAST)).matches(loss -> loss.isNaN() || loss > 1e6f);
    List<Float> float32 = losses(TFloat32.class);
    assertThat(float32.get(LAST)).isLessThan(float32.get(0));
  }

  /** The loss before each step. Now and then Adam's first one does nothing: its powers of β are updated beside it. */
  private static <T extends TFloating> List<Float> losses(Class<T> type) {
    List<Float> losses = new ArrayList<>();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      AdaptiveSoftmax<T> softmax =
          AdaptiveSoftmax.builder(type).inFeatures(8).nClasses(100).cutoffs(10).build(tf);
      Operand<TFloat32> state = tf.constant(new float[][] {{1, 0, 0, 0, 0, 0, 0, 0}});
      Operand<T> hidden = tf.dtypes.cast(state, type);
      Operand<?> loss = softmax.call(tf, hidden, tf.constant(new int[] {42})).loss();
      Op step = new Adam(graph, 0.05f).minimize(loss);
      session.initialize();
      for (int i = 0; i <= LAST; i++) {
        try (Result before = session.runner().fetch(loss).run()) {
          losses.add(((TFloat32) before.get(0)).getFloat());
        }
        session.runner().addTarget(step).run().close();
      }
    }
    return losses;
  }
}

package org.adaptivesoftmax.training;

import org.adaptivesoftmax.model.Lstm;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What a window feeds into a language model's graph.
 *
 * @param inputs word ids, time-major, [time · batch]
 * @param targets the word after each, [time · batch]
 * @param initial the states before the window
 */
record Feeds(Placeholder<TInt32> inputs, Placeholder<TInt32> targets, Lstm.State initial) {
  static Feeds create(Ops tf, int batch, int hidden) {
    Ops scope = tf.withSubScope("feeds");
    Shape state = Shape.of(batch, hidden);
    return new Feeds(
        scope.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))),
        scope.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))),
        new Lstm.State(
            scope.placeholder(TFloat32.class, Placeholder.shape(state)),
            scope.placeholder(TFloat32.class, Placeholder.shape(state))));
  }

  Session.Runner feed(Session.Runner runner, TInt32 words, TInt32 next, CarriedState state) {
    return runner
        .feed(inputs, words)
        .feed(targets, next)
        .feed(initial.hidden(), state.hidden())
        .feed(initial.cell(), state.cell());
  }

  static TInt32 vector(int[] values) {
    return TInt32.tensorOf(Shape.of(values.length), DataBuffers.of(values));
  }

  /** The LSTM's states between two windows, each [batch, hidden]. */
  record CarriedState(TFloat32 hidden, TFloat32 cell) implements AutoCloseable {
    /** The states before the first window. */
    static CarriedState zero(int batch, int hidden) {
      return new CarriedState(zeros(batch, hidden), zeros(batch, hidden));
    }

    // A tensor made from its shape alone holds whatever its memory held.
    private static TFloat32 zeros(int batch, int hidden) {
      return TFloat32.tensorOf(Shape.of(batch, hidden), DataBuffers.of(new float[batch * hidden]));
    }

    /** Takes over fetched states. */
    static CarriedState of(Tensor hidden, Tensor cell) {
      return new CarriedState((TFloat32) hidden, (TFloat32) cell);
    }

    @Override
    public void close() {
      hidden.close();
      cell.close();
    }
  }
}

package org.adaptivesoftmax.training;

import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/** Values that go into a graph and come out of it, as plain arrays. */
final class Tensors {
  private Tensors() {}

  static double[] normal(long seed, double scale, int size) {
    Random random = new Random(seed);
    return random.doubles(size).map(ignored -> scale * random.nextGaussian()).toArray();
  }

  static Operand<TFloat32> float32(Ops tf, double[] values, long... shape) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return tf.constant(Shape.of(shape), DataBuffers.of(floats));
  }

  static Operand<TFloat64> float64(Ops tf, double[] values, long... shape) {
    return tf.constant(Shape.of(shape), DataBuffers.of(values));
  }

  /** What {@code operand} evaluates to, flat. */
  static double[] fetch(Session session, Operand<? extends TFloating> operand) {
    try (Result result = session.runner().fetch(operand).run()) {
      Tensor tensor = result.get(0);
      double[] values = new double[(int) tensor.size()];
      if (tensor instanceof TFloat64) {
        tensor.asRawTensor().data().asDoubles().read(values);
      } else {
        float[] floats = new float[values.length];
        tensor.asRawTensor().data().asFloats().read(floats);
        for (int i = 0; i < values.length; i++) {
          values[i] = floats[i];
        }
      }
      return values;
    }
  }
}

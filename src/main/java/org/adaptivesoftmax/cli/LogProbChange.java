package org.adaptivesoftmax.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** How far two exported output layers' log-probabilities lie apart. */
final class LogProbChange {
  private static final int ROWS = 32;

  private LogProbChange() {}

  /**
   * The largest absolute difference over all classes and 32 inputs, each from the standard normal distribution.
   *
   * @param version of one layer
   * @param other of another with the same classes
   */
  static double largest(Path version, Path other, int inFeatures) {
    Random random = new Random(0);
    double largest = 0;
    try (SavedModelBundle first = SavedModelBundle.load(version.toString());
        SavedModelBundle second = SavedModelBundle.load(other.toString())) {
      for (int row = 0; row < ROWS; row++) {
        float[] input = new float[inFeatures];
        for (int i = 0; i < inFeatures; i++) {
          input[i] = (float) random.nextGaussian();
        }
        float[] a = logProbs(first, input);
        float[] b = logProbs(second, input);
        for (int i = 0; i < a.length; i++) {
          largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
      }
    }
    return largest;
  }

  private static float[] logProbs(SavedModelBundle model, float[] input) {
    try (TFloat32 inputs = TFloat32.tensorOf(Shape.of(1, input.length), DataBuffers.of(input));
        Result result =
            model.function(SignatureKeys.LOG_PROB).call(Map.of(TensorNames.INPUTS, inputs))) {
      TFloat32 tensor = (TFloat32) result.get(TensorNames.LOG_PROBS).orElseThrow();
      float[] values = new float[(int) tensor.size()];
      tensor.asRawTensor().data().asFloats().read(values);
      return values;
    }
  }
}

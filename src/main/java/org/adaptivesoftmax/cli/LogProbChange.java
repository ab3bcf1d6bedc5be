package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

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
  static double largest(Path version, Path other, int inFeatures) throws IOException {
    Random random = new Random(0);
    double largest = 0;
    try (VersionBundle first = VersionBundle.load(version);
        VersionBundle second = VersionBundle.load(other)) {
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

  private static float[] logProbs(VersionBundle model, float[] input) {
    NdArray<?> inputs = NdArrays.wrap(Shape.of(1, input.length), DataBuffers.of(input));
    NdArray<?> found =
        model
            .run(SignatureKeys.LOG_PROB, Map.of(TensorNames.INPUTS, inputs))
            .get(TensorNames.LOG_PROBS);
    float[] values = new float[(int) Objects.requireNonNull(found).size()];
    ((FloatNdArray) found).copyTo(DataBuffers.of(values, false, false));
    return values;
  }
}

package org.adaptivesoftmax.bench.soak;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/** The answers of a language model's two versions, each text run by itself in sessions that nothing else uses. */
final class SingleRows implements AutoCloseable {
  /** Of log-probabilities: other batches are summed in another order. */
  private static final double TOLERANCE = 1e-4;

  private final VersionBundle odd;
  private final VersionBundle even;

  /** A row: the best words and their log-probabilities. */
  private record Row(List<String> words, List<Float> logProbs) {
    static Row of(NdArray<String> words, FloatNdArray logProbs, long row) {
      List<String> best = new ArrayList<>();
      List<Float> values = new ArrayList<>();
      for (long i = 0; i < words.shape().get(1); i++) {
        best.add(words.getObject(row, i));
        values.add(logProbs.getFloat(row, i));
      }
      return new Row(best, values);
    }

    /** Whether the other is the same: words of equal log-probability have no order. */
    boolean isLike(Row other) {
      if (other.words.size() != words.size()) {
        return false;
      }
      float last = logProbs.get(logProbs.size() - 1);
      for (int i = 0; i < words.size(); i++) {
        float value = logProbs.get(i);
        int place = other.words.indexOf(words.get(i));
        boolean alike = place < 0 ? close(value, last) : close(other.logProbs.get(place), value);
        if (!alike || !close(value, other.logProbs.get(i))) {
          return false;
        }
      }
      return true;
    }

    private static boolean close(float a, float b) {
      return Math.abs(a - b) <= TOLERANCE * (1 + Math.abs(a));
    }
  }

  SingleRows(Path odd, Path even) throws IOException {
    this.odd = VersionBundle.load(odd);
    try {
      this.even = VersionBundle.load(even);
    } catch (IOException | RuntimeException e) {
      this.odd.close();
      throw e;
    }
  }

  /** What is wrong with an answer to texts; empty if nothing is. REST does not tell which version answered. */
  String check(List<String> texts, Prediction prediction) {
    NdArray<String> words = prediction.strings(TensorNames.WORDS);
    FloatNdArray logProbs = prediction.floats(TensorNames.LOG_PROBS);
    for (int i = 0; i < texts.size(); i++) {
      Row answered = Row.of(words, logProbs, i);
      boolean mayBeOdd =
          prediction.version().isEmpty() || prediction.version().getAsLong() % 2 == 1;
      boolean mayBeEven =
          prediction.version().isEmpty() || prediction.version().getAsLong() % 2 == 0;
      if (!(mayBeOdd && alone(odd, texts.get(i)).isLike(answered))
          && !(mayBeEven && alone(even, texts.get(i)).isLike(answered))) {
        return "version %s, row %s of %s: %s instead of %s (odd) or %s (even)"
            .formatted(
                prediction.version(),
                i,
                texts.size(),
                answered,
                alone(odd, texts.get(i)),
                alone(even, texts.get(i)));
      }
    }
    return "";
  }

  private static Row alone(VersionBundle version, String text) {
    Map<String, NdArray<?>> outputs =
        version.run(
            SignatureKeys.DEFAULT, Map.of(TensorNames.TEXT, NdArrays.vectorOfObjects(text)));
    @SuppressWarnings("unchecked") // the signature's type
    NdArray<String> words = (NdArray<String>) outputs.get(TensorNames.WORDS);
    return Row.of(
        java.util.Objects.requireNonNull(words),
        (FloatNdArray) java.util.Objects.requireNonNull(outputs.get(TensorNames.LOG_PROBS)),
        0);
  }

  @Override
  public void close() {
    odd.close();
    even.close();
  }
}

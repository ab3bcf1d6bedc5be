package org.adaptivesoftmax.client;

import java.util.function.IntFunction;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.proto.error.Code;

/**
 * A row that an exported model has no answer for, so that its log-probabilities are NaN; the other rows of a batch have
 * theirs. The typed calls make it an error.
 */
final class UnansweredRow {
  static final String NOT_FINITE =
      "log_probs are not finite, as inputs hold NaN, infinity or too large a value";

  private UnansweredRow() {}

  /**
   * @param logProbs [batch] or [batch, k]
   * @param reason why a row has none
   * @throws ModelServerException if a row begins with NaN
   */
  static void requireNone(
      Prediction prediction, FloatNdArray logProbs, IntFunction<String> reason) {
    int rows = (int) logProbs.shape().get(0);
    boolean vector = logProbs.rank() == 1;
    if (!vector && logProbs.shape().get(1) == 0) {
      return;
    }
    for (int row = 0; row < rows; row++) {
      if (Float.isNaN(vector ? logProbs.getFloat(row) : logProbs.getFloat(row, 0))) {
        throw of(prediction, row, reason.apply(row));
      }
    }
  }

  static ModelServerException of(Prediction prediction, int row, String reason) {
    return new ModelServerException(
        Code.INVALID_ARGUMENT,
        prediction.target(),
        "row %d of the request: %s".formatted(row, reason),
        null);
  }
}

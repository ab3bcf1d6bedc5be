package org.adaptivesoftmax.training;

import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What a batch tells of itself.
 *
 * @param loss mean loss of its examples, a scalar
 * @param finished number of them, a scalar
 * @param missed number of them, a scalar
 * @param margins [batch], or none
 */
record EncoderReport(
    Operand<TFloat32> loss,
    Operand<TInt64> finished,
    Operand<TInt64> missed,
    Operand<TFloat32> margins) {
  private static final int FETCHED = 4;

  static EncoderReport of(Ops tf, EncoderBackward.Loss loss) {
    return new EncoderReport(
        loss.mean(),
        loss.finished(tf),
        loss.missed() == null ? tf.constant(0L) : tf.size(loss.missed(), TInt64.class),
        loss.margins() == null ? tf.constant(new float[0]) : loss.margins());
  }

  /** Fetches all of it; the run fetches nothing before. */
  Session.Runner fetch(Session.Runner runner) {
    return runner.fetch(loss).fetch(finished).fetch(missed).fetch(margins);
  }

  /** The place of what a run fetches after this. */
  static int next() {
    return FETCHED;
  }

  /**
   * What was fetched.
   *
   * @param result of a run that fetched nothing before
   * @param steps batches of the optimizer step
   */
  static EncoderStep.Outcome outcome(Result result, int steps) {
    TFloat32 found = (TFloat32) result.get(3);
    float[] margins = new float[(int) found.size()];
    found.asRawTensor().data().asFloats().read(margins);
    return new EncoderStep.Outcome(
        ((TFloat32) result.get(0)).getFloat(),
        ((TInt64) result.get(1)).getLong(),
        ((TInt64) result.get(2)).getLong(),
        steps,
        margins);
  }
}

package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.adaptivesoftmax.model.DenseLayer;
import org.adaptivesoftmax.text.EncodedExamples;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Divides a classifier's logits by a temperature for good: its output layer's weights and bias, and nothing else of it.
 *
 * @param temperature a scalar
 * @param op divides
 */
record OutputTemperature(Placeholder<TFloat32> temperature, Op op) {
  static OutputTemperature create(Ops tf, DenseLayer output) {
    Ops scope = tf.withSubScope("temperature");
    Placeholder<TFloat32> temperature = scope.placeholder(TFloat32.class);
    List<Op> divided = new ArrayList<>();
    for (Variable<TFloat32> variable : List.of(output.weights(), output.bias())) {
      divided.add(scope.assign(variable, scope.math.div(variable, temperature)));
    }
    return new OutputTemperature(temperature, scope.withControlDependencies(divided).noOp());
  }

  /**
   * Divides by the temperature that makes the labels of the validation examples most probable.
   *
   * @param logProbs of examples with the present weights
   * @return what it is worth on the test examples
   */
  Calibration calibrate(
      Session session,
      Function<EncodedExamples, float[][]> logProbs,
      EncodedExamples validation,
      EncodedExamples test) {
    Calibration found = Calibration.of(scores(logProbs, validation), scores(logProbs, test));
    apply(session, found.temperature());
    return found;
  }

  private static Calibration.Scores scores(
      Function<EncodedExamples, float[][]> logProbs, EncodedExamples of) {
    return new Calibration.Scores(logProbs.apply(of), of::classOf);
  }

  private void apply(Session session, double value) {
    try (TFloat32 fed = TFloat32.scalarOf((float) value)) {
      session.runner().feed(temperature, fed).addTarget(op).run().close();
    }
  }
}

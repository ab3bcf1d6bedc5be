package org.adaptivesoftmax.export;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The signatures of an output layer: {@code serving_default}, {@code log_prob}, {@code predict} and {@code score}. All
 * read the same {@code inputs}, float32 [batch, inFeatures].
 *
 * <p>A request whose inputs hold NaN or infinity, or values so large that a logit overflows, fails: JSON has no such
 * numbers, so no answer may hold one.
 */
final class OutputLayerSignatures {
  private static final String NOT_FINITE =
      "log_probs are not finite, as inputs hold NaN, infinity or too large a value";

  private static final int[] WARM_UP_BATCHES = {1, 4};

  private final Ops tf;
  private final OutputLayer<TFloat32> layer;
  private final Placeholder<TFloat32> inputs;

  private OutputLayerSignatures(Ops tf, OutputLayer<TFloat32> layer) {
    this.tf = tf;
    // A server need not have XLA, and a request may have any number of rows.
    this.layer = layer.dynamic();
    this.inputs =
        tf.withName(TensorNames.INPUTS)
            .placeholder(
                TFloat32.class,
                Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, layer.inFeatures())));
  }

  /**
   * Adds the operations of all signatures to the layer's graph.
   *
   * @throws IllegalArgumentException if k is not in 1..nClasses
   */
  static List<Signature> of(Ops tf, OutputLayer<TFloat32> layer, int k) {
    OutputLayerSignatures signatures = new OutputLayerSignatures(tf, layer);
    return List.of(
        signatures.topK(k), signatures.logProb(), signatures.predict(), signatures.score());
  }

  /** Adds warm-up requests for all signatures, with targets from the most frequent class to the rarest. */
  static void addWarmUp(SavedModelPublisher.Builder publisher, OutputLayer<?> layer) {
    for (int batch : WARM_UP_BATCHES) {
      Random random = new Random(batch);
      FloatNdArray rows = NdArrays.ofFloats(Shape.of(batch, layer.inFeatures()));
      rows.scalars().forEach(value -> value.setFloat((float) random.nextGaussian()));
      long[] classes = new long[batch];
      for (int row = 0; row < batch; row++) {
        int rank = (int) (row * (layer.nClasses() - 1L) / Math.max(1, batch - 1));
        classes[row] = layer.labelOrder().label(rank);
      }
      try (TFloat32 inputs = TFloat32.tensorOf(rows);
          TInt64 targets = TInt64.vectorOf(classes)) {
        publisher.warmUp(Map.of(TensorNames.INPUTS, inputs, TensorNames.TARGETS, targets));
      }
    }
  }

  private Signature topK(int k) {
    TopClasses top = layer.topK(tf, inputs, k);
    return ServingSignature.predict(SignatureKeys.DEFAULT)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, top.classes())
        .output(TensorNames.LOG_PROBS, finite(top.logProbs()))
        .build();
  }

  private Signature logProb() {
    return ServingSignature.predict(SignatureKeys.LOG_PROB)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.LOG_PROBS, finite(layer.logProb(tf, inputs)))
        .build();
  }

  /** The one best class, and its log-probability only to know that it is finite. */
  private Signature predict() {
    TopClasses best = layer.topK(tf, inputs, 1);
    Operand<TInt64> classes =
        tf.withControlDependencies(List.of(finite(best.logProbs())))
            .squeeze(best.classes(), Squeeze.axis(List.of(1L)));
    return ServingSignature.predict(SignatureKeys.PREDICT)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, classes)
        .build();
  }

  private Signature score() {
    Placeholder<TInt64> targets =
        tf.withName(TensorNames.TARGETS)
            .placeholder(TInt64.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    return ServingSignature.predict(SignatureKeys.SCORE)
        .input(TensorNames.INPUTS, inputs)
        .input(TensorNames.TARGETS, targets)
        .output(TensorNames.LOG_PROBS, finite(layer.call(tf, inputs, targets).output()))
        .build();
  }

  private Operand<? extends TFloating> finite(Operand<? extends TFloating> logProbs) {
    return tf.debugging.checkNumerics(logProbs, NOT_FINITE);
  }
}

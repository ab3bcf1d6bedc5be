package org.adaptivesoftmax.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.decoding.PrunedTopClasses;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.internal.graph.ClassTable;
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
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The signatures of an output layer: {@code serving_default}, {@code log_prob}, {@code predict}, {@code score} and, where
 * it is of use, {@code head_only}. All read the same {@code inputs}, float32 [batch, inFeatures].
 *
 * <p>A row whose inputs hold NaN or infinity, or values so large that a logit overflows, or whose target is no class, has
 * log-probability NaN and class −1. The other rows are answered.
 */
final class OutputLayerSignatures {
  private static final int[] WARM_UP_BATCHES = {1, 4};

  private final Ops tf;
  private final OutputLayer<TFloat32> layer;
  private final Placeholder<TFloat32> inputs;
  private final AnsweredRows finite;
  private final Operand<TFloat32> safeInputs;

  private OutputLayerSignatures(Ops tf, OutputLayer<TFloat32> layer) {
    this.tf = tf;
    // A server need not have XLA, and a request may have any number of rows.
    this.layer = layer.dynamic();
    this.inputs =
        tf.withName(TensorNames.INPUTS)
            .placeholder(
                TFloat32.class,
                Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, layer.inFeatures())));
    this.finite = AnsweredRows.finite(tf, inputs);
    // TensorFlow sorts NaN by no order.
    this.safeInputs = finite.orElse(tf, inputs, tf.constant(0f));
  }

  /**
   * Adds the operations of all signatures to the layer's graph.
   *
   * @throws IllegalArgumentException if k is not in 1..nClasses
   */
  static List<Signature> of(Ops tf, OutputLayer<TFloat32> layer, int k) {
    OutputLayerSignatures signatures = new OutputLayerSignatures(tf, layer);
    List<Signature> all =
        new ArrayList<>(
            List.of(
                signatures.topK(k),
                signatures.logProb(),
                signatures.predict(),
                signatures.score()));
    if (HeadOnly.isUseful(layer.plan(), k)) {
      all.add(signatures.headOnly(k));
    }
    return all;
  }

  /** Adds warm-up requests for all signatures, with targets from the most frequent class to the rarest. */
  static void addWarmUp(SavedModelPublisher.Builder publisher, OutputLayer<?> layer) {
    publisher.finiteAnswers();
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
    return classes(SignatureKeys.DEFAULT, layer.topK(tf, safeInputs, k)).build();
  }

  /** A row whose inputs are not finite has no answer in any case; one whose head overflows may not be proven. */
  private Signature headOnly(int k) {
    PrunedTopClasses pruned = layer.decoder().topKOfHead(tf, safeInputs, k);
    return classes(SignatureKeys.HEAD_ONLY, pruned.top())
        .output(TensorNames.EXACT, finite.exact(tf, pruned.exact()))
        .build();
  }

  private Signature.Builder classes(String key, TopClasses top) {
    AnsweredRows rows = answered(top.logProbs());
    return ServingSignature.predict(key)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, rows.classes(tf, top.classes()))
        .output(TensorNames.LOG_PROBS, rows.logProbs(tf, top.logProbs()));
  }

  private Signature logProb() {
    Operand<? extends TFloating> logProbs = layer.logProb(tf, safeInputs);
    return ServingSignature.predict(SignatureKeys.LOG_PROB)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.LOG_PROBS, answered(logProbs).logProbs(tf, logProbs))
        .build();
  }

  /** The one best class, and its log-probability only to know that it is finite. */
  private Signature predict() {
    TopClasses best = layer.topK(tf, safeInputs, 1);
    Operand<TInt64> classes = tf.squeeze(best.classes(), Squeeze.axis(List.of(1L)));
    return ServingSignature.predict(SignatureKeys.PREDICT)
        .input(TensorNames.INPUTS, inputs)
        .output(TensorNames.CLASSES, answered(best.logProbs()).classes(tf, classes))
        .build();
  }

  private Signature score() {
    Placeholder<TInt64> targets =
        tf.withName(TensorNames.TARGETS)
            .placeholder(TInt64.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    Operand<TBool> known = new ClassTable(layer.labelOrder()).contains(tf, targets);
    Operand<TInt64> classes = tf.select(known, targets, tf.constant(layer.labelOrder().label(0)));
    Operand<? extends TFloating> logProbs = layer.call(tf, safeInputs, classes).output();
    AnsweredRows rows =
        new AnsweredRows(tf.math.logicalAnd(finite.answered(), tf.math.isFinite(logProbs)))
            .and(tf, known);
    return ServingSignature.predict(SignatureKeys.SCORE)
        .input(TensorNames.INPUTS, inputs)
        .input(TensorNames.TARGETS, targets)
        .output(TensorNames.LOG_PROBS, rows.logProbs(tf, logProbs))
        .build();
  }

  private AnsweredRows answered(Operand<? extends TFloating> logProbs) {
    return finite.and(tf, AnsweredRows.finite(tf, logProbs).answered());
  }
}

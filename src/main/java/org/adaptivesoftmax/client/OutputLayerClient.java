package org.adaptivesoftmax.client;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.tensors.Answers;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;

/**
 * The calls of an exported output layer. Inputs are hidden states, one row of in_features numbers each.
 *
 * <p>All throw {@link IllegalArgumentException} if rows differ in length, and {@link ModelServerException} if the model
 * does not answer, or not for one of the rows: its inputs hold NaN, infinity or too large a value, or its target is no
 * class.
 */
public final class OutputLayerClient {
  /** What an export answers for a row whose inputs have no answer. */
  private static final Long NO_CLASS = -1L;

  private final ModelServerClient client;

  OutputLayerClient(ModelServerClient client) {
    this.client = client;
  }

  /** A hidden state and the class to score. */
  @SuppressWarnings("ArrayRecordComponent") // Read at once, never compared.
  private record Target(float[] input, long label) {}

  /**
   * The most probable classes.
   *
   * @param inputs [batch, in_features]
   * @return for each row the exact top k, best first; k is the exported one
   */
  public List<List<ClassLogProb<Long>>> topK(float[]... inputs) {
    return Portions.ask(Arrays.asList(inputs), client.maxBatch(), this::topK);
  }

  private List<List<ClassLogProb<Long>>> topK(List<float[]> inputs) {
    Prediction top =
        client
            .predict(SignatureKeys.DEFAULT, Map.of(TensorNames.INPUTS, matrix(inputs)))
            .requireAlike(2, TensorNames.CLASSES, TensorNames.LOG_PROBS);
    LongNdArray classes = top.longs(TensorNames.CLASSES);
    FloatNdArray logProbs = top.floats(TensorNames.LOG_PROBS);
    UnansweredRow.requireNone(top, logProbs, row -> UnansweredRow.NOT_FINITE);
    return Answers.lists(
        classes,
        (row, i) -> new ClassLogProb<>(classes.getLong(row, i), logProbs.getFloat(row, i)));
  }

  /**
   * Log-probabilities of all classes.
   *
   * @param inputs [batch, in_features]
   * @return [batch, n_classes]
   */
  public float[][] logProb(float[]... inputs) {
    return Portions.ask(Arrays.asList(inputs), client.maxBatch(), this::logProb)
        .toArray(float[][]::new);
  }

  private List<float[]> logProb(List<float[]> inputs) {
    Prediction all =
        client
            .predict(SignatureKeys.LOG_PROB, Map.of(TensorNames.INPUTS, matrix(inputs)))
            .requireAlike(2, TensorNames.LOG_PROBS);
    FloatNdArray logProbs = all.floats(TensorNames.LOG_PROBS);
    UnansweredRow.requireNone(all, logProbs, row -> UnansweredRow.NOT_FINITE);
    return Arrays.asList(StdArrays.array2dCopyOf(logProbs));
  }

  /**
   * The most probable class.
   *
   * @param inputs [batch, in_features]
   * @return [batch]
   */
  public long[] predict(float[]... inputs) {
    return Portions.ask(Arrays.asList(inputs), client.maxBatch(), this::predict).stream()
        .mapToLong(Long::longValue)
        .toArray();
  }

  private List<Long> predict(List<float[]> inputs) {
    Prediction best =
        client
            .predict(SignatureKeys.PREDICT, Map.of(TensorNames.INPUTS, matrix(inputs)))
            .requireAlike(1, TensorNames.CLASSES);
    LongNdArray classes = best.longs(TensorNames.CLASSES);
    List<Long> labels = Answers.list(classes, classes::getLong);
    if (labels.contains(NO_CLASS)) {
      throw UnansweredRow.of(best, labels.indexOf(NO_CLASS), UnansweredRow.NOT_FINITE);
    }
    return labels;
  }

  /**
   * Log-probabilities of given classes.
   *
   * @param inputs [batch, in_features]
   * @param targets [batch], the class to score in each row
   * @return [batch]
   * @throws IllegalArgumentException if there are not as many targets as rows
   */
  public float[] score(float[][] inputs, long[] targets) {
    Require.argument(
        inputs.length == targets.length,
        "inputs and targets must have the same number of rows: %d and %d",
        inputs.length,
        targets.length);
    List<Target> rows =
        IntStream.range(0, inputs.length).mapToObj(i -> new Target(inputs[i], targets[i])).toList();
    List<Float> scores = Portions.ask(rows, client.maxBatch(), this::score);
    float[] logProbs = new float[scores.size()];
    for (int i = 0; i < logProbs.length; i++) {
      logProbs[i] = scores.get(i);
    }
    return logProbs;
  }

  private List<Float> score(List<Target> rows) {
    Map<String, NdArray<?>> inputs =
        Map.of(
            TensorNames.INPUTS,
            matrix(rows.stream().map(Target::input).toList()),
            TensorNames.TARGETS,
            NdArrays.vectorOf(rows.stream().mapToLong(Target::label).toArray()));
    Prediction scores =
        client.predict(SignatureKeys.SCORE, inputs).requireAlike(1, TensorNames.LOG_PROBS);
    FloatNdArray logProbs = scores.floats(TensorNames.LOG_PROBS);
    UnansweredRow.requireNone(scores, logProbs, row -> noScore(rows.get(row)));
    return Answers.list(logProbs, logProbs::getFloat);
  }

  private static String noScore(Target target) {
    for (float value : target.input) {
      if (!Float.isFinite(value)) {
        return UnansweredRow.NOT_FINITE;
      }
    }
    return "target must be a class: %d, or inputs hold too large a value".formatted(target.label);
  }

  private static FloatNdArray matrix(List<float[]> rows) {
    int columns = rows.get(0).length;
    float[] values = new float[Math.multiplyExact(rows.size(), columns)];
    for (int i = 0; i < rows.size(); i++) {
      float[] row = rows.get(i);
      Require.argument(
          row.length == columns,
          "inputs must have rows of one length: %d after %d",
          row.length,
          columns);
      System.arraycopy(row, 0, values, i * columns, columns);
    }
    return NdArrays.wrap(Shape.of(rows.size(), columns), DataBuffers.of(values));
  }
}

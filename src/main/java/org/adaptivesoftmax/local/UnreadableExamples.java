package org.adaptivesoftmax.local;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.internal.tensors.BatchRows;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.error.Code;

/**
 * Answers examples that cannot be parsed alone. TensorFlow's parser fails the run for one of them, so the rows of a run that it
 * fails are run one by one, and what fails alone has the answer of a row that has none: empty labels, and NaN. Only exports of
 * this library, whose other rows without an answer have the same, are treated so.
 */
final class UnreadableExamples implements Runner {
  private final Runner runner;
  private final Map<String, Map<String, NdArray<?>>> noAnswers;

  private UnreadableExamples(Runner runner, Map<String, Map<String, NdArray<?>>> noAnswers) {
    this.runner = runner;
    this.noAnswers = noAnswers;
  }

  /** Around a runner of a version; the runner itself, if none of its signatures classifies examples. */
  static Runner around(LoadedVersion version, Runner runner) {
    if (!version.isOfThisLibrary()) {
      return runner;
    }
    Map<String, Map<String, NdArray<?>>> noAnswers = new TreeMap<>();
    version
        .signatures()
        .forEach(
            (key, signature) -> {
              Map<String, NdArray<?>> none = noAnswer(signature);
              if (none != null) {
                noAnswers.put(key, none);
              }
            });
    return noAnswers.isEmpty() ? runner : new UnreadableExamples(runner, noAnswers);
  }

  /** Of one row; null, if the signature does not classify, or its outputs have no known size. */
  private static @Nullable Map<String, NdArray<?>> noAnswer(SignatureDef signature) {
    if (!signature.getMethodName().equals(ServingSignature.CLASSIFY_METHOD)) {
      return null;
    }
    Map<String, NdArray<?>> row = new LinkedHashMap<>();
    for (Map.Entry<String, TensorInfo> output : signature.getOutputsMap().entrySet()) {
      Shape shape = TensorType.shape(output.getValue().getTensorShape());
      if (shape.numDimensions() != 2 || shape.get(1) == Shape.UNKNOWN_SIZE) {
        return null;
      }
      row.put(output.getKey(), empty(Shape.of(1, shape.get(1)), output.getValue()));
    }
    return row;
  }

  private static NdArray<?> empty(Shape shape, TensorInfo info) {
    if (TensorType.of(info.getDtype()) == TensorType.STRING) {
      NdArray<String> labels = NdArrays.ofObjects(String.class, shape);
      labels.scalars().forEach(label -> label.setObject(""));
      return labels;
    }
    FloatNdArray scores = NdArrays.ofFloats(shape);
    scores.scalars().forEach(score -> score.setFloat(Float.NaN));
    return scores;
  }

  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    Map<String, NdArray<?>> noAnswer = noAnswers.get(signature);
    try {
      return runner.run(signature, inputs);
    } catch (ModelServerException e) {
      if (noAnswer == null || e.code() != Code.INVALID_ARGUMENT) {
        throw e;
      }
      return rowByRow(signature, inputs, noAnswer);
    }
  }

  private Map<String, NdArray<?>> rowByRow(
      String signature,
      Map<String, ? extends NdArray<?>> inputs,
      Map<String, NdArray<?>> noAnswer) {
    int rows = Math.toIntExact(inputs.values().iterator().next().shape().get(0));
    return BatchRows.join(
        IntStream.range(0, rows)
            .mapToObj(row -> alone(signature, BatchRows.take(inputs, List.of(row)), noAnswer))
            .toList());
  }

  private Map<String, NdArray<?>> alone(
      String signature, Map<String, NdArray<?>> row, Map<String, NdArray<?>> noAnswer) {
    try {
      return runner.run(signature, row);
    } catch (ModelServerException e) {
      if (e.code() != Code.INVALID_ARGUMENT) {
        throw e;
      }
      return noAnswer;
    }
  }
}

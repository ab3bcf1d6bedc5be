package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** A loaded output layer that takes and gives arrays, row by row. */
public final class ServedLayer implements AutoCloseable {
  private final SavedModelBundle bundle;
  private final int inFeatures;

  /** A tensor's shape and values. */
  public static final class Values {
    private final Shape shape;
    private final double[] values;

    private Values(Shape shape, double[] values) {
      this.shape = shape;
      this.values = values;
    }

    public Shape shape() {
      return shape;
    }

    public double[] values() {
      return values;
    }
  }

  public ServedLayer(Path version, int inFeatures) {
    this.bundle = SavedModelBundle.load(version.toString(), "serve");
    this.inFeatures = inFeatures;
  }

  public MetaGraphDef metaGraph() {
    return bundle.metaGraphDef();
  }

  public Session session() {
    return bundle.session();
  }

  /** {@code classes} and {@code log_probs}. */
  public Map<String, Values> topK(double... inputs) {
    return call("serving_default", inputs, null);
  }

  public Values logProb(double... inputs) {
    return output(call("log_prob", inputs, null), "log_probs");
  }

  public Values predict(double... inputs) {
    return output(call("predict", inputs, null), "classes");
  }

  public Values score(double[] inputs, long... targets) {
    return output(call("score", inputs, targets), "log_probs");
  }

  private Map<String, Values> call(String signature, double[] inputs, long[] targets) {
    float[] values = new float[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      values[i] = (float) inputs[i];
    }
    Map<String, Tensor> request = new HashMap<>();
    try (TFloat32 rows =
            TFloat32.tensorOf(
                Shape.of(inputs.length / inFeatures, inFeatures), DataBuffers.of(values));
        TInt64 labels = TInt64.vectorOf(targets == null ? new long[0] : targets)) {
      request.put("inputs", rows);
      if (targets != null) {
        request.put("targets", labels);
      }
      try (Result result = bundle.function(signature).call(request)) {
        Map<String, Values> outputs = new HashMap<>();
        result.forEach(output -> outputs.put(output.getKey(), values(output.getValue())));
        return outputs;
      }
    }
  }

  private static Values values(Tensor tensor) {
    if (tensor instanceof TInt64 integers) {
      long[] values = new long[(int) integers.size()];
      integers.copyTo(DataBuffers.of(values));
      return new Values(tensor.shape(), Arrays.stream(values).asDoubleStream().toArray());
    }
    double[] values = new double[(int) tensor.shape().size()];
    int next = 0;
    for (var value : ((TFloat32) tensor).scalars()) {
      values[next++] = value.getFloat();
    }
    return new Values(tensor.shape(), values);
  }

  private static Values output(Map<String, Values> outputs, String name) {
    if (!outputs.keySet().equals(Set.of(name))) {
      throw new AssertionError("outputs " + outputs.keySet());
    }
    return Objects.requireNonNull(outputs.get(name));
  }

  @Override
  public void close() {
    bundle.close();
  }

  /** All signatures, against the plain computation; k is nClasses. */
  void assertServes(PyTorchModule module, LabelOrder order) {
    int n = order.size();
    List<Integer> byLabel =
        IntStream.range(0, n).boxed().sorted(Comparator.comparingLong(order::label)).toList();
    double[] inputs =
        IntStream.range(0, 3 * inFeatures).mapToDouble(i -> Math.sin(i + 1)).toArray();
    Map<String, Values> top = topK(inputs);
    for (int row = 0; row < 3; row++) {
      double[] input = Arrays.copyOfRange(inputs, row * inFeatures, row * inFeatures + inFeatures);
      double[] byRank = module.logProb(input);
      List<Integer> best =
          IntStream.range(0, n)
              .boxed()
              .sorted(Comparator.comparingDouble(rank -> -byRank[rank]))
              .toList();
      assertNear(logProb(input).values(), pick(byRank, byLabel));
      assertNear(row(top.get("log_probs"), row, n), pick(byRank, best));
      double[] bestLabels = best.stream().mapToDouble(order::label).toArray();
      assertThat(row(top.get("classes"), row, n)).containsExactly(bestLabels);
      assertThat(predict(input).values()).containsExactly(bestLabels[0]);
      for (int rank = 0; rank < n; rank++) {
        assertNear(score(input, order.label(rank)).values(), byRank[rank]);
      }
    }
  }

  static void assertNear(double[] actual, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double error = 1e-5 * Math.max(1, Math.abs(expected[i]));
      assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(error));
    }
  }

  private static double[] row(Values values, int row, int size) {
    return Arrays.copyOfRange(values.values(), row * size, row * size + size);
  }

  private static double[] pick(double[] values, List<Integer> indices) {
    return indices.stream().mapToDouble(index -> values[index]).toArray();
  }
}

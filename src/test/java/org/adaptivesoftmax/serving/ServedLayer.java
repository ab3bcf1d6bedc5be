package org.adaptivesoftmax.serving;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
}

package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A float64 layer of 8 features and 40 classes in three clusters, with random weights, an input and targets. */
public final class LayerFixture implements AutoCloseable {
  public static final int FEATURES = 8;
  public static final int CLASSES = 40;

  public final TestGraph graph = new TestGraph();
  public final AdaptiveSoftmax<TFloat64> layer;
  public final Variable<TFloat64> input;
  public final double[] target;
  public final Operand<TInt64> targets;
  private final Map<String, double[]> values = new LinkedHashMap<>();

  public LayerFixture(
      UnaryOperator<AdaptiveSoftmaxBuilder<TFloat64>> settings, double scale, double... target) {
    this.target = target;
    this.layer =
        settings
            .apply(
                AdaptiveSoftmax.builder(TFloat64.class)
                    .inFeatures(FEATURES)
                    .nClasses(CLASSES)
                    .cutoffs(6, 15)
                    .divValue(2)
                    .seed(7))
            .build(graph.tf);
    this.input =
        graph.tf.variable(org.tensorflow.ndarray.Shape.of(target.length, FEATURES), TFloat64.class);
    this.targets = graph.constant(TInt64.class, target, target.length);
    graph.initialize();
    Random random = new Random(11);
    layer.parameters().forEach((name, variable) -> set(name, variable, random, scale));
    set("input", input, random, 1);
  }

  private void set(String name, Variable<TFloat64> variable, Random random, double scale) {
    double[] drawn = random.doubles(variable.shape().size(), -scale, scale).toArray();
    values.put(name, drawn);
    graph.assign(variable, drawn);
  }

  public NaiveSoftmax naive() {
    return new NaiveSoftmax(layer.plan(), values);
  }

  public double[] row(int n) {
    return Arrays.copyOfRange(values.get("input"), n * FEATURES, (n + 1) * FEATURES);
  }

  Map<String, double[]> values() {
    return values;
  }

  /** The input and every parameter. */
  Map<String, Variable<TFloat64>> variables() {
    Map<String, Variable<TFloat64>> all = new LinkedHashMap<>(layer.parameters());
    all.put("input", input);
    return all;
  }

  /** Gradients of a scalar by the input and every parameter. */
  public Map<String, double[]> gradients(Operand<?> loss) {
    List<Output<?>> outputs = graph.gradients(loss, List.copyOf(variables().values()));
    List<double[]> run = graph.run(outputs);
    Map<String, double[]> byName = new LinkedHashMap<>();
    int next = 0;
    for (String name : variables().keySet()) {
      byName.put(name, run.get(next++));
    }
    return byName;
  }

  /** (L(w + h d) − L(w − h d)) / 2h for one variable and direction. */
  public double slope(Operand<?> loss, String name, double[] direction, double h) {
    double[] ends = new double[2];
    for (int side = 0; side < 2; side++) {
      double step = side == 0 ? h : -h;
      double[] moved = values.get(name).clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += step * direction[i];
      }
      graph.assign(variables().get(name), moved);
      ends[side] = graph.run(loss)[0];
    }
    graph.assign(variables().get(name), values.get(name));
    return (ends[0] - ends[1]) / (2 * h);
  }

  public static List<double[]> directions(int length, int count) {
    Random random = new Random(length);
    List<double[]> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drawn.add(random.doubles(length, -1, 1).toArray());
    }
    return drawn;
  }

  @Override
  public void close() {
    graph.close();
  }
}

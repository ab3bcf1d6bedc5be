package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A layer of some plan in a graph and a session of its own, with a training step, Adam included, or with the top k of a
 * batch.
 */
final class PlannedLayer implements AutoCloseable {
  /** Rows whose top k is found in turn: which tail clusters a row needs differs from row to row. */
  private static final int STATES = 256;

  private static final String CALL = "call";

  private final Graph graph = new Graph();
  private final Session session;
  private final List<Op> targets;
  private final int calls;

  private PlannedLayer(int threads, int calls, Build build) {
    Ops tf = Ops.create(graph);
    List<Op> assigned = new ArrayList<>();
    this.calls = calls;
    this.targets = build.targets(graph, tf, assigned);
    this.session = new Session(graph, StepGraph.config(threads));
    session.initialize();
    for (Op assign : assigned) {
      session.runner().addTarget(assign).run().close();
    }
  }

  /** Adds what is timed. */
  @FunctionalInterface
  private interface Build {
    List<Op> targets(Graph graph, Ops tf, List<Op> assigned);
  }

  /** A training step on a batch whose targets are drawn by their counts. */
  static PlannedLayer training(StepBatch batch, int threads) {
    return new PlannedLayer(threads, 1, (graph, tf, assigned) -> step(graph, tf, batch));
  }

  /**
   * The top k of a batch. The head's scores are what {@link org.adaptivesoftmax.cluster.ServingCost} takes them for: the
   * logarithm of a count and a product of weights and states with the given spread.
   *
   * @param counts by rank
   */
  static PlannedLayer serving(
      ClusterPlan plan, long[] counts, double spread, int rows, int k, int threads) {
    return new PlannedLayer(
        threads,
        Math.max(1, STATES / rows),
        (graph, tf, assigned) -> topK(tf, plan, counts, spread, rows, k, assigned));
  }

  private static List<Op> step(Graph graph, Ops tf, StepBatch batch) {
    AdaptiveSoftmax<TFloat32> layer =
        AdaptiveSoftmax.builder(TFloat32.class).plan(batch.shape().plan()).build(tf);
    Variables variables = new Variables(tf);
    Operand<TFloat32> input = variables.normal(batch.shape().rows(), layer.inFeatures());
    SoftmaxLoss loss = layer.call(tf, input, variables.targets(batch.targets()));
    List<Output<?>> differentiated = new ArrayList<>(List.of(input.asOutput()));
    layer.parameters().values().forEach(weight -> differentiated.add(weight.asOutput()));
    Output<?>[] gradients =
        graph.addGradients(loss.loss().asOutput(), differentiated.toArray(new Output<?>[0]));
    List<Op> targets = new ArrayList<>();
    Ops after =
        tf.withControlDependencies(
            Arrays.stream(gradients).map(gradient -> (Op) gradient).toList());
    int next = 1;
    for (Variable<TFloat32> weight : layer.parameters().values()) {
      targets.add(adam(after, variables, weight, gradients[next++]));
    }
    return targets;
  }

  @SuppressWarnings("unchecked")
  private static Op adam(
      Ops tf, Variables variables, Variable<TFloat32> weight, Output<?> gradient) {
    return tf.train.applyAdam(
        weight,
        variables.zeros(weight.shape()),
        variables.zeros(weight.shape()),
        tf.constant(0.9f),
        tf.constant(0.999f),
        tf.constant(1e-3f),
        tf.constant(0.9f),
        tf.constant(0.999f),
        tf.constant(1e-8f),
        (Output<TFloat32>) gradient);
  }

  private static List<Op> topK(
      Ops tf, ClusterPlan plan, long[] counts, double spread, int rows, int k, List<Op> assigned) {
    AdaptiveSoftmax<TFloat32> layer = AdaptiveSoftmax.builder(TFloat32.class).plan(plan).build(tf);
    Variables variables = new Variables(tf, 7);
    int varying = plan.inFeatures() - 1;
    Variable<TFloat32> head = layer.parameters().get("head.weight");
    Operand<TFloat32> scattered =
        variables.normal(plan.headSize(), varying, spread / Math.sqrt(varying));
    assigned.add(
        tf.assign(
            head,
            tf.concat(
                List.of(scattered, tf.constant(StdArrays.ndCopyOf(logCounts(plan, counts)))),
                tf.constant(1))));
    int all = rows * Math.max(1, STATES / rows);
    Operand<TFloat32> states = variables.normal(all, varying);
    Variable<TFloat32> inputs = tf.variable(Shape.of(all, plan.inFeatures()), TFloat32.class);
    assigned.add(
        tf.assign(
            inputs,
            tf.concat(
                List.of(states, tf.fill(tf.constant(new int[] {all, 1}), tf.constant(1f))),
                tf.constant(1))));
    Placeholder<TInt32> call =
        tf.withName(CALL).placeholder(TInt32.class, Placeholder.shape(Shape.scalar()));
    Operand<TFloat32> input =
        tf.gather(
            tf.reshape(inputs, tf.constant(new int[] {all / rows, rows, plan.inFeatures()})),
            call,
            tf.constant(0));
    TopClasses top = layer.topK(tf, input, k);
    return List.of(top.classes(), top.logProbs());
  }

  /** The logarithms of the counts of the shortlist's classes and of each tail cluster, a column. */
  private static float[][] logCounts(ClusterPlan plan, long[] counts) {
    double[] sums = new double[plan.headSize()];
    for (int rank = 0; rank < plan.shortlistSize(); rank++) {
      sums[rank] = counts[rank];
    }
    for (int tail = 0; tail < plan.nTails(); tail++) {
      sums[plan.shortlistSize() + tail] =
          Arrays.stream(counts, plan.tailStart(tail), plan.tailEnd(tail)).sum();
    }
    return IntStream.range(0, sums.length)
        .mapToObj(i -> new float[] {(float) Math.log(sums[i])})
        .toArray(float[][]::new);
  }

  /** Runs what is timed, once for each batch, and gives the mean. */
  double milliseconds() {
    long start = System.nanoTime();
    for (int call = 0; call < calls; call++) {
      try (TInt32 number = TInt32.scalarOf(call)) {
        Session.Runner runner = session.runner();
        if (graph.operation(CALL) != null) {
          runner.feed(CALL, number);
        }
        targets.forEach(runner::addTarget);
        runner.run().close();
      }
    }
    return (System.nanoTime() - start) / 1e6 / calls;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}

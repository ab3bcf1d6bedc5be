package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.RowSkipping;
import org.adaptivesoftmax.loss.LossOptions;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * One step of AS-Softmax without its optimizer, in a graph and a session of its own: the loss and its gradients by every
 * weight, and by the input where the model is an output layer alone.
 */
final class SparseStep implements AutoCloseable {
  /** How the step treats rows that are finished. */
  enum Kind {
    /** Forward and backward on all rows. */
    PLAIN,
    /** Backward on the unfinished rows alone. */
    SKIPPING
  }

  private final Graph graph = new Graph();
  private final Session session;
  private final List<Operand<?>> results;

  /** Run once, after the variables have their starting values. */
  private final List<GraphOperation> replaced = new ArrayList<>();

  /**
   * @param batch labels, and where they come from
   */
  SparseStep(Kind kind, SparseBatch batch, int threads) {
    Ops tf = Ops.create(graph);
    Variables variables = new Variables(tf);
    Operand<TFloat32> input = variables.normal(batch.shape().rows(), batch.shape().inputs());
    Operand<TInt64> labels = variables.targets(batch.labels());
    results =
        batch.shape().hidden().isEmpty()
            ? outputLayer(tf, kind, batch.shape(), input, labels)
            : network(tf, kind, batch.shape(), input, labels);
    session = new Session(graph, StepGraph.config(threads));
    session.initialize();
    replaced.forEach(assign -> session.runner().addTarget(assign).run().close());
  }

  private List<Operand<?>> outputLayer(
      Ops tf, Kind kind, SparseShape shape, Operand<TFloat32> input, Operand<TInt64> labels) {
    Operand<TFloat32> weight = shape.weights(tf).get(0);
    if (kind == Kind.PLAIN) {
      Operand<TFloat32> logits = tf.linalg.matMul(input, weight, MatMul.transposeB(true));
      return withGradients(loss().call(tf, labels, logits, null), List.of(input, weight));
    }
    FullSoftmax<TFloat32> layer =
        FullSoftmax.builder(TFloat32.class)
            .inFeatures(shape.inputs())
            .nClasses(shape.classes())
            .build(tf);
    Variable<TFloat32> own = layer.parameters().get("weight");
    replaced.add((GraphOperation) tf.assign(own, weight).op());
    LossOptions options = LossOptions.defaults().delta(tf, SparseShape.DELTA);
    return withGradients(layer.call(tf, input, labels, options).loss(), List.of(input, own));
  }

  private List<Operand<?>> network(
      Ops tf, Kind kind, SparseShape shape, Operand<TFloat32> input, Operand<TInt64> labels) {
    List<Operand<TFloat32>> weights = shape.weights(tf);
    if (kind == Kind.PLAIN) {
      Operand<TFloat32> logits = SparseShape.logits(tf, input, weights);
      return withGradients(loss().call(tf, labels, logits, null), weights);
    }
    RowSkipping.Network<TFloat32> network =
        (scope, inputs) -> SparseShape.logits(scope, typed(inputs.get(0)), weights);
    return withGradients(
        new RowSkipping(loss()).call(tf, labels, List.of(input), network).loss(), weights);
  }

  private static AdaptiveSparseSoftmax loss() {
    return AdaptiveSparseSoftmax.builder().delta(SparseShape.DELTA).build();
  }

  private List<Operand<?>> withGradients(Operand<?> loss, List<? extends Operand<?>> by) {
    Output<?>[] gradients =
        graph.addGradients(
            loss.asOutput(), by.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    List<Operand<?>> fetched = new ArrayList<>(List.of(loss));
    fetched.addAll(Arrays.asList(gradients));
    return fetched;
  }

  /** Milliseconds of one step. */
  double run() {
    Session.Runner runner = session.runner();
    results.forEach(runner::fetch);
    long start = System.nanoTime();
    runner.run().close();
    return (System.nanoTime() - start) / 1e6;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> typed(Operand<?> operand) {
    return (Operand<TFloat32>) operand;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}

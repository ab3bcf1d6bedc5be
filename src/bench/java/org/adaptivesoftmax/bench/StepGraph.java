package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/**
 * One training step without its optimizer, in a graph and a session of its own: the loss, its gradient by the input and by
 * every weight.
 *
 * <p>A step fetches all of them, so that none can be pruned and all are there at its end, as after PyTorch's {@code
 * backward()}; Java does not copy them.
 */
final class StepGraph implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Session session;
  private final List<Operand<?>> results;

  private StepGraph(StepSpec spec) {
    Ops tf = Ops.create(graph);
    this.results =
        switch (spec.contender()) {
          case OURS -> layerStep(tf, adaptiveSoftmax(tf, spec.batch(), false), spec.batch());
          case COMPILED -> layerStep(tf, adaptiveSoftmax(tf, spec.batch(), true), spec.batch());
          case FULL_SOFTMAX -> layerStep(tf, fullSoftmax(tf, spec.batch()), spec.batch());
          case MATMUL_FLOOR -> MatmulFloor.of(tf, spec.batch());
          case PYTORCH -> throw new IllegalArgumentException("PyTorch's step is no graph");
        };
    this.session = new Session(graph, config(spec.threads()));
  }

  /** The step with its variables in place. */
  static StepGraph initialized(StepSpec spec) {
    StepGraph step = new StepGraph(spec);
    step.session.initialize();
    return step;
  }

  /** Runs the step. */
  void run() {
    Session.Runner runner = session.runner();
    results.forEach(runner::fetch);
    runner.run().close();
  }

  /** Memory of the weights and inputs in MB (10⁶ bytes). */
  double heldMb() {
    long bytes = 0;
    for (Iterator<GraphOperation> ops = graph.operations(); ops.hasNext(); ) {
      GraphOperation op = ops.next();
      if (op.type().equals(Variable.OP_NAME)) {
        int each = op.output(0).dataType() == DataType.DT_INT64 ? Long.BYTES : Float.BYTES;
        bytes += each * op.output(0).shape().size();
      }
    }
    return bytes / 1e6;
  }

  private static OutputLayer<TFloat32> adaptiveSoftmax(Ops tf, StepBatch batch, boolean compiled) {
    return AdaptiveSoftmax.builder(TFloat32.class)
        .plan(batch.shape().plan())
        .compiled(compiled)
        .build(tf);
  }

  private static OutputLayer<TFloat32> fullSoftmax(Ops tf, StepBatch batch) {
    ClusterPlan plan = batch.shape().plan();
    return FullSoftmax.builder(TFloat32.class)
        .inFeatures(plan.inFeatures())
        .nClasses(plan.nClasses())
        .build(tf);
  }

  private List<Operand<?>> layerStep(Ops tf, OutputLayer<TFloat32> layer, StepBatch batch) {
    Variables variables = new Variables(tf);
    Operand<TFloat32> input = variables.normal(batch.shape().rows(), layer.inFeatures());
    SoftmaxLoss loss = layer.call(tf, input, variables.targets(batch.targets()));
    List<Output<?>> differentiated = new ArrayList<>(List.of(input.asOutput()));
    layer.parameters().values().forEach(weight -> differentiated.add(weight.asOutput()));
    Output<?>[] gradients =
        graph.addGradients(loss.loss().asOutput(), differentiated.toArray(new Output<?>[0]));
    List<Operand<?>> results = new ArrayList<>(List.of(loss.loss()));
    results.addAll(Arrays.asList(gradients));
    return results;
  }

  /**
   * One op at a time, on all threads: as fast as two at a time or faster, since the products fill the processor, and with
   * less memory (the matmul floor of the small shape: 33.6 ms instead of 37.9; a step of the wikitext-103 shape: 435 ms
   * and 316 MB instead of 434 and 359).
   */
  static ConfigProto config(int threads) {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(threads)
        .setInterOpParallelismThreads(1)
        .build();
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}

package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.decoding.TopClasses;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/** The top k of a batch, in a graph and a session of its own. */
final class DecodeGraph implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Session session;
  private final DecodeSpec spec;
  private final TopClasses top;
  private final Operand<TBool> scored;

  private DecodeGraph(DecodeSpec spec) throws IOException {
    this.spec = spec;
    this.session = new Session(graph, config(spec.threads()));
    Ops tf = Ops.create(graph);
    OutputLayer<TFloat32> layer;
    Variable<TFloat32> input;
    String trained = spec.layer().model();
    if (spec.contender() == Contender.OURS && trained != null) {
      TrainedModel model = TrainedModel.restored(tf, session, Path.of(trained));
      layer = model.layer();
      input = tf.variable(Shape.of(spec.rows(), spec.layer().inFeatures()), TFloat32.class);
      model.assignStates(input);
    } else {
      layer = randomLayer(tf);
      input = randomInput(tf);
      session.initialize();
    }
    // As in a server, the graph does not know the number of rows.
    Operand<TFloat32> rows =
        tf.placeholderWithDefault(input, Shape.of(Shape.UNKNOWN_SIZE, spec.layer().inFeatures()));
    this.top = layer.topK(tf, rows, spec.k());
    this.scored = layer.decoder().topKAbove(tf, rows, spec.k(), 0).scored();
  }

  /** The graph with its variables in place. */
  static DecodeGraph initialized(DecodeSpec spec) throws IOException {
    return new DecodeGraph(spec);
  }

  private static ConfigProto config(int threads) {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(threads)
        .setInterOpParallelismThreads(1)
        .build();
  }

  private Variable<TFloat32> randomInput(Ops tf) {
    Variable<TFloat32> input =
        tf.variable(Shape.of(spec.rows(), spec.layer().inFeatures()), TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(
        input,
        init.random.statelessRandomNormal(
            init.constant(new long[] {spec.rows(), spec.layer().inFeatures()}),
            init.constant(new long[] {1, 2}),
            TFloat32.class));
    return input;
  }

  private OutputLayer<TFloat32> randomLayer(Ops tf) {
    ClusterPlan plan = spec.layer().plan();
    return switch (spec.contender()) {
      case OURS -> AdaptiveSoftmax.builder(TFloat32.class).plan(plan).build(tf);
      case FULL_SOFTMAX ->
          FullSoftmax.builder(TFloat32.class)
              .inFeatures(plan.inFeatures())
              .nClasses(plan.nClasses())
              .build(tf);
      case COMPILED, MATMUL_FLOOR, PYTORCH ->
          throw new IllegalArgumentException(spec.contender() + " does not decode here");
    };
  }

  /** Decodes; Java does not copy the results. */
  void run() {
    session.runner().fetch(top.classes()).fetch(top.logProbs()).run().close();
  }

  /** The share of the multiplications in all tail clusters, for all rows, that need not be done. */
  double tailWorkSkipped() {
    ClusterPlan plan = spec.layer().plan();
    double all = 0;
    double done = 0;
    try (Result result = session.runner().fetch(scored).run()) {
      TBool rows = (TBool) result.get(0);
      for (int tail = 0; tail < plan.nTails(); tail++) {
        double perRow = (double) plan.tailWidth(tail) * (plan.inFeatures() + plan.tailSize(tail));
        for (int row = 0; row < spec.rows(); row++) {
          all += perRow;
          done += rows.getBoolean(row, tail) ? perRow : 0;
        }
      }
    }
    return 1 - done / all;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}

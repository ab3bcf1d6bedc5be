package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/** A graph and a session that take and give doubles, whatever the types inside. */
public final class TestGraph implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Session session;

  // An op that is added makes the session look at the whole graph anew, so each is made once.
  private final Map<Output<?>, Operand<TFloat64>> doubles = new HashMap<>();
  private final Map<Output<?>, Assignment> assignments = new HashMap<>();
  public final Ops tf = Ops.create(graph);

  public TestGraph() {
    this(ConfigProto.getDefaultInstance());
  }

  public TestGraph(ConfigProto config) {
    session = new Session(graph, config);
  }

  public Graph graph() {
    return graph;
  }

  public Session session() {
    return session;
  }

  public <T extends TNumber> Operand<T> constant(Class<T> type, double[] values, long... shape) {
    return tf.dtypes.cast(tf.constant(Shape.of(shape), DataBuffers.of(values)), type);
  }

  /** Runs the initializers that have not run. */
  public void initialize() {
    session.initialize();
  }

  public <T extends TNumber> void assign(Variable<T> variable, double[] values) {
    Assignment assignment =
        assignments.computeIfAbsent(variable.asOutput(), output -> assignment(variable));
    try (TFloat64 tensor = TFloat64.tensorOf(variable.shape(), DataBuffers.of(values))) {
      session.runner().feed(assignment.value, tensor).addTarget(assignment.assign).run().close();
    }
  }

  private record Assignment(Operand<TFloat64> value, Op assign) {}

  private <T extends TNumber> Assignment assignment(Variable<T> variable) {
    Placeholder<TFloat64> value =
        tf.placeholder(TFloat64.class, Placeholder.shape(variable.shape()));
    return new Assignment(value, tf.assign(variable, tf.dtypes.cast(value, variable.type())));
  }

  public double[] run(Operand<?> operand) {
    return run(List.of(operand)).get(0);
  }

  /** The values of all operands, from one run. */
  public List<double[]> run(List<? extends Operand<?>> operands) {
    Session.Runner runner = session.runner();
    operands.forEach(operand -> runner.fetch(asDouble(operand)));
    List<double[]> values = new ArrayList<>();
    try (Result result = runner.run()) {
      for (int i = 0; i < operands.size(); i++) {
        TFloat64 tensor = (TFloat64) result.get(i);
        double[] flat = new double[(int) tensor.size()];
        tensor.copyTo(DataBuffers.of(flat));
        values.add(flat);
      }
    }
    return values;
  }

  /** d y / d x, from addGradients. */
  public List<Output<?>> gradients(Operand<?> y, List<? extends Operand<?>> x) {
    Output<?>[] inputs = x.stream().map(Operand::asOutput).toArray(Output<?>[]::new);
    return Arrays.asList(graph.addGradients(y.asOutput(), inputs));
  }

  /** The values of all variables, under their names. */
  public List<double[]> run(Map<String, ? extends Operand<?>> operands) {
    return run(List.copyOf(operands.values()));
  }

  @SuppressWarnings("unchecked")
  private Operand<TFloat64> asDouble(Operand<?> operand) {
    return doubles.computeIfAbsent(
        operand.asOutput(),
        output -> tf.dtypes.cast((Operand<? extends TNumber>) operand, TFloat64.class));
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}

package org.adaptivesoftmax.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Saves and restores variables of several tasks, each task its own: no value crosses. What is saved is one checkpoint of
 * TensorFlow's, with a file of values for each task and one index, which any graph with variables of these names restores,
 * however they are divided there. All tasks must see the same directory.
 *
 * <p>{@code Session.save} would not do: it fetches all variables to one task.
 *
 * @param prefix of the files, fed
 * @param save to be run
 * @param restore to be run
 */
record ShardedSaver(Placeholder<TString> prefix, Op save, Op restore) {
  /** Adds the ops that save and restore. */
  static ShardedSaver create(Ops graph, List<Variable<TFloat32>> variables) {
    Ops tf = graph.withSubScope("sharded_saver");
    Placeholder<TString> prefix = tf.placeholder(TString.class);
    Map<String, List<Variable<TFloat32>>> byDevice = new LinkedHashMap<>();
    for (Variable<TFloat32> variable : variables) {
      String device = ((GraphOperation) variable.op()).device();
      byDevice.computeIfAbsent(device, none -> new ArrayList<>()).add(variable);
    }
    List<Operand<TString>> parts = new ArrayList<>();
    List<Op> saves = new ArrayList<>();
    List<Op> restores = new ArrayList<>();
    byDevice.forEach(
        (device, own) -> {
          Operand<TString> part =
              tf.strings.join(List.of(prefix, tf.constant(".part-" + parts.size())));
          parts.add(part);
          saves.add(save(PlacedScope.ops(tf, device), part, own));
          restores.add(restore(PlacedScope.ops(tf, device), prefix, own));
        });
    Op merged = tf.withControlDependencies(saves).train.mergeV2Checkpoints(tf.stack(parts), prefix);
    return new ShardedSaver(prefix, merged, tf.withControlDependencies(restores).noOp());
  }

  private static Op save(Ops tf, Operand<TString> prefix, List<Variable<TFloat32>> variables) {
    return tf.train.save(
        prefix, names(tf, variables), whole(tf, variables), new ArrayList<>(variables));
  }

  @SuppressWarnings("unchecked") // Every variable is float32.
  private static Op restore(Ops tf, Operand<TString> prefix, List<Variable<TFloat32>> variables) {
    List<Class<? extends TType>> types = Collections.nCopies(variables.size(), TFloat32.class);
    List<Output<?>> values =
        tf.train.restore(prefix, names(tf, variables), whole(tf, variables), types).tensors();
    List<Op> assigned = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      assigned.add(tf.assign(variables.get(i), (Output<TFloat32>) values.get(i)));
    }
    return tf.withControlDependencies(assigned).noOp();
  }

  /** As {@code Session.save} names them. */
  private static Operand<TString> names(Ops tf, List<Variable<TFloat32>> variables) {
    return strings(tf, variables.stream().map(variable -> variable.op().name()));
  }

  private static Operand<TString> whole(Ops tf, List<Variable<TFloat32>> variables) {
    return strings(tf, variables.stream().map(variable -> ""));
  }

  private static Operand<TString> strings(Ops tf, Stream<String> values) {
    return tf.constant(NdArrays.vectorOfObjects(values.toArray(String[]::new)));
  }

  /**
   * Saves the variables.
   *
   * @param path of the files; their directory must exist
   */
  void save(Session session, Path path) {
    run(session, path, save);
  }

  /** Gives the variables their saved values. */
  void restore(Session session, Path path) {
    run(session, path, restore);
  }

  private void run(Session session, Path path, Op target) {
    try (TString fed = TString.scalarOf(path.toAbsolutePath().toString())) {
      session.runner().feed(prefix, fed).addTarget(target).run().close();
    }
  }
}

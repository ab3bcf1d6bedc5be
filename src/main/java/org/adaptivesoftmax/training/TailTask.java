package org.adaptivesoftmax.training;

import java.util.List;
import java.util.function.Function;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * A process that holds tail clusters of a language model which replicas train: their weights, their moments and their
 * optimizer. It computes what the replicas' graphs ask of it, tells them what it takes part in, and learns when all is done.
 */
public final class TailTask implements AutoCloseable {
  /** What the job of these processes is called. It comes after that of the replicas, where TensorFlow puts what has no place. */
  public static final String JOB = "tail";

  private final Graph graph = new Graph();
  private final Session session;
  private final Operand<TInt32> ends;

  /**
   * Tells the replicas what this task takes part in: they refuse another version of the library, model, training, text or
   * split.
   *
   * @param configuration of the whole model
   * @param training with the batch of one replica
   * @param replicas what each of them has: their number, and the split
   * @param task this one's number
   * @param sessions opens the session, on this process's server
   * @throws IllegalArgumentException if there is no such tail task, or the text has a word that the model has not
   */
  public TailTask(
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text,
      Replica replicas,
      int task,
      Function<Graph, Session> sessions) {
    Require.argument(
        task >= 0 && task < replicas.tails().tasks(),
        "tail task must be in 0..%d: %d",
        replicas.tails().tasks() - 1,
        task);
    text.requireWithin(configuration.vocabulary());
    TrainingState state =
        TrainingState.ofLanguageModel(0, configuration, training.times(replicas.count()), text);
    Ops tf = Ops.create(graph);
    Operand<TInt64> own = tf.constant(Agreement.ofTail(state, replicas.tails()));
    Op tell = identities(tf, task, replicas.count()).enqueue(List.of(own));
    ends = ends(tf, task).size();
    session = sessions.apply(graph);
    try {
      for (int replica = 0; replica < replicas.count(); replica++) {
        session.run(tell);
      }
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  /** Whether the first replica has said that all is done. */
  public boolean isDone() {
    try (TInt32 size = (TInt32) session.runner().fetch(ends).run().get(0)) {
      return size.getInt() > 0;
    }
  }

  /** What a task takes part in, once for each replica. */
  static TaskQueue identities(Ops tf, int task, int replicas) {
    return TaskQueue.create(
        tf,
        device(task).toString(),
        "identities",
        replicas,
        List.of(TInt64.class),
        List.of(Shape.of(Agreement.OF_TAIL)));
  }

  /** Holds something when all is done. */
  static TaskQueue ends(Ops tf, int task) {
    return TaskQueue.create(
        tf, device(task).toString(), "ends", 1, List.of(TBool.class), List.of(Shape.scalar()));
  }

  static DeviceSpec device(int task) {
    return DeviceSpec.newBuilder().job(JOB).task(task).build();
  }

  @Override
  public void close() {
    try (graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}

package org.adaptivesoftmax.training;

import java.nio.file.Path;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Scalars over training steps, written as an event file for TensorBoard by TensorFlow's own summary ops. They run in a
 * graph of their own, so that the model's graph holds nothing but the model.
 */
public final class EventFile implements AutoCloseable {
  private static final int QUEUED_EVENTS = 100;
  private static final int FLUSH_MILLIS = 10_000;

  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final Placeholder<TInt64> step;
  private final Placeholder<TString> tag;
  private final Placeholder<TFloat32> value;
  private final Op write;
  private final Op flush;
  private final Op close;

  /**
   * Opens a new event file.
   *
   * @param directory where it is written; created if it is missing
   * @throws org.tensorflow.exceptions.TensorFlowException if the directory cannot be created or written to
   */
  public EventFile(Path directory) {
    try {
      Ops tf = Ops.create(graph);
      step = tf.placeholder(TInt64.class);
      tag = tf.placeholder(TString.class);
      value = tf.placeholder(TFloat32.class);
      Operand<? extends TType> writer = tf.summary.summaryWriter();
      write = tf.summary.writeScalarSummary(writer, step, tag, value);
      flush = tf.summary.flushSummaryWriter(writer);
      close = tf.summary.closeSummaryWriter(writer);
      session.run(
          tf.summary.createSummaryFileWriter(
              writer,
              tf.constant(directory.toString()),
              tf.constant(QUEUED_EVENTS),
              tf.constant(FLUSH_MILLIS),
              tf.constant(".adaptive-softmax")));
    } catch (Throwable failure) {
      // Nobody gets an object that could be closed.
      try (graph;
          session) {
        throw failure;
      }
    }
  }

  /** Adds one point of the curve {@code name}. */
  public void scalar(String name, long atStep, double measured) {
    try (TInt64 stepTensor = TInt64.scalarOf(atStep);
        TString tagTensor = TString.scalarOf(name);
        TFloat32 valueTensor = TFloat32.scalarOf((float) measured)) {
      session
          .runner()
          .feed(step, stepTensor)
          .feed(tag, tagTensor)
          .feed(value, valueTensor)
          .addTarget(write)
          .run()
          .close();
    }
  }

  /** Makes everything added so far readable. */
  public void flush() {
    session.run(flush);
  }

  @Override
  public void close() {
    try (graph;
        session) {
      session.run(close);
    }
  }
}

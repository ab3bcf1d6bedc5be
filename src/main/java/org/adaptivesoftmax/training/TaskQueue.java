package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.io.FifoQueue;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * A queue in a task's memory, the same one for every process whose graph names it.
 *
 * @param tf builds ops on its task
 * @param handle of the queue
 * @param types of what an element is made of
 */
record TaskQueue(Ops tf, Operand<? extends TType> handle, List<Class<? extends TType>> types) {
  /**
   * Adds a queue to a graph.
   *
   * @param device of the task
   * @param name that no other queue there has
   * @param capacity elements that it holds before who adds one has to wait
   * @param types of what an element is made of
   * @param shapes likewise
   */
  static TaskQueue create(
      Ops tf,
      String device,
      String name,
      int capacity,
      List<Class<? extends TType>> types,
      List<Shape> shapes) {
    Ops placed = PlacedScope.ops(tf, device);
    Operand<? extends TType> handle =
        placed.io.fifoQueue(
            types,
            FifoQueue.sharedName(name),
            FifoQueue.capacity((long) capacity),
            FifoQueue.shapes(shapes));
    return new TaskQueue(placed, handle, types);
  }

  /** Adds an element. */
  Op enqueue(List<? extends Operand<?>> element) {
    return tf.io.queueEnqueue(handle, new ArrayList<>(element));
  }

  /** Takes an element, and waits until there is one. */
  List<Output<?>> dequeue() {
    return tf.io.queueDequeue(handle, types).components();
  }

  /** The number of elements. */
  Operand<TInt32> size() {
    return tf.io.queueSize(handle);
  }
}

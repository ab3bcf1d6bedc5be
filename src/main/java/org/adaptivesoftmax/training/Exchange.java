package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.training.LazyAdam.RowGradients;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * What replicas exchange, as ops of TensorFlow's collectives. Every replica builds the same exchanges in the same order, by
 * which they know each other's, and computes the same results to the last bit.
 *
 * <p>The ops are built by hand: {@code tf.collective} has another version of them, which fails between processes.
 */
final class Exchange {
  private static final int GROUP = 1;

  /** In one piece, 64 MB of gradients take three times as long as in four. */
  private static final long CHUNK = 1 << 22;

  private static final int LEAST_CHUNKS = 4;

  private final Replica replica;
  private int exchanges;

  Exchange(Replica replica) {
    this.replica = replica;
  }

  /** The place of this training among all. */
  Replica replica() {
    return replica;
  }

  /**
   * The means of the replicas' tensors.
   *
   * @param tensors of known shapes, the same at every replica
   */
  List<Operand<TFloat32>> means(Ops tf, List<Operand<TFloat32>> tensors, List<Shape> shapes) {
    List<Operand<TFloat32>> flat = new ArrayList<>();
    tensors.forEach(tensor -> flat.add(tf.reshape(tensor, tf.constant(new int[] {-1}))));
    long size = shapes.stream().mapToLong(Shape::size).sum();
    List<Operand<TFloat32>> reduced = new ArrayList<>();
    for (Output<TFloat32> chunk : split(tf, joined(tf, flat), chunks(size))) {
      reduced.add(reduce(tf, chunk, "Div"));
    }
    List<Output<TFloat32>> parts =
        split(tf, joined(tf, reduced), shapes.stream().mapToLong(Shape::size).toArray());
    List<Operand<TFloat32>> means = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      means.add(tf.reshape(parts.get(i), tf.constant(shapes.get(i).asArray())));
    }
    return means;
  }

  private static Operand<TFloat32> joined(Ops tf, List<Operand<TFloat32>> parts) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(0));
  }

  private static List<Output<TFloat32>> split(Ops tf, Operand<TFloat32> all, long[] sizes) {
    return sizes.length == 1
        ? List.of(all.asOutput())
        : tf.splitV(all, tf.constant(sizes), tf.constant(0), (long) sizes.length).output();
  }

  private static long[] chunks(long size) {
    int count = (int) Math.min(size, Math.max(LEAST_CHUNKS, (size + CHUNK - 1) / CHUNK));
    long[] sizes = new long[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = size * (i + 1) / count - size * i / count;
    }
    return sizes;
  }

  /**
   * The mean over the replicas of gradients of rows, of which each replica has its own.
   *
   * @param most rows that a replica can have; it has at least one
   */
  RowGradients meanRows(Ops tf, RowGradients own, int most) {
    Operand<TInt32> count = tf.size(own.ids());
    Operand<TInt32> missing = tf.math.sub(tf.constant(most), count);
    // All must exchange as many: what is missing has gradient 0, of a row that has one anyway.
    Operand<TInt32> first = tf.stridedSlice(own.ids(), Indices.at(0));
    Operand<TInt32> ids =
        tf.concat(
            List.of(own.ids(), tf.fill(tf.expandDims(missing, tf.constant(0)), first)),
            tf.constant(0));
    Operand<TInt32> after = tf.stack(List.of(tf.constant(0), missing));
    Operand<TInt32> none = tf.constant(new int[] {0, 0});
    Operand<TFloat32> values =
        tf.pad(own.values(), tf.stack(List.of(after, none)), tf.constant(0f));
    RowGradients summed = LazyAdam.sumDuplicates(tf, gather(tf, ids), gather(tf, values));
    return summed.scaled(tf, tf.constant(1f / replica.count()));
  }

  /** The sum of the replicas' vectors. */
  <T extends TType> Operand<T> sum(Ops tf, Operand<T> own) {
    return replica.hasOthers() ? reduce(tf, own, "Id") : tf.identity(own);
  }

  /** The replicas' tensors, one after the other along the first dimension. */
  <T extends TType> Operand<T> gather(Ops tf, Operand<T> own) {
    if (!replica.hasOthers()) {
      return tf.identity(own);
    }
    GraphOperationBuilder builder = builder(tf, "CollectiveGatherV2", own);
    return builder.build().output(0);
  }

  /** Waits, after ops, until every replica has come as far. */
  Op barrier(Ops tf, List<Op> done) {
    Ops after = tf.withControlDependencies(done);
    return sum(after, after.constant(new float[] {0}));
  }

  private <T extends TType> Operand<T> reduce(Ops tf, Operand<T> own, String last) {
    GraphOperationBuilder builder = builder(tf, "CollectiveReduceV2", own);
    builder.setAttr("merge_op", "Add").setAttr("final_op", last);
    return builder.build().output(0);
  }

  private GraphOperationBuilder builder(Ops tf, String type, Operand<?> own) {
    exchanges++;
    GraphOperationBuilder builder = (GraphOperationBuilder) tf.scope().opBuilder(type, type);
    builder
        .addInput(own.asOutput())
        .addInput(tf.constant(replica.count()).asOutput())
        .addInput(tf.constant(GROUP).asOutput())
        .addInput(tf.constant(exchanges).asOutput())
        .addInputList(new Output<?>[0]);
    builder.setAttr("timeout_seconds", (float) replica.timeout().toSeconds());
    return builder;
  }
}

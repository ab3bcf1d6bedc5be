package org.adaptivesoftmax.internal.weights;

import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The weights of a tail cluster.
 *
 * @param projection [width, inFeatures], without a bias
 * @param classes [size, width]
 */
public record TailCluster<T extends TFloating>(Linear<T> projection, Linear<T> classes)
    implements Tail<T> {
  @Override
  public Operand<T> logits(Ops tf, Operand<T> x) {
    return classes.apply(tf, projection.apply(tf, x));
  }

  @Override
  public Operand<T> scores(Ops tf, Operand<T> x) {
    return classes.score(tf, projection.apply(tf, x));
  }

  /** The same weights for each of several readers, whose gradients are summed up on the weights' own device. */
  public List<TailCluster<T>> forReaders(Ops tf, int readers) {
    List<Linear<T>> projections = projection.forReaders(tf, readers);
    List<Linear<T>> layers = classes.forReaders(tf, readers);
    return IntStream.range(0, readers)
        .mapToObj(reader -> new TailCluster<>(projections.get(reader), layers.get(reader)))
        .toList();
  }

  /** The same weights in another type; gradients come back in this one. */
  public <C extends TFloating> TailCluster<C> in(Ops tf, Class<C> type) {
    return new TailCluster<>(projection.in(tf, type), classes.in(tf, type));
  }
}

package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * What a layer predicts, computed from no more of its classes than it takes. Every answer is exactly that of the full
 * distribution, but for those of {@link #topKOfHead} and {@link #topKAbove}, which say for each row whether it is.
 *
 * <p>A class of a tail cluster is at most as probable as its cluster entry in the head. So a tail cluster is scored only
 * for the rows where that bound leaves a class of it in question; one that no row needs costs nothing.
 *
 * <pre>{@code
 * TopClasses best = layer.decoder().topK(tf, hidden, 10);
 * Decoder<TFloat32> banned = layer.decoder().withBias(new ClassBias(classes, minusInfinity));
 * SampledClasses drawn = banned.sample(tf, hidden, SampleOptions.defaults().topP(0.9), 42);
 * }</pre>
 *
 * <p>Inputs are those of an output layer: [N, inFeatures], or [inFeatures], whose results have no first dimension.
 *
 * @param <T> type of the weights and the input
 */
public interface Decoder<T extends TFloating> {
  /**
   * A decoder of any layer that scores a head and tail clusters.
   *
   * @param scope name scope of the ops
   * @param type of the input
   * @param plan how the classes are divided; with no cutoffs the head holds every class
   * @param order the class ids by rank
   * @param logits scores the clusters
   * @throws IllegalArgumentException if the order has another number of classes than the plan
   */
  static <T extends TFloating> Decoder<T> of(
      String scope, Class<T> type, ClusterPlan plan, LabelOrder order, ClusterLogits<T> logits) {
    Require.argument(
        order.size() == plan.nClasses(),
        "order must hold nClasses %d ids: %d",
        plan.nClasses(),
        order.size());
    return new ClusterDecoder<>(scope, type, new Clusters<>(plan, order, logits), null);
  }

  /**
   * A decoder of the layer's distribution under a bias, in place of this one's, if it has any. Its answers are as exact, and
   * its log-probabilities are those of the biased distribution. Beside what they need anyway, its calls score each tail
   * cluster for the rows that name a class of it.
   *
   * @param change which classes to favour, to hinder or to ban
   */
  Decoder<T> withBias(ClassBias change);

  /**
   * The log-probability of every class, [N, nClasses], columns by increasing class id.
   *
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  Operand<? extends TFloating> logProb(Ops tf, Operand<T> input);

  /**
   * The log-probabilities of candidates. A row is scored in the head and in the tail clusters that hold one of its
   * candidates.
   *
   * @param candidates class ids, int32 or int64, [N, m], or [m] for an unbatched input; the same may stand in a row more
   *     than once. One that is no class fails the run with a message that holds the value and the range.
   * @return of the candidates' shape
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  Operand<? extends TFloating> logProb(
      Ops tf, Operand<T> input, Operand<? extends TNumber> candidates);

  /**
   * The k most probable classes of each row and their log-probabilities.
   *
   * @param k in 1..nClasses
   * @throws IllegalArgumentException if k is out of its range, or a type or a static shape does not fit
   */
  TopClasses topK(Ops tf, Operand<T> input, int k);

  /**
   * The k most probable classes of the shortlist; no tail cluster is scored.
   *
   * @param k in 1..the size of the shortlist
   * @throws IllegalArgumentException if k is out of its range, or a type or a static shape does not fit
   */
  PrunedTopClasses topKOfHead(Ops tf, Operand<T> input, int k);

  /**
   * The k most probable classes of the shortlist and of the tail clusters that are at least so probable. Tail clusters that
   * cannot hold one of the k best are left out too, which makes no answer inexact.
   *
   * @param k in 1..the size of the shortlist
   * @param minProbability of a tail cluster, at least 0; 0 makes every answer exact
   * @throws IllegalArgumentException if k or minProbability is out of its range, or a type or a static shape does not fit
   */
  PrunedTopClasses topKAbove(Ops tf, Operand<T> input, int k, double minProbability);

  /**
   * Draws one class per row, exactly from the distribution that the options describe.
   *
   * <p>What it costs beyond the head: from the model's own distribution, a row is scored in the one tail cluster that its
   * draw fell into, if it did. With another temperature, such a row is scored in all tail clusters, since a tempered
   * cluster's weight is not known before. With top-k, what {@link #topK} costs. With top-p alone, what the top 1,024 cost,
   * and for rows where those hold less than p, all clusters and a sort; with another temperature too, all clusters.
   *
   * @param seed int32 or int64: a scalar, from which each row gets a seed of its own, or one for each row, [N]. A row's draw
   *     depends on its seed, its input and nothing else in the batch.
   * @throws IllegalArgumentException if topK is above nClasses, or a type or a static shape does not fit
   */
  SampledClasses sample(
      Ops tf, Operand<T> input, SampleOptions options, Operand<? extends TNumber> seed);

  /**
   * {@link #sample(Ops, Operand, SampleOptions, Operand)} with the same draws in every run.
   *
   * @throws IllegalArgumentException if topK is above nClasses, or a type or a static shape does not fit
   */
  default SampledClasses sample(Ops tf, Operand<T> input, SampleOptions options, long seed) {
    return sample(tf, input, options, tf.constant(seed));
  }

  /**
   * Draws one class per row, each row with its own temperature, of all classes: {@link #sample(Ops, Operand, SampleOptions,
   * Operand)} without truncation, and with its draws. A row of temperature 1 costs no more for its neighbours.
   *
   * @param temperature τ of each row, float32 or float64, [N], or a scalar for an unbatched input. One that is not above 0
   *     and finite fails the run with a message that holds the value.
   * @param seed int32 or int64, a scalar or [N], as above
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  SampledClasses sample(
      Ops tf,
      Operand<T> input,
      Operand<? extends TFloating> temperature,
      Operand<? extends TNumber> seed);
}

package org.adaptivesoftmax.decoding;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.ExactTopK.Best;
import org.adaptivesoftmax.decoding.ExactTopK.Found;
import org.adaptivesoftmax.internal.graph.Batches;
import org.adaptivesoftmax.internal.graph.ClassIds;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.Clusters;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * What a layer predicts, computed from no more of its classes than it takes. Every answer is exactly that of the full
 * distribution, but for those of {@link #topKOfHead} and {@link #topKAbove}, which tell for each row whether it is.
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
public final class Decoder<T extends TFloating> {
  private final String scope;
  private final Class<T> type;
  private final int inFeatures;
  private final Clusters<T> clusters;
  private final @Nullable ClassBias bias;

  /** A call's scope, input and scores. */
  private record Call<T extends TFloating, R extends TFloating>(
      Ops tf, Batches<T> batch, BatchScores<R> scores) {}

  /**
   * @param scope name scope of the ops
   */
  public Decoder(String scope, Class<T> type, int inFeatures, Clusters<T> clusters) {
    this(scope, type, inFeatures, clusters, null);
  }

  private Decoder(
      String scope, Class<T> type, int inFeatures, Clusters<T> clusters, @Nullable ClassBias bias) {
    this.scope = scope;
    this.type = type;
    this.inFeatures = inFeatures;
    this.clusters = clusters;
    this.bias = bias;
  }

  /**
   * A decoder of the layer's distribution under a bias, in place of this one's, if it has any. Its answers are as exact, and
   * its log-probabilities are those of the biased distribution. Beside what they need anyway, its calls score each tail
   * cluster for the rows that name a class of it.
   *
   * @param change which classes to favour, to hinder or to ban
   */
  public Decoder<T> withBias(ClassBias change) {
    return new Decoder<>(scope, type, inFeatures, clusters, change);
  }

  /**
   * The log-probability of every class, [N, nClasses], columns by increasing class id.
   *
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  public Operand<? extends TFloating> logProb(Ops tf, Operand<T> input) {
    return logProb(call(tf, input));
  }

  /**
   * The log-probabilities of candidates. A row is scored in the head and in the tail clusters that hold one of its
   * candidates.
   *
   * @param candidates class ids, int32 or int64, [N, m], or [m] for an unbatched input; the same may stand in a row more
   *     than once. One that is no class fails the run with a message that holds the value and the range.
   * @return of the candidates' shape
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  public Operand<? extends TFloating> logProb(
      Ops tf, Operand<T> input, Operand<? extends TNumber> candidates) {
    return logProb(call(tf, input), candidates);
  }

  /**
   * The k most probable classes of each row and their log-probabilities.
   *
   * @param k in 1..nClasses
   * @throws IllegalArgumentException if k is out of its range, or a type or a static shape does not fit
   */
  public TopClasses topK(Ops tf, Operand<T> input, int k) {
    requireK("k", k, clusters.nClasses(), "nClasses");
    return topK(call(tf, input), k);
  }

  /**
   * The k most probable classes of the shortlist; no tail cluster is scored.
   *
   * @param k in 1..the size of the shortlist
   * @throws IllegalArgumentException if k is out of its range, or a type or a static shape does not fit
   */
  public PrunedTopClasses topKOfHead(Ops tf, Operand<T> input, int k) {
    return topKAbove(tf, input, k, Double.POSITIVE_INFINITY);
  }

  /**
   * The k most probable classes of the shortlist and of the tail clusters that are at least so probable. Tail clusters that
   * cannot hold one of the k best are left out too, which makes no answer inexact.
   *
   * @param k in 1..the size of the shortlist
   * @param minProbability of a tail cluster, at least 0; 0 makes every answer exact
   * @throws IllegalArgumentException if k or minProbability is out of its range, or a type or a static shape does not fit
   */
  public PrunedTopClasses topKAbove(Ops tf, Operand<T> input, int k, double minProbability) {
    requireK("k", k, clusters.shortlistSize(), "size of the shortlist");
    Require.argument(minProbability >= 0, "minProbability must be at least 0: %s", minProbability);
    return topKAbove(call(tf, input), k, minProbability);
  }

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
  public SampledClasses sample(
      Ops tf, Operand<T> input, SampleOptions options, Operand<? extends TNumber> seed) {
    options.topK().ifPresent(k -> requireK("topK", k, clusters.nClasses(), "nClasses"));
    return sample(call(tf, input), options, seed);
  }

  /**
   * {@link #sample(Ops, Operand, SampleOptions, Operand)} with the same draws in every run.
   *
   * @throws IllegalArgumentException if topK is above nClasses, or a type or a static shape does not fit
   */
  public SampledClasses sample(Ops tf, Operand<T> input, SampleOptions options, long seed) {
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
  public SampledClasses sample(
      Ops tf,
      Operand<T> input,
      Operand<? extends TFloating> temperature,
      Operand<? extends TNumber> seed) {
    return sample(call(tf, input), temperature, seed);
  }

  private Call<T, ? extends TFloating> call(Ops tf, Operand<T> input) {
    Ops scoped = tf.withSubScope(scope);
    Batches<T> batch = Batches.of(scoped, type, input, inFeatures);
    return call(scoped, Precision.resultType(type), batch);
  }

  private <R extends TFloating> Call<T, R> call(Ops tf, Class<R> result, Batches<T> batch) {
    return new Call<>(tf, batch, scores(tf, result, batch.rows()));
  }

  private <R extends TFloating> BatchScores<R> scores(Ops tf, Class<R> result, Operand<T> x) {
    if (bias == null) {
      return ModelScores.of(tf, result, clusters, x);
    }
    Operand<TInt32> ranks = ranks(tf, bias.classes(), "classes");
    Operand<R> values = Precision.cast(tf, bias.values(), result);
    if (!bias.byRow()) {
      Operand<TInt32> shape = tf.stack(List.of(Rows.count(tf, x), tf.size(ranks)));
      ranks = tf.broadcastTo(ranks, shape);
      values = tf.broadcastTo(values, shape);
    }
    return new BiasedScores<>(tf, result, clusters, x, ranks, values);
  }

  /** The ranks of class ids of any shape. */
  private Operand<TInt32> ranks(Ops tf, Operand<? extends TNumber> ids, String argument) {
    Operand<TInt64> checked =
        new ClassIds(argument, clusters.order(), OptionalLong.empty(), "")
            .checked(tf, tf.reshape(ids, tf.constant(new int[] {-1})));
    return tf.reshape(new ClassTable(clusters.order()).ranks(tf, checked), tf.shape(ids));
  }

  private <R extends TFloating> Operand<R> logProb(Call<T, R> call) {
    Ops tf = call.tf;
    Operand<R> head = call.scores.head();
    Operand<TInt64> rows = Rows.all(tf, head);
    List<Operand<R>> columns = new ArrayList<>();
    int shortlist = clusters.shortlistSize();
    columns.add(tf.stridedSlice(head, Indices.all(), Indices.range(0, shortlist)));
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      int entry = shortlist + tail;
      columns.add(
          tf.math.add(
              call.scores.tail(tf, tail, rows),
              tf.stridedSlice(head, Indices.all(), Indices.range(entry, entry + 1))));
    }
    Operand<R> byRank = columns.size() == 1 ? head : tf.concat(columns, tf.constant(1));
    LabelOrder order = clusters.order();
    return call.batch.unbatched(
        tf,
        order.isIdentity()
            ? byRank
            : tf.gather(byRank, tf.constant(order.ranksByLabel(0, order.size())), tf.constant(1)));
  }

  private <R extends TFloating> Operand<R> logProb(
      Call<T, R> call, Operand<? extends TNumber> candidates) {
    Operand<TInt32> ranks =
        ranks(call.tf, call.batch.candidates(call.tf, candidates), "candidates");
    return call.batch.unbatched(call.tf, CandidateScores.of(call.tf, clusters, call.scores, ranks));
  }

  private <R extends TFloating> TopClasses topK(Call<T, R> call, int k) {
    return topClasses(call, new ExactTopK<R>(clusters, k).of(call.tf, call.scores).best());
  }

  private <R extends TFloating> PrunedTopClasses topKAbove(
      Call<T, R> call, int k, double minProbability) {
    ExactTopK<R> search = new ExactTopK<>(clusters, k, minProbability);
    Found<R> found = search.of(call.tf, call.scores);
    Pruning<R> pruning = Pruning.of(call.tf, search, call.scores.head(), found);
    return new PrunedTopClasses(
        topClasses(call, found.best()),
        call.batch.unbatched(call.tf, pruning.exact()),
        call.batch.unbatched(call.tf, pruning.unseen()),
        call.batch.unbatched(call.tf, pruning.scored()));
  }

  private <R extends TFloating> TopClasses topClasses(Call<T, R> call, Best<R> best) {
    return new TopClasses(
        call.batch.unbatched(
            call.tf, new ClassTable(clusters.order()).labels(call.tf, best.ranks())),
        call.batch.unbatched(call.tf, best.logProbs()));
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call, SampleOptions options, Operand<? extends TNumber> seed) {
    return sample(call, options, RowSharpness.of(call.tf, options, call.scores.head()), seed);
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call, Operand<? extends TFloating> temperature, Operand<? extends TNumber> seed) {
    Operand<R> sharpness =
        RowSharpness.of(call.tf, call.batch.temperatures(call.tf, temperature), call.scores.head());
    return sample(call, SampleOptions.defaults(), sharpness, seed);
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call,
      SampleOptions options,
      @Nullable Operand<R> sharpness,
      Operand<? extends TNumber> seed) {
    Ops tf = call.tf;
    RowRandom random =
        RowRandom.of(tf, seed, tf.dtypes.cast(Rows.count(tf, call.scores.head()), TInt64.class));
    Sampler.Drawn<R> drawn =
        new Sampler<>(tf, clusters, call.scores, random, options, sharpness).draw();
    return new SampledClasses(
        call.batch.unbatched(tf, new ClassTable(clusters.order()).labels(tf, drawn.ranks())),
        call.batch.unbatched(tf, drawn.logProbs()));
  }

  private static void requireK(String argument, int k, int most, String meaning) {
    Require.argument(
        k >= 1 && k <= most, "%s must be in 1..%d (%s): %d", argument, most, meaning, k);
  }
}

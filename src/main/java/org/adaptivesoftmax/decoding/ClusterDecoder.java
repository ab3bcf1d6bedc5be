package org.adaptivesoftmax.decoding;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.adaptivesoftmax.decoding.ExactTopK.Best;
import org.adaptivesoftmax.decoding.ExactTopK.Found;
import org.adaptivesoftmax.internal.graph.BatchInput;
import org.adaptivesoftmax.internal.graph.ClassIds;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A decoder of a head and tail clusters. Each call scores a batch in the head, and in a tail cluster for the rows that need
 * it.
 */
final class ClusterDecoder<T extends TFloating> implements Decoder<T> {
  private final String scope;
  private final Class<T> type;
  private final Clusters<T> clusters;
  private final @Nullable ClassBias bias;

  /** A call's scope, input and scores. */
  private record Call<T extends TFloating, R extends TFloating>(
      Ops tf, BatchInput<T> batch, BatchScores<R> scores) {}

  /**
   * @param scope name scope of the ops
   * @param bias of the distribution, or null
   */
  ClusterDecoder(String scope, Class<T> type, Clusters<T> clusters, @Nullable ClassBias bias) {
    this.scope = scope;
    this.type = type;
    this.clusters = clusters;
    this.bias = bias;
  }

  @Override
  public Decoder<T> withBias(ClassBias change) {
    return new ClusterDecoder<>(scope, type, clusters, change);
  }

  @Override
  public Operand<? extends TFloating> logProb(Ops tf, Operand<T> input) {
    return logProb(call(tf, input));
  }

  @Override
  public Operand<? extends TFloating> logProb(
      Ops tf, Operand<T> input, Operand<? extends TNumber> candidates) {
    return logProb(call(tf, input), candidates);
  }

  @Override
  public TopClasses topK(Ops tf, Operand<T> input, int k) {
    requireK("k", k, clusters.nClasses(), "nClasses");
    return topK(choosing(tf, input), k);
  }

  @Override
  public PrunedTopClasses topKOfHead(Ops tf, Operand<T> input, int k) {
    return topKAbove(tf, input, k, Double.POSITIVE_INFINITY);
  }

  @Override
  public PrunedTopClasses topKAbove(Ops tf, Operand<T> input, int k, double minProbability) {
    requireK("k", k, clusters.shortlistSize(), "size of the shortlist");
    Require.argument(minProbability >= 0, "minProbability must be at least 0: %s", minProbability);
    return topKAbove(choosing(tf, input), k, minProbability);
  }

  @Override
  public SampledClasses sample(
      Ops tf, Operand<T> input, SampleOptions options, Operand<? extends TNumber> seed) {
    options.topK().ifPresent(k -> requireK("topK", k, clusters.nClasses(), "nClasses"));
    return sample(choosing(tf, input), options, seed);
  }

  @Override
  public SampledClasses sample(
      Ops tf,
      Operand<T> input,
      Operand<? extends TFloating> temperature,
      Operand<? extends TNumber> seed) {
    return sample(choosing(tf, input), temperature, seed);
  }

  /** A call whose results are classes: nobody differentiates them. */
  private Call<T, ? extends TFloating> choosing(Ops tf, Operand<T> input) {
    Clusters<T> fastest =
        new Clusters<>(clusters.plan(), clusters.order(), clusters.logits().withoutGradient());
    return new ClusterDecoder<>(scope, type, fastest, bias).call(tf, input);
  }

  private Call<T, ? extends TFloating> call(Ops tf, Operand<T> input) {
    Ops scoped = tf.withSubScope(scope);
    BatchInput<T> batch = BatchInput.of(scoped, type, input, clusters.plan().inFeatures());
    return call(scoped, Precision.resultType(type), batch);
  }

  private <R extends TFloating> Call<T, R> call(Ops tf, Class<R> result, BatchInput<T> batch) {
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
    return tf.reshape(clusters.table().ranks(tf, checked), tf.shape(ids));
  }

  private <R extends TFloating> Operand<R> logProb(Call<T, R> call) {
    Ops tf = call.tf;
    Operand<R> head = call.scores.headLogProbs(tf);
    Operand<TInt64> rows = Rows.all(tf, head);
    List<Operand<R>> columns = new ArrayList<>();
    int shortlist = clusters.shortlistSize();
    columns.add(tf.stridedSlice(head, Indices.all(), Indices.range(0, shortlist)));
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      int entry = shortlist + tail;
      columns.add(
          tf.math.add(
              call.scores.tailLogProbs(tf, tail, rows),
              tf.stridedSlice(head, Indices.all(), Indices.range(entry, entry + 1))));
    }
    Operand<R> byRank = columns.size() == 1 ? head : tf.concat(columns, tf.constant(1));
    return call.batch.unbatched(
        tf,
        clusters.order().isIdentity()
            ? byRank
            : tf.gather(byRank, clusters.table().ranksByPlace(tf), tf.constant(1)));
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
    Pruning<R> pruning = Pruning.of(call.tf, found);
    return new PrunedTopClasses(
        topClasses(call, found.best()),
        call.batch.unbatched(call.tf, pruning.exact()),
        call.batch.unbatched(call.tf, pruning.unseen()),
        call.batch.unbatched(call.tf, pruning.scored()));
  }

  private <R extends TFloating> TopClasses topClasses(Call<T, R> call, Best<R> best) {
    return new TopClasses(
        call.batch.unbatched(call.tf, clusters.table().ids(call.tf, best.ranks())),
        call.batch.unbatched(call.tf, best.logProbs()));
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call, SampleOptions options, Operand<? extends TNumber> seed) {
    return sample(
        call, options, RowSharpness.of(call.tf, options, call.scores.head().logits()), seed);
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call, Operand<? extends TFloating> temperature, Operand<? extends TNumber> seed) {
    Operand<R> sharpness =
        RowSharpness.of(
            call.tf, call.batch.temperatures(call.tf, temperature), call.scores.head().logits());
    return sample(call, SampleOptions.defaults(), sharpness, seed);
  }

  private <R extends TFloating> SampledClasses sample(
      Call<T, R> call,
      SampleOptions options,
      @Nullable Operand<R> sharpness,
      Operand<? extends TNumber> seed) {
    Ops tf = call.tf;
    RowRandom random =
        RowRandom.of(
            tf, seed, tf.dtypes.cast(Rows.count(tf, call.scores.head().logits()), TInt64.class));
    Sampler.Drawn<R> drawn =
        new Sampler<>(tf, clusters, call.scores, random, options, sharpness).draw();
    return new SampledClasses(
        call.batch.unbatched(tf, clusters.table().ids(tf, drawn.ranks())),
        call.batch.unbatched(tf, drawn.logProbs()));
  }

  private static void requireK(String argument, int k, int most, String meaning) {
    Require.argument(
        k >= 1 && k <= most, "%s must be in 1..%d (%s): %d", argument, most, meaning, k);
  }
}

package org.adaptivesoftmax.decoding;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.decoding.ExactTopK.Best;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Draws one class per row from the whole distribution: a place in the head, then, if that is a cluster entry, a class of
 * that tail cluster.
 *
 * <p>With the temperature 1 / β, a tail class has weight exp(β entry) exp(β within), and a tail cluster of n classes has
 * weight exp(β entry) S with S = Σ exp(β within), which only scoring the cluster tells. It lies between 1 and
 * n<sup>1−β</sup>, whichever is the larger being called U. So a place is first drawn with U for S (rejection sampling). A
 * place in the shortlist stands. A row that drew a cluster entry is scored in all tail clusters; its entry stands with
 * probability S / U, else the row draws anew, with each S in place.
 */
final class Sampler<R extends TFloating> {
  private static final int FIRST_PLACE = 0;
  private static final int ACCEPTANCE = 1;
  private static final int SECOND_PLACE = 2;
  private static final int WITHIN = 3;

  private final Ops tf;
  private final Clusters<?> clusters;
  private final BatchScores<R> scores;
  private final RowRandom random;
  private final SampleOptions options;
  private final @Nullable Operand<R> sharpness;
  private final Operand<R> head;

  /** One class per row: ranks and log-probabilities, [N]. */
  record Drawn<R extends TFloating>(Operand<TInt32> ranks, Operand<R> logProbs) {}

  /**
   * @param options whose truncations are of rows with one temperature, theirs
   * @param sharpness each row's β, [N, 1]; null where it is 1 for all
   */
  Sampler(
      Ops tf,
      Clusters<?> clusters,
      BatchScores<R> scores,
      RowRandom random,
      SampleOptions options,
      @Nullable Operand<R> sharpness) {
    this.tf = tf;
    this.clusters = clusters;
    this.scores = scores;
    this.random = random;
    this.options = options;
    this.sharpness = sharpness;
    this.head = scores.headLogProbs(tf);
  }

  Drawn<R> draw() {
    if (options.topK().isPresent() || options.topP().orElse(1) < 1) {
      return truncated();
    }
    Operand<TInt32> place =
        sharpness != null && clusters.nTails() > 0
            ? temperedPlace(sharpness)
            : Categorical.draw(tf, sharpened(head, sharpness), random.uniform(tf, FIRST_PLACE));
    return classAt(place);
  }

  private Drawn<R> truncated() {
    Operand<TFloat64> uniform = random.uniform(tf, FIRST_PLACE);
    if (options.topK().isPresent()) {
      int k = options.topK().getAsInt();
      Best<R> best = new ExactTopK<R>(clusters, k).of(tf, scores).best();
      return drawn(best, new Nucleus<R>(tf, options).ofAll(best), uniform);
    }
    return nucleus(uniform);
  }

  /** Few classes hold most of the probability, as a rule: rows where they do not are sorted whole. */
  private Drawn<R> nucleus(Operand<TFloat64> uniform) {
    Operand<R> normalizer = normalizer();
    Nucleus<R> nucleus = new Nucleus<>(tf, options);
    int few = Math.min(Nucleus.USUAL_SIZE, clusters.nClasses());
    Best<R> best = new ExactTopK<R>(clusters, few).of(tf, scores).best();
    Drawn<R> usual = drawn(best, nucleus.of(best, normalizer), uniform);
    if (few == clusters.nClasses()) {
      return usual;
    }
    Operand<TInt64> rows = Rows.where(tf, nucleus.exceeds(best, normalizer));
    Best<R> all =
        new ExactTopK<R>(clusters, clusters.nClasses())
            .of(tf, BatchScores.ofRows(tf, scores, rows))
            .best();
    Drawn<R> rest =
        drawn(all, nucleus.of(all, Rows.take(tf, normalizer, rows)), Rows.take(tf, uniform, rows));
    Operand<TInt64> where = tf.expandDims(rows, tf.constant(1));
    return new Drawn<>(
        tf.tensorScatterNdUpdate(usual.ranks, where, rest.ranks),
        tf.tensorScatterNdUpdate(usual.logProbs, where, rest.logProbs));
  }

  private Drawn<R> drawn(Best<R> best, Operand<R> logWeights, Operand<TFloat64> uniform) {
    Operand<TInt32> column = Categorical.draw(tf, logWeights, uniform);
    return new Drawn<>(pick(best.ranks(), column), pick(best.logProbs(), column));
  }

  /** log Σ p^β of each row, [N, 1]: 0 for the model's own distribution, else all tail clusters tell. */
  private Operand<R> normalizer() {
    return sharpness == null
        ? tf.zerosLike(tf.stridedSlice(head, Indices.all(), Indices.range(0, 1)))
        : LogSumExp.of(tf, places(head, logSums(Rows.all(tf, head)), sharpness));
  }

  private Operand<TInt32> temperedPlace(Operand<R> beta) {
    Operand<R> bounds = logBounds(beta);
    Operand<TInt32> first =
        Categorical.draw(tf, places(head, bounds, beta), random.uniform(tf, FIRST_PLACE));
    Operand<TInt64> rows = Rows.where(tf, tf.math.logicalAnd(isEntry(first), isTempered(beta)));
    Operand<R> logSums = logSums(rows);
    Operand<TInt32> tried = Rows.take(tf, first, rows);
    Operand<TInt32> tail = tf.math.sub(tried, tf.constant(clusters.shortlistSize()));
    Operand<R> logAcceptance = pick(tf.math.sub(logSums, Rows.take(tf, bounds, rows)), tail);
    Operand<TBool> stands =
        tf.math.less(
            rowsOf(ACCEPTANCE, rows),
            Precision.cast(tf, tf.math.exp(logAcceptance), TFloat64.class));
    Operand<R> anew = places(Rows.take(tf, head, rows), logSums, Rows.take(tf, beta, rows));
    Operand<TInt32> second = Categorical.draw(tf, anew, rowsOf(SECOND_PLACE, rows));
    return tf.tensorScatterNdUpdate(
        first, tf.expandDims(rows, tf.constant(1)), tf.select(stands, tried, second));
  }

  private Operand<TBool> isEntry(Operand<TInt32> place) {
    return tf.math.greaterEqual(place, tf.constant(clusters.shortlistSize()));
  }

  /** Where β is 1, S is 1 too, and the first draw stands. */
  private Operand<TBool> isTempered(Operand<R> beta) {
    return tf.math.notEqual(tf.squeeze(beta, Squeeze.axis(List.of(1L))), constant(1));
  }

  /** log U of every tail cluster, [N, nTails]. */
  private Operand<R> logBounds(Operand<R> beta) {
    Operand<R> flatness = tf.math.maximum(tf.math.sub(constant(1), beta), constant(0));
    List<Operand<R>> columns = new ArrayList<>();
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      columns.add(tf.math.mul(flatness, constant(Math.log(clusters.plan().tailSize(tail)))));
    }
    return beside(columns);
  }

  /** log S of every tail cluster, [rows, nTails]. */
  private Operand<R> logSums(Operand<TInt64> rows) {
    List<Operand<R>> columns = new ArrayList<>();
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      columns.add(LogSumExp.of(tf, sharpenedRows(scores.tailLogProbs(tf, tail, rows), rows)));
    }
    return columns.isEmpty()
        ? tf.stridedSlice(Rows.take(tf, head, rows), Indices.all(), Indices.range(0, 0))
        : beside(columns);
  }

  private Operand<R> beside(List<Operand<R>> columns) {
    return columns.size() == 1 ? columns.get(0) : tf.concat(columns, tf.constant(1));
  }

  /** Log-weights of the head's places, [rows, headSize], given each tail cluster's log S, [rows, nTails]. */
  private Operand<R> places(Operand<R> head, Operand<R> logSums, Operand<R> beta) {
    Operand<R> sharp = sharpened(head, beta);
    int shortlist = clusters.shortlistSize();
    Operand<R> entries =
        tf.stridedSlice(
            sharp, Indices.all(), Indices.range(shortlist, shortlist + clusters.nTails()));
    return tf.concat(
        List.of(
            tf.stridedSlice(sharp, Indices.all(), Indices.range(0, shortlist)),
            tf.math.add(entries, logSums)),
        tf.constant(1));
  }

  private Drawn<R> classAt(Operand<TInt32> place) {
    Operand<TInt32> ranks = place;
    Operand<R> logProbs = pick(head, place);
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      Operand<TInt32> entry = tf.constant(clusters.shortlistSize() + tail);
      Operand<TInt64> rows = Rows.where(tf, tf.math.equal(place, entry));
      Operand<TInt64> where = tf.expandDims(rows, tf.constant(1));
      Operand<R> within = scores.tailLogProbs(tf, tail, rows);
      Operand<TInt32> column =
          Categorical.draw(tf, sharpenedRows(within, rows), rowsOf(WITHIN, rows));
      ranks =
          tf.tensorScatterNdUpdate(
              ranks, where, tf.math.add(column, tf.constant(clusters.plan().tailStart(tail))));
      logProbs = tf.tensorScatterNdAdd(logProbs, where, pick(within, column));
    }
    return new Drawn<>(ranks, logProbs);
  }

  private Operand<TFloat64> rowsOf(int draw, Operand<TInt64> rows) {
    return Rows.take(tf, random.uniform(tf, draw), rows);
  }

  private Operand<R> sharpenedRows(Operand<R> logProbs, Operand<TInt64> rows) {
    return sharpness == null ? logProbs : sharpened(logProbs, Rows.take(tf, sharpness, rows));
  }

  /** β times the values. */
  private Operand<R> sharpened(Operand<R> logProbs, @Nullable Operand<R> beta) {
    return beta == null ? logProbs : tf.math.mul(logProbs, beta);
  }

  private Operand<R> constant(double value) {
    return Precision.cast(tf, tf.constant(value), head.type());
  }

  /** Each row's value in its column. */
  private <V extends TNumber> Operand<V> pick(Operand<V> values, Operand<TInt32> column) {
    Operand<V> picked = Select.columns(tf, values, Select.asColumn(tf, column));
    return tf.squeeze(picked, Squeeze.axis(List.of(1L)));
  }
}

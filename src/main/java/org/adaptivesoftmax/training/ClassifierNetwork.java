package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.adaptivesoftmax.assoftmax.RowSkipping;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.model.TextClassifier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * A classifier in training, with dropout, from texts of a batch to their logits. All that belongs to one text is a row of
 * {@link #inputs}, so that any of them can go through it.
 */
final class ClassifierNetwork implements RowSkipping.Network<TFloat32> {
  private static final int INPUT_DROPOUT = 1;
  private static final int HIDDEN_DROPOUT = 2;

  private final TextClassifier model;
  private final ClassifierFeeds feeds;
  private final List<Operand<?>> inputs;
  private @Nullable Lookup latestLookup;

  /**
   * The n-grams of some texts.
   *
   * @param ngrams [n]
   * @param embedded their rows, [n, embedding]
   */
  record Lookup(Operand<TInt32> ngrams, Operand<TFloat32> embedded) {}

  /**
   * @param number of the batch, which dropout depends on
   */
  ClassifierNetwork(
      Ops tf, TextClassifier model, ClassifierFeeds feeds, Placeholder<TInt64> number) {
    this.model = model;
    this.feeds = feeds;
    Operand<TInt32> batch = feeds.batch(tf);
    var sizes = model.configuration();
    inputs = new ArrayList<>(List.of(tf.range(tf.constant(0), batch, tf.constant(1))));
    if (sizes.dropout() > 0) {
      StatelessDropout dropout = new StatelessDropout(sizes.dropout(), sizes.seed(), number);
      inputs.add(dropout.factors(tf, shape(tf, batch, sizes.embedding()), INPUT_DROPOUT));
      inputs.add(dropout.factors(tf, shape(tf, batch, sizes.hidden()), HIDDEN_DROPOUT));
    }
  }

  private static Operand<TInt32> shape(Ops tf, Operand<TInt32> batch, int width) {
    return tf.stack(List.of(batch, tf.constant(width)));
  }

  /** A row for each text of the batch: its number, and what dropout keeps of it. */
  List<Operand<?>> inputs() {
    return inputs;
  }

  @Override
  @SuppressWarnings("unchecked") // The types are those of the constructor.
  public Operand<TFloat32> logits(Ops tf, List<Operand<?>> rows) {
    Operand<TInt32> chosen = (Operand<TInt32>) rows.get(0);
    boolean all = chosen == inputs.get(0);
    Operand<TFloat32> pooled = all ? poolAll(tf) : pool(tf, chosen);
    if (rows.size() == 1) {
      return model.logits(tf, model.hidden(tf, pooled));
    }
    Operand<TFloat32> kept = tf.math.mul(pooled, (Operand<TFloat32>) rows.get(1));
    Operand<TFloat32> hidden = model.hidden(tf, kept);
    return model.logits(tf, tf.math.mul(hidden, (Operand<TFloat32>) rows.get(2)));
  }

  private Operand<TFloat32> poolAll(Ops tf) {
    return pool(tf, feeds.ngrams(), feeds.texts(), feeds.batch(tf));
  }

  /** The chosen texts become 0, 1, …, and the n-grams of all others are left out. */
  private Operand<TFloat32> pool(Ops tf, Operand<TInt32> chosen) {
    Operand<TInt32> count = tf.size(chosen);
    Operand<TInt32> none = tf.fill(tf.shape(feeds.classes()), tf.constant(-1));
    Operand<TInt32> places =
        tf.tensorScatterNdUpdate(
            none,
            tf.expandDims(chosen, tf.constant(1)),
            tf.range(tf.constant(0), count, tf.constant(1)));
    Operand<TInt32> place = tf.gather(places, feeds.texts(), tf.constant(0));
    Operand<TInt64> kept = Rows.where(tf, tf.math.greaterEqual(place, tf.constant(0)));
    return pool(tf, Rows.take(tf, feeds.ngrams(), kept), Rows.take(tf, place, kept), count);
  }

  private Operand<TFloat32> pool(
      Ops tf, Operand<TInt32> ngrams, Operand<TInt32> texts, Operand<TInt32> count) {
    Operand<TFloat32> embedded = model.embed(tf, ngrams);
    latestLookup = new Lookup(ngrams, embedded);
    return model.pool(tf, embedded, texts, count);
  }

  /** What the latest call of {@link #logits} looked up. */
  Lookup latestLookup() {
    return Objects.requireNonNull(latestLookup, "logits must be called first");
  }
}

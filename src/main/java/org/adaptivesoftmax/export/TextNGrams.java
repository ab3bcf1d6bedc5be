package org.adaptivesoftmax.export;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.text.NGrams;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.strings.Join;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The known n-grams of a batch of texts, found in the graph as {@link NGrams} finds them: all words, then all pairs.
 *
 * @param ngrams their ranks, [n]
 * @param texts the text that each is in, [n]
 */
record TextNGrams(Operand<TInt32> ngrams, Operand<TInt32> texts) {
  private static final long UNKNOWN = -1;

  /**
   * Finds n-grams.
   *
   * @param texts [batch]
   * @param vocabulary the known n-grams, by rank
   * @param maxWords of a text, whose last ones are read
   */
  static TextNGrams of(Ops tf, Operand<TString> texts, AssetLines vocabulary, int maxWords) {
    Ops scope = tf.withSubScope("ngrams");
    TextWords words =
        TextWords.of(scope, texts).last(scope, scope.size(texts, TInt64.class), maxWords);
    Operand<TInt64> row = words.row();
    Operand<TInt64> pairs =
        Rows.where(scope, scope.math.equal(allButLast(scope, row), allButFirst(scope, row)));
    Operand<TString> pair =
        scope.strings.join(
            List.of(
                Rows.take(scope, allButLast(scope, words.words()), pairs),
                Rows.take(scope, allButFirst(scope, words.words()), pairs)),
            Join.separator(NGrams.SEPARATOR));
    Operand<TInt32> zero = scope.constant(0);
    Operand<TInt64> ranks =
        vocabulary.numbers(scope, scope.concat(List.of(words.words(), pair), zero), UNKNOWN);
    Operand<TInt64> rows = scope.concat(List.of(row, Rows.take(scope, row, pairs)), zero);
    Operand<TInt64> known = Rows.where(scope, scope.math.notEqual(ranks, scope.constant(UNKNOWN)));
    return new TextNGrams(
        scope.dtypes.cast(Rows.take(scope, ranks, known), TInt32.class),
        scope.dtypes.cast(Rows.take(scope, rows, known), TInt32.class));
  }

  private static <T extends TType> Operand<T> allButLast(Ops tf, Operand<T> values) {
    return tf.stridedSlice(values, Indices.sliceTo(-1));
  }

  private static <T extends TType> Operand<T> allButFirst(Ops tf, Operand<T> values) {
    return tf.stridedSlice(values, Indices.sliceFrom(1));
  }
}

package org.adaptivesoftmax.export;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * {@link WordPieceTokenizer} in a graph, from texts to the ids that an encoder takes. Both sides agree on every text.
 *
 * @param tokenizer the same in Java
 * @param characters its characters
 * @param vocabulary its pieces
 */
record TextTokens(WordPieceTokenizer tokenizer, CharacterTable characters, AssetLines vocabulary) {
  private static final String VOCABULARY = "vocabulary.txt";

  /** Adds both tables to the graph. */
  static TextTokens create(Ops tf, WordPieceTokenizer tokenizer) {
    return new TextTokens(
        tokenizer,
        CharacterTable.create(tf, tokenizer.characters()),
        AssetLines.create(tf, "pieces", VOCABULARY, tokenizer.pieces()));
  }

  /** The operations that fill the tables. */
  List<Op> inits() {
    return List.of(characters.init(), vocabulary.init());
  }

  /**
   * The ids of texts, [batch, time]: those of each text from its start to its end, then padding.
   *
   * @param texts [batch]
   * @param longest how many ids a text has at most
   */
  Operand<TInt32> ids(Ops tf, Operand<TString> texts, int longest) {
    Ops scope = tf.withSubScope("tokens");
    StringSplit split =
        scope.strings.stringSplit(characters.replace(scope, texts), scope.constant(""));
    WordPieces pieces = WordPieces.of(scope, split.values(), vocabulary, tokenizer);
    Operand<TInt64> row =
        Rows.take(
            scope,
            scope.stridedSlice(split.indices(), Indices.all(), Indices.at(0)),
            pieces.words());
    return matrix(scope, pieces.ids(), row, scope.size(texts, TInt64.class), longest);
  }

  private Operand<TInt32> matrix(
      Ops tf, Operand<TInt32> ids, Operand<TInt64> row, Operand<TInt64> batch, int longest) {
    Operand<TInt64> one = tf.constant(1L);
    Operand<TInt64> most = tf.constant(longest - 2L);
    Operand<TInt64> counts = tf.math.unsortedSegmentSum(tf.onesLike(row), row, batch);
    Operand<TInt64> all = tf.range(tf.constant(0L), tf.size(row, TInt64.class), one);
    Operand<TInt64> place = tf.math.sub(all, Rows.take(tf, Segments.starts(tf, counts), row));
    Operand<TInt64> kept = Rows.where(tf, tf.math.less(place, most));
    Operand<TInt64> lengths = tf.math.minimum(counts, most);
    Operand<TInt64> longestHere =
        tf.reduceMax(
            tf.concat(List.of(lengths, tf.constant(new long[] {0})), tf.constant(0)),
            tf.constant(0));
    Operand<TInt64> rows = tf.range(tf.constant(0L), batch, one);
    Operand<TInt32> padding =
        tf.fill(
            tf.stack(List.of(batch, tf.math.add(longestHere, tf.constant(2L)))),
            tf.constant(tokenizer.id(WordPieceTokenizer.PADDING)));
    Operand<TInt32> begun =
        put(tf, padding, rows, tf.zerosLike(rows), every(tf, rows, WordPieceTokenizer.START));
    Operand<TInt32> filled =
        put(
            tf,
            begun,
            Rows.take(tf, row, kept),
            tf.math.add(Rows.take(tf, place, kept), one),
            Rows.take(tf, ids, kept));
    return put(
        tf, filled, rows, tf.math.add(lengths, one), every(tf, rows, WordPieceTokenizer.END));
  }

  private Operand<TInt32> every(Ops tf, Operand<TInt64> rows, String piece) {
    return tf.fill(tf.shape(rows), tf.constant(tokenizer.id(piece)));
  }

  private static Operand<TInt32> put(
      Ops tf,
      Operand<TInt32> into,
      Operand<TInt64> rows,
      Operand<TInt64> columns,
      Operand<TInt32> ids) {
    return tf.tensorScatterNdUpdate(into, tf.stack(List.of(rows, columns), Stack.axis(1L)), ids);
  }
}

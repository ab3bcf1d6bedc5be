package org.adaptivesoftmax.export;

import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Tokenizer.Replacement;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.op.strings.RegexReplace;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * The words of a batch of texts, divided in the graph by {@link Tokenizer}'s rule and listed text by text.
 *
 * @param row the text that each word is in, [words]
 * @param place each word's place in its text, counted from 0, [words]
 * @param words the words, [words]
 * @param longest the most words of a text, a scalar
 */
record TextWords(
    Operand<TInt64> row, Operand<TInt64> place, Operand<TString> words, Operand<TInt64> longest) {
  /**
   * Divides texts.
   *
   * @param texts [batch]
   */
  static TextWords of(Ops tf, Operand<TString> texts) {
    Operand<TString> spaced = texts;
    for (Replacement replacement : Tokenizer.REPLACEMENTS) {
      spaced =
          tf.strings.regexReplace(
              spaced,
              tf.constant(replacement.pattern()),
              tf.constant(replacement.rewrite()),
              RegexReplace.replaceGlobal(true));
    }
    StringSplit split =
        tf.strings.stringSplit(tf.strings.lower(spaced, Lower.encoding("utf-8")), tf.constant(""));
    return new TextWords(
        column(tf, split.indices(), 0),
        column(tf, split.indices(), 1),
        split.values(),
        tf.stridedSlice(split.shape(), Indices.at(1)));
  }

  /**
   * The last words of each text.
   *
   * @param batch number of texts
   * @param count how many words of a text at most
   */
  TextWords last(Ops tf, Operand<TInt64> batch, int count) {
    Operand<TInt64> most = tf.constant((long) count);
    Operand<TInt64> lengths = tf.math.unsortedSegmentSum(tf.onesLike(row), row, batch);
    Operand<TInt64> before = tf.math.maximum(tf.math.sub(lengths, most), tf.constant(0L));
    Operand<TInt64> places = tf.math.sub(place, tf.gather(before, row, tf.constant(0)));
    Operand<TInt64> kept = Rows.where(tf, tf.math.greaterEqual(places, tf.constant(0L)));
    return new TextWords(
        Rows.take(tf, row, kept),
        Rows.take(tf, places, kept),
        Rows.take(tf, words, kept),
        tf.math.minimum(longest, most));
  }

  private static Operand<TInt64> column(Ops tf, Operand<TInt64> matrix, int column) {
    return tf.stridedSlice(matrix, Indices.all(), Indices.at(column));
  }
}

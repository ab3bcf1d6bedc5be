package org.adaptivesoftmax.serving;

import java.util.List;
import org.adaptivesoftmax.vocabulary.Tokenizer;
import org.adaptivesoftmax.vocabulary.Tokenizer.Replacement;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.op.strings.RegexReplace;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * A batch of texts, divided by {@link Tokenizer}'s rule and ranked, all in the graph. Words are listed text by text.
 *
 * @param row the text that each word is in, [words]
 * @param place each word's place in its text, counted from 0, [words]
 * @param ranks each word's rank, [words]
 * @param lengths number of words of each text, [batch]
 * @param inputs what a network reads, time-major: the boundary, then the text's words, then padding; [longest + 1,
 *     batch]. Padding is the boundary too; whatever is computed from it must not be used.
 */
record EncodedTexts(
    Operand<TInt64> row,
    Operand<TInt64> place,
    Operand<TInt32> ranks,
    Operand<TInt64> lengths,
    Operand<TInt32> inputs) {

  /**
   * Divides and ranks texts.
   *
   * @param texts [batch]
   */
  static EncodedTexts of(Ops tf, Operand<TString> texts, VocabularyTables vocabulary) {
    Ops scope = tf.withSubScope("encode");
    StringSplit split = split(scope, texts);
    Operand<TInt64> row = column(scope, split.indices(), 0);
    Operand<TInt64> place = column(scope, split.indices(), 1);
    Operand<TInt32> ranks = vocabulary.ranks(scope, split.values());
    Operand<TInt64> batch = scope.size(texts, TInt64.class);
    Operand<TInt64> lengths = scope.math.unsortedSegmentSum(scope.onesLike(row), row, batch);
    Operand<TInt64> longest = scope.stridedSlice(split.shape(), Indices.at(1));
    Operand<TInt64> time = scope.math.add(longest, scope.constant(1L));
    Operand<TInt32> boundaries =
        scope.fill(scope.stack(List.of(time, batch)), vocabulary.boundary(scope));
    Operand<TInt64> after = scope.math.add(place, scope.constant(1L));
    Operand<TInt32> inputs =
        scope.tensorScatterNdUpdate(boundaries, positions(scope, after, row), ranks);
    return new EncodedTexts(row, place, ranks, lengths, inputs);
  }

  private static StringSplit split(Ops tf, Operand<TString> texts) {
    Operand<TString> spaced = texts;
    for (Replacement replacement : Tokenizer.REPLACEMENTS) {
      spaced =
          tf.strings.regexReplace(
              spaced,
              tf.constant(replacement.pattern()),
              tf.constant(replacement.rewrite()),
              RegexReplace.replaceGlobal(true));
    }
    return tf.strings.stringSplit(
        tf.strings.lower(spaced, Lower.encoding("utf-8")), tf.constant(""));
  }

  private static Operand<TInt64> column(Ops tf, Operand<TInt64> matrix, int column) {
    return tf.stridedSlice(matrix, Indices.all(), Indices.at(column));
  }

  /** Indices into a time-major tensor. */
  static Operand<TInt64> positions(Ops tf, Operand<TInt64> time, Operand<TInt64> row) {
    return tf.stack(List.of(time, row), Stack.axis(1L));
  }

  /** All texts, [batch]. */
  Operand<TInt64> rows(Ops tf) {
    return tf.range(tf.constant(0L), tf.size(lengths, TInt64.class), tf.constant(1L));
  }

  /** The texts that have a word. */
  Operand<TInt64> rowsWithWords(Ops tf) {
    return tf.squeeze(
        tf.where(tf.math.greater(lengths, tf.constant(0L))), Squeeze.axis(List.of(1L)));
  }
}

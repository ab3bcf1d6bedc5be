package org.adaptivesoftmax.export;

import java.util.List;
import org.adaptivesoftmax.text.Tokenizer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.core.Stack;
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
   * @param maxWords of a text, whose last ones are read
   */
  static EncodedTexts of(
      Ops tf, Operand<TString> texts, VocabularyTables vocabulary, int maxWords) {
    Ops scope = tf.withSubScope("encode");
    Operand<TInt64> batch = scope.size(texts, TInt64.class);
    TextWords words = TextWords.of(scope, texts).last(scope, batch, maxWords);
    Operand<TInt64> row = words.row();
    Operand<TInt64> place = words.place();
    Operand<TInt32> ranks = vocabulary.ranks(scope, words.words());
    Operand<TInt64> lengths = scope.math.unsortedSegmentSum(scope.onesLike(row), row, batch);
    Operand<TInt64> time = scope.math.add(words.longest(), scope.constant(1L));
    Operand<TInt32> boundaries =
        scope.fill(scope.stack(List.of(time, batch)), vocabulary.boundary(scope));
    Operand<TInt64> after = scope.math.add(place, scope.constant(1L));
    Operand<TInt32> inputs =
        scope.tensorScatterNdUpdate(boundaries, positions(scope, after, row), ranks);
    return new EncodedTexts(row, place, ranks, lengths, inputs);
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

package org.adaptivesoftmax.training;

import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LstmInput;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unique;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A window's words as the LSTM reads them. Without dropout equal words are equal rows, so each distinct word is one row:
 * half of them, in a window of 640 words of running text. Dropout makes every word a row of its own.
 *
 * @param ids the word of each row
 * @param input the rows, and where they are read
 * @param dropout what was dropped of the rows
 */
record WindowWords(Operand<TInt32> ids, LstmInput input, StatelessDropout.Mask dropout) {
  /**
   * Looks words up.
   *
   * @param words time-major, [steps · batch]
   * @param place of {@code dropout}'s mask
   */
  static WindowWords of(
      Ops tf, LanguageModel model, Operand<TInt32> words, StatelessDropout dropout, int place) {
    if (dropout.rate() == 0) {
      Unique<TInt32, TInt32> distinct = tf.unique(words, tf.constant(new int[] {0}));
      Operand<TFloat32> rows = model.embed(tf, distinct.y());
      return new WindowWords(
          distinct.y(), new LstmInput(rows, distinct.idx()), dropout.mask(tf, rows, place));
    }
    Operand<TFloat32> rows = model.embed(tf, words);
    StatelessDropout.Mask mask = dropout.mask(tf, rows, place);
    return new WindowWords(words, new LstmInput(mask.apply(tf, rows), null), mask);
  }

  /**
   * The gradient of the embedding's rows.
   *
   * @param byInput the gradient of the input's rows
   */
  LazyAdam.RowGradients gradients(Ops tf, Operand<TFloat32> byInput) {
    return input.places() == null
        ? LazyAdam.sumDuplicates(tf, ids, dropout.apply(tf, byInput))
        : new LazyAdam.RowGradients(ids, byInput);
  }
}

package org.adaptivesoftmax.export;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.strings.StringLength;
import org.tensorflow.op.strings.Substr;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Words, each cut into the longest pieces of a vocabulary, in the graph. For each character of each word the longest piece
 * that begins there is looked up, whether or not the word is cut there; that makes each character point to the one after its
 * piece. Where a word is cut is what its first character leads to, found by doubling: with k steps known, 2k are.
 *
 * @param ids of all pieces, word by word, [pieces]
 * @param words the word that each is in, [pieces]
 */
record WordPieces(Operand<TInt32> ids, Operand<TInt32> words) {
  private static final String UNIT = "UTF8_CHAR";
  private static final long NO_PIECE = -1;

  /** Two to the power of this is at least {@link WordPieceTokenizer#LONGEST_WORD}, the most pieces of a word. */
  private static final int DOUBLINGS = 7;

  /**
   * The characters of all words; of a word that is too long, the first alone.
   *
   * @param words the words, [words]
   * @param tooLong which words are never cut, [words]
   * @param starts first character of each word, [words]
   * @param word the word of each character, [characters]
   * @param place of each character in its word, [characters]
   * @param left how many characters its word has from it on, [characters]
   */
  private record Characters(
      Operand<TString> words,
      Operand<TBool> tooLong,
      Operand<TInt32> starts,
      Operand<TInt32> word,
      Operand<TInt32> place,
      Operand<TInt32> left) {
    static Characters of(Ops tf, Operand<TString> words) {
      Operand<TInt32> lengths = tf.strings.stringLength(words, StringLength.unit(UNIT));
      Operand<TBool> tooLong =
          tf.math.greater(lengths, tf.constant(WordPieceTokenizer.LONGEST_WORD));
      Operand<TInt32> kept = tf.select(tooLong, tf.constant(1), lengths);
      Operand<TInt32> starts = Segments.starts(tf, kept);
      Operand<TInt32> all =
          tf.range(tf.constant(0), tf.reduceSum(kept, tf.constant(0)), tf.constant(1));
      Operand<TInt32> word = Segments.containing(tf, starts, all);
      Operand<TInt32> place = tf.math.sub(all, Rows.take(tf, starts, word));
      return new Characters(
          words, tooLong, starts, word, place, tf.math.sub(Rows.take(tf, kept, word), place));
    }

    Operand<TInt32> count(Ops tf) {
      return tf.size(word);
    }
  }

  /**
   * The longest piece that begins at each character.
   *
   * @param ids of the pieces; meaningless where there is none
   * @param lengths of the pieces in characters, 0 where there is none
   */
  private record Longest(Operand<TInt32> ids, Operand<TInt32> lengths) {
    static Longest of(
        Ops tf, Characters characters, AssetLines vocabulary, WordPieceTokenizer tokenizer) {
      Operand<TString> word = Rows.take(tf, characters.words, characters.word);
      Operand<TString> before =
          tf.select(
              tf.math.equal(characters.place, tf.constant(0)),
              tf.constant(""),
              tf.constant(WordPieceTokenizer.CONTINUATION));
      Operand<TInt32> ids = tf.zerosLike(characters.word);
      Operand<TInt32> lengths = ids;
      for (int length = 1; length <= tokenizer.longestPiece(); length++) {
        Operand<TInt32> of = tf.fill(tf.shape(ids), tf.constant(length));
        Operand<TString> piece =
            tf.strings.join(
                List.of(before, tf.strings.substr(word, characters.place, of, Substr.unit(UNIT))));
        Operand<TInt64> id = vocabulary.numbers(tf, piece, NO_PIECE);
        Operand<TBool> found =
            tf.math.logicalAnd(
                tf.math.notEqual(id, tf.constant(NO_PIECE)),
                tf.math.lessEqual(of, characters.left));
        ids = tf.select(found, tf.dtypes.cast(id, TInt32.class), ids);
        lengths = tf.select(found, of, lengths);
      }
      return new Longest(ids, lengths);
    }
  }

  /**
   * Cuts words.
   *
   * @param words none of them empty, [words]
   * @param vocabulary the pieces by id
   */
  static WordPieces of(
      Ops tf, Operand<TString> words, AssetLines vocabulary, WordPieceTokenizer tokenizer) {
    Characters characters = Characters.of(tf, words);
    Longest longest = Longest.of(tf, characters, vocabulary, tokenizer);
    Operand<TBool> cut = cuts(tf, characters, longest);
    Operand<TBool> stuck = tf.math.logicalAnd(cut, tf.math.equal(longest.lengths, tf.constant(0)));
    Operand<TInt32> stuckInWord =
        tf.math.unsortedSegmentMax(
            tf.dtypes.cast(stuck, TInt32.class), characters.word, tf.size(words));
    Operand<TBool> unknown =
        tf.math.logicalOr(tf.math.greater(stuckInWord, tf.constant(0)), characters.tooLong);
    Operand<TBool> ofUnknown = Rows.take(tf, unknown, characters.word);
    Operand<TBool> first = tf.math.equal(characters.place, tf.constant(0));
    Operand<TInt64> pieces =
        Rows.where(
            tf, tf.math.logicalAnd(cut, tf.math.logicalOr(tf.math.logicalNot(ofUnknown), first)));
    Operand<TInt32> ids =
        tf.select(ofUnknown, tf.constant(tokenizer.id(WordPieceTokenizer.UNKNOWN)), longest.ids);
    return new WordPieces(Rows.take(tf, ids, pieces), Rows.take(tf, characters.word, pieces));
  }

  /** Which characters begin a piece of their word. The end of a word is the start of the next, which begins one anyway. */
  private static Operand<TBool> cuts(Ops tf, Characters characters, Longest longest) {
    Operand<TInt32> count = characters.count(tf);
    Operand<TInt32> places =
        tf.math.add(count, tf.constant(1)); // one more, for the end of the last word
    Operand<TInt32> own = tf.range(tf.constant(0), places, tf.constant(1));
    Operand<TInt32> none = tf.constant(new int[] {0});
    Operand<TInt32> next =
        tf.math.add(own, tf.concat(List.of(longest.lengths, none), tf.constant(0)));
    Operand<TInt32> reached =
        tf.dtypes.cast(
            tf.concat(
                List.of(
                    tf.math.equal(characters.place, tf.constant(0)),
                    tf.constant(new boolean[] {false})),
                tf.constant(0)),
            TInt32.class);
    for (int i = 0; i < DOUBLINGS; i++) {
      reached = tf.math.maximum(reached, tf.math.unsortedSegmentMax(reached, next, places));
      next = Rows.take(tf, next, next);
    }
    Operand<TBool> begins = tf.math.greater(reached, tf.constant(0));
    return tf.slice(begins, none, tf.expandDims(count, tf.constant(0)));
  }
}

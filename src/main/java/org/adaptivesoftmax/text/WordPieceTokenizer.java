package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * BERT's tokenizer (Devlin et al., 2019): characters are replaced by the rule of {@link BertCharacters}, the text is divided
 * at spaces, and each word is cut into the longest pieces of a vocabulary, from its start on. A piece that does not begin a
 * word stands in the vocabulary with {@value #CONTINUATION} before it. A word of more than {@value #LONGEST_WORD}
 * characters, or with a rest that no piece begins, is {@value #UNKNOWN} as a whole.
 *
 * <p>A text is always a text: what looks like one of the vocabulary's own entries, such as {@code [SEP]}, is divided as any
 * other word.
 *
 * <p>Immutable; it may be used from any thread.
 */
public final class WordPieceTokenizer {
  /** Fills up texts that are shorter than others of their batch. */
  public static final String PADDING = "[PAD]";

  /** Stands for a word without pieces. */
  public static final String UNKNOWN = "[UNK]";

  /** Begins a text. */
  public static final String START = "[CLS]";

  /** Ends a text. */
  public static final String END = "[SEP]";

  /** What stands before a piece that goes on with a word. */
  public static final String CONTINUATION = "##";

  /** The most characters of a word that is cut into pieces. */
  public static final int LONGEST_WORD = 100;

  private final List<String> pieces;
  private final Map<String, Integer> ids;
  private final BertCharacters characters;
  private final int longestPiece;

  private WordPieceTokenizer(List<String> pieces, BertCharacters characters) {
    this.pieces = List.copyOf(pieces);
    this.characters = characters;
    ids = new HashMap<>(2 * pieces.size());
    for (String piece : pieces) {
      Require.argument(
          ids.put(piece, ids.size()) == null, "pieces must be distinct: '%s' twice", piece);
    }
    for (String entry : List.of(PADDING, UNKNOWN, START, END)) {
      Require.argument(ids.containsKey(entry), "pieces must have an entry %s", entry);
    }
    longestPiece =
        pieces.stream()
            .mapToInt(piece -> piece.codePointCount(0, piece.length()))
            .max()
            .orElseThrow();
  }

  /**
   * A tokenizer of a vocabulary.
   *
   * @param pieces by id; those of {@link #PADDING}, {@link #UNKNOWN}, {@link #START} and {@link #END} among them
   * @param characters what becomes of characters first
   * @throws IllegalArgumentException if a piece stands there twice, or one of the four does not
   */
  public static WordPieceTokenizer of(List<String> pieces, BertCharacters characters) {
    return new WordPieceTokenizer(pieces, characters);
  }

  /**
   * Reads the tokenizer of a Hugging Face directory: {@code tokenizer.json}, or else {@code vocab.txt} with the settings of
   * {@code tokenizer_config.json}, if there is one.
   *
   * @param directory of the model
   * @throws TextFileException if neither file is there, or one is no BERT tokenizer's; the message names it
   * @throws IllegalStateException if Jackson is not on the class path, unless there is {@code vocab.txt} alone
   * @throws IOException if a file cannot be read
   */
  public static WordPieceTokenizer read(Path directory) throws IOException {
    return WordPieceFiles.read(directory);
  }

  /** {@return the pieces by id} */
  public List<String> pieces() {
    return pieces;
  }

  /** {@return what becomes of characters} */
  public BertCharacters characters() {
    return characters;
  }

  /** {@return the most characters of a piece} */
  public int longestPiece() {
    return longestPiece;
  }

  /**
   * The id of an entry.
   *
   * @param piece one of {@link #pieces}
   * @throws IllegalArgumentException if there is none
   */
  public int id(String piece) {
    int id = ids.getOrDefault(piece, -1);
    Require.argument(id >= 0, "no such piece: %s", piece);
    return id;
  }

  /**
   * The pieces of a text.
   *
   * @param text any text
   * @param longest how many ids there are at most, from 2 on; what is over is left out at the end
   * @return the id of {@link #START}, those of the text, and that of {@link #END}
   */
  public int[] encode(String text, int longest) {
    Require.argument(longest >= 2, "longest must be at least 2: %s", longest);
    RankList found = new RankList();
    found.add(id(START));
    for (String word : Tokenizer.splitAtSpaces(characters.of(text))) {
      if (found.size() >= longest) {
        break;
      }
      append(found, word.codePoints().toArray());
    }
    int[] encoded = Arrays.copyOf(found.toArray(), Math.min(found.size() + 1, longest));
    encoded[encoded.length - 1] = id(END);
    return encoded;
  }

  private void append(RankList found, int[] word) {
    RankList parts = new RankList();
    int start = 0;
    while (start < word.length && word.length <= LONGEST_WORD) {
      int end = Math.min(word.length, start + longestPiece);
      Integer id = piece(word, start, end);
      while (id == null && end > start + 1) {
        id = piece(word, start, --end);
      }
      if (id == null) {
        break;
      }
      parts.add(id);
      start = end;
    }
    if (start < word.length) {
      found.add(id(UNKNOWN));
    } else {
      Arrays.stream(parts.toArray()).forEach(found::add);
    }
  }

  private @Nullable Integer piece(int[] word, int start, int end) {
    String text = new String(word, start, end - start);
    return ids.get(start == 0 ? text : CONTINUATION + text);
  }
}

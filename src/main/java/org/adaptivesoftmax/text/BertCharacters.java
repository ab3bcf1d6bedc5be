package org.adaptivesoftmax.text;

import java.text.Normalizer;
import java.util.Locale;

/**
 * What BERT's tokenizer makes of each character, before it divides a text at spaces: a function of the character alone, so
 * that it is a table in a graph.
 *
 * <ul>
 *   <li>Control, format and private characters vanish; white space is a space.
 *   <li>A CJK ideograph and a sign of punctuation stand alone, between spaces. Every ASCII sign that is neither letter nor
 *       digit counts as punctuation.
 *   <li>Accents vanish: the canonical decomposition without its non-spacing marks. Hangul syllables become their letters.
 *   <li>Letters become small, each by itself.
 * </ul>
 *
 * <p>That is {@code BertNormalizer} and {@code BertPreTokenizer} of Hugging Face's tokenizers. Both sides agree on every
 * character that their versions of Unicode agree on.
 *
 * @param lowerCase whether letters become small
 * @param stripAccents whether accents vanish
 * @param spaceIdeographs whether CJK ideographs stand alone
 */
public record BertCharacters(boolean lowerCase, boolean stripAccents, boolean spaceIdeographs) {
  /** Those of BERT's models without case. */
  public static final BertCharacters UNCASED = new BertCharacters(true, true, true);

  /** Those of BERT's models with case. */
  public static final BertCharacters CASED = new BertCharacters(false, false, true);

  /** First and last character of each block of ideographs, in increasing order. */
  private static final int[][] IDEOGRAPHS = {
    {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},
    {0xF900, 0xFAFF},
    {0x20000, 0x2A6DF},
    {0x2A700, 0x2B73F},
    {0x2B740, 0x2B81F},
    {0x2B920, 0x2CEAF},
    {0x2F800, 0x2FA1F}
  };

  private static final int REPLACEMENT = 0xFFFD;

  /**
   * What becomes of a character.
   *
   * @param codePoint of the character
   * @return a text of its parts, with spaces where it is divided; empty if it vanishes
   */
  public String of(int codePoint) {
    if (isSpace(codePoint)) {
      return " ";
    }
    if (codePoint == REPLACEMENT || isControl(codePoint)) {
      return "";
    }
    String text = Character.toString(codePoint);
    if (stripAccents && Character.isDefined(codePoint)) {
      text = withoutMarks(Normalizer.normalize(text, Normalizer.Form.NFD));
    }
    StringBuilder parts = new StringBuilder();
    text.codePoints().forEach(part -> append(parts, part));
    return spaceIdeographs && isIdeograph(codePoint) ? " " + parts + " " : parts.toString();
  }

  private void append(StringBuilder parts, int codePoint) {
    String part = Character.toString(codePoint);
    String cased = lowerCase ? part.toLowerCase(Locale.ROOT) : part;
    parts.append(isPunctuation(codePoint) ? " " + cased + " " : cased);
  }

  /** A text with each of its characters replaced. */
  String of(String text) {
    StringBuilder parts = new StringBuilder(text.length());
    text.codePoints().forEach(codePoint -> parts.append(of(codePoint)));
    return parts.toString();
  }

  private static String withoutMarks(String text) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .filter(part -> Character.getType(part) != Character.NON_SPACING_MARK)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  /** Whether a character is a CJK ideograph. */
  private static boolean isIdeograph(int codePoint) {
    for (int[] block : IDEOGRAPHS) {
      if (codePoint >= block[0] && codePoint <= block[1]) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSpace(int codePoint) {
    return (codePoint >= '\t' && codePoint <= '\r' && codePoint != 0x0B && codePoint != 0x0C)
        || Character.isSpaceChar(codePoint);
  }

  private static boolean isControl(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
      default -> false;
    };
  }

  private static boolean isPunctuation(int codePoint) {
    if (codePoint < 0x80) {
      return codePoint > ' ' && codePoint < 0x7F && !Character.isLetterOrDigit(codePoint);
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }
}

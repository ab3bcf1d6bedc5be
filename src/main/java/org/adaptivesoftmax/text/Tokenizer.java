package org.adaptivesoftmax.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * The one rule that divides text into words, in training and, built from the same list as graph operations, in a
 * SavedModel.
 *
 * <p>Each of {@link #REPLACEMENTS} is applied to the whole text in order, the result is lower-cased and split at spaces.
 * A word is then a run of letters, marks and digits with apostrophes and hyphens inside it ({@code
 * don't}, {@code well-known}, {@code 1914-1918}); every other sign, and an apostrophe or hyphen that is not inside a
 * word, is a word of its own. White space and control characters separate words; format characters and variation
 * selectors vanish; typographic apostrophes and hyphens become the ASCII ones.
 *
 * <pre>{@code
 * Tokenizer.words("The dogs' owner can't pay $1,000.")
 *     // the dogs ' owner can't pay $ 1 , 000 .
 * }</pre>
 *
 * <p>In a TensorFlow graph the rule is one {@code regexReplace} with {@code replaceGlobal} per replacement, {@code
 * strings.lower} with encoding {@code utf-8}, and {@code stringSplit} at white space. Both sides agree on every
 * character that their versions of Unicode agree on.
 */
public final class Tokenizer {
  private static final String SPACES =
      "\\x00-\\x1F\\x7F-\\xA0\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}";

  /** What happens to a text before it is lower-cased, in this order. */
  public static final List<Replacement> REPLACEMENTS =
      List.of(
          new Replacement("[\\p{Cf}\\x{FE00}-\\x{FE0F}]", ""),
          new Replacement("[" + SPACES + "]", " "),
          new Replacement("\\x{2019}", "'"),
          new Replacement("[\\x{2010}\\x{2011}]", "-"),
          // Every sign stands alone; from here on a text holds words, apostrophes, hyphens, spaces.
          new Replacement("([^\\p{L}\\p{M}\\p{N}'\\- ])", " \\1 "),
          // Without lookaround a match may not need what an earlier one consumed: first break runs
          // up, then free the single apostrophe or hyphen at the start and at the end of a word.
          new Replacement("(['\\-])(['\\-])", " \\1 \\2 "),
          new Replacement("(\\A| )(['\\-])", "\\1\\2 "),
          new Replacement("(['\\-])( |\\z)", " \\1\\2"),
          // Java and ICU lower a sigma at the end of a word by different rules.
          new Replacement("([\\p{L}\\p{M}\\p{N}])\\x{03A3}( |\\z)", "\\1\u03C2\\2"),
          new Replacement("\\x{03A3}", "\u03C3"));

  /** Names this rule, in counts and elsewhere: it changes with {@link #REPLACEMENTS}. */
  public static final String ID =
      "adaptive-softmax-words-"
          + Sha256.of(REPLACEMENTS.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 8);

  /**
   * Replacement of every match of a pattern.
   *
   * @param pattern in the syntax that RE2 and {@link Pattern} share, with the same meaning in both
   * @param rewrite in RE2's syntax: {@code \1} is the first group
   */
  public record Replacement(String pattern, String rewrite) {}

  private record Compiled(Pattern pattern, String rewrite) {
    static Compiled of(Replacement replacement) {
      return new Compiled(
          Pattern.compile(replacement.pattern()),
          replacement.rewrite().replaceAll("\\\\(\\d)", "\\$$1"));
    }
  }

  private static final List<Compiled> COMPILED = REPLACEMENTS.stream().map(Compiled::of).toList();

  private Tokenizer() {}

  /**
   * Divides a text into words.
   *
   * @param text any text
   * @return its words in order; none if it holds nothing but white space
   */
  public static List<String> words(String text) {
    String spaced = text;
    for (Compiled replacement : COMPILED) {
      spaced = replacement.pattern().matcher(spaced).replaceAll(replacement.rewrite());
    }
    return splitAtSpaces(spaced.toLowerCase(Locale.ROOT));
  }

  /** The words between spaces, none of them empty. */
  static List<String> splitAtSpaces(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf(' ', start);
      end = end < 0 ? text.length() : end;
      if (end > start) {
        words.add(text.substring(start, end));
      }
      start = end + 1;
    }
    return words;
  }
}

package org.adaptivesoftmax.internal.tensors;

import java.util.Map;
import org.tensorflow.ndarray.NdArray;

/**
 * How many words the texts of a request may have, without dividing them: what a run is planned by. Rules that divide text
 * differ; none gives more words than runs of letters and digits and other signs together.
 */
public final class TextLengths {
  private TextLengths() {}

  /**
   * At most so many words a text has.
   *
   * @return for {@code don't stop}, four
   */
  public static int words(String text) {
    int words = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i > 0 && Character.isSurrogatePair(text.charAt(i - 1), c)) {
        continue; // the second half of a character
      }
      boolean letter = Character.isLetterOrDigit(c) || isMark(c);
      if (letter ? !inside : !Character.isWhitespace(c)) {
        words++;
      }
      inside = letter;
    }
    return words;
  }

  private static boolean isMark(char c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }

  /**
   * At most so many words each row has: of its longest text, if it has several. Other inputs have none.
   *
   * @throws IllegalArgumentException if a text is null
   */
  public static int[] ofRows(Map<String, ? extends NdArray<?>> inputs) {
    int rows = (int) BatchSize.of(inputs);
    int[] lengths = new int[rows];
    inputs.forEach(
        (name, input) -> {
          if (isText(input)) {
            for (int row = 0; row < rows; row++) {
              lengths[row] = Math.max(lengths[row], words(input.getObject(row)));
            }
          }
        });
    return lengths;
  }

  /** Whether an input is a text a row. */
  public static boolean isText(NdArray<?> input) {
    return input.rank() == 1 && TensorType.of(input) == TensorType.STRING;
  }

  /** Serialized examples hold their texts as bytes, beside little else. */
  private static int words(Object text) {
    return text instanceof byte[] bytes ? bytes.length / 2 : words((String) text);
  }
}

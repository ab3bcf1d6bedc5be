package org.adaptivesoftmax.text;

import java.util.Comparator;

/**
 * The order of texts by their code points, which is that of their UTF-8 bytes: what {@code sort} gives with {@code LC_ALL=C},
 * and what engines give that compare bytes. A string's natural order differs where code points above U+FFFF are compared
 * with those from U+E000 to U+FFFF.
 */
enum CodePointOrder implements Comparator<String> {
  /** The order. */
  BY_CODE_POINT;

  @Override
  public int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        boolean surrogates = Character.isSurrogate(left) != Character.isSurrogate(right);
        // A surrogate is half of a code point above all that are a single char.
        return surrogates ? (Character.isSurrogate(left) ? 1 : -1) : left - right;
      }
    }
    return a.length() - b.length();
  }
}

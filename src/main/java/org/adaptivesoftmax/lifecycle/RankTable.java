package org.adaptivesoftmax.lifecycle;

import org.adaptivesoftmax.text.Vocabulary;

/**
 * The ranks of each word in a version and in the next, for whoever holds ranks elsewhere.
 *
 * @param older the words before
 * @param newer the words after
 */
record RankTable(Vocabulary older, Vocabulary newer) {
  /**
   * Lines of {@code word<TAB>old rank<TAB>new rank}: old ranks first, in their order, then those of new words; nothing where a word
   * has none.
   */
  String lines() {
    StringBuilder lines = new StringBuilder();
    for (int rank = 0; rank < older.size(); rank++) {
      String word = older.word(rank);
      String after = newer.contains(word) ? Integer.toString(newer.rank(word)) : "";
      lines.append(word).append('\t').append(rank).append('\t').append(after).append('\n');
    }
    for (int rank = 0; rank < newer.size(); rank++) {
      if (!older.contains(newer.word(rank))) {
        lines.append(newer.word(rank)).append("\t\t").append(rank).append('\n');
      }
    }
    return lines.toString();
  }
}

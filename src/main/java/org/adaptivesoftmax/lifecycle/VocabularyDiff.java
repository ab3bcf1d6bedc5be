package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * How a vocabulary differs from an older one. Lists are in the order of rank, the newer rank where a word has both.
 *
 * @param added words that only the newer one has
 * @param dropped words that only the older one has
 * @param moved words of both that stand in another cluster
 * @param kept number of words of both that stand in the same cluster
 */
public record VocabularyDiff(List<Word> added, List<Word> dropped, List<Move> moved, int kept) {
  /**
   * A word of one vocabulary.
   *
   * @param word the word
   * @param cluster where it stands: 0 for the shortlist, i for tail cluster i
   * @param count of the word, 0 if it is not known
   */
  public record Word(String word, int cluster, long count) {}

  /**
   * A migration.
   *
   * @param word the word
   * @param from the older cluster: 0 for the shortlist, i for tail cluster i
   * @param to the newer cluster
   * @param count in the newer vocabulary, 0 if it is not known
   */
  public record Move(String word, int from, int to, long count) {
    /** {@return whether it moved towards the shortlist} */
    public boolean isUp() {
      return to < from;
    }
  }

  /**
   * Copies the lists.
   *
   * @param added words that only the newer one has
   * @param dropped words that only the older one has
   * @param moved words of both that stand in another cluster
   * @param kept number of words of both that stand in the same cluster
   */
  public VocabularyDiff {
    added = List.copyOf(added);
    dropped = List.copyOf(dropped);
    moved = List.copyOf(moved);
  }

  /**
   * Compares two vocabularies.
   *
   * @param older the one before
   * @param newer the one after
   * @return the difference
   */
  public static VocabularyDiff between(ClusteredVocabulary older, ClusteredVocabulary newer) {
    List<Word> added = new ArrayList<>();
    List<Move> moved = new ArrayList<>();
    int kept = 0;
    Vocabulary words = newer.vocabulary();
    for (int rank = 0; rank < words.size(); rank++) {
      Word word = word(newer, rank);
      OptionalInt before = older.cluster(word.word());
      if (before.isEmpty()) {
        added.add(word);
      } else if (before.getAsInt() != word.cluster()) {
        moved.add(new Move(word.word(), before.getAsInt(), word.cluster(), word.count()));
      } else {
        kept++;
      }
    }
    List<Word> dropped = new ArrayList<>();
    for (int rank = 0; rank < older.vocabulary().size(); rank++) {
      if (!words.contains(older.vocabulary().word(rank))) {
        dropped.add(word(older, rank));
      }
    }
    return new VocabularyDiff(added, dropped, moved, kept);
  }

  private static Word word(ClusteredVocabulary words, int rank) {
    return new Word(
        words.vocabulary().word(rank), words.cluster(rank), words.vocabulary().count(rank));
  }

  /** {@return the number of words that moved towards the shortlist} */
  public int movedUp() {
    return (int) moved.stream().filter(Move::isUp).count();
  }

  /** {@return the number of words that moved away from the shortlist} */
  public int movedDown() {
    return moved.size() - movedUp();
  }
}

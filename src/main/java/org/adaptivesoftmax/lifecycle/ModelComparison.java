package org.adaptivesoftmax.lifecycle;

import java.util.List;

/**
 * A model against another one.
 *
 * @param against the directory of the other version
 * @param sameWords whether both have the same words. If not, a word that both have is itself, and all others are one class
 * @param commonWords number of words that both have, without the unknown word
 * @param words how the vocabulary changed from the other model to this one
 * @param slices all tokens, by cluster and by decile
 * @param groupSlices the text of the groups as a whole, and by group; empty without groups
 * @param groups the test of each group that has two lines or more, and is not the whole text
 */
public record ModelComparison(
    String against,
    boolean sameWords,
    int commonWords,
    Words words,
    List<SliceComparison> slices,
    List<SliceComparison> groupSlices,
    List<GroupDifference> groups) {
  /**
   * How a vocabulary changed.
   *
   * @param kept words in the same cluster
   * @param added words that only the reported model has
   * @param dropped words that only the other one has
   * @param movedUp words that moved towards the shortlist
   * @param movedDown words that moved away from it
   */
  public record Words(int kept, int added, int dropped, int movedUp, int movedDown) {
    static Words of(VocabularyDiff diff) {
      return new Words(
          diff.kept(),
          diff.added().size(),
          diff.dropped().size(),
          diff.movedUp(),
          diff.movedDown());
    }
  }

  /** Copies the lists. */
  public ModelComparison {
    slices = List.copyOf(slices);
    groupSlices = List.copyOf(groupSlices);
    groups = List.copyOf(groups);
  }
}

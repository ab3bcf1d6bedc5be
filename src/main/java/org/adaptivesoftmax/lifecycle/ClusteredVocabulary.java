package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Words and the clusters that they stand in.
 *
 * @param vocabulary words by rank
 * @param cutoffs where the ranks are cut into clusters, increasing
 */
public record ClusteredVocabulary(Vocabulary vocabulary, List<Integer> cutoffs) {
  /**
   * Checks the cutoffs.
   *
   * @param vocabulary words by rank
   * @param cutoffs where the ranks are cut into clusters, strictly increasing, each in 1..size−1
   * @throws IllegalArgumentException if they are not
   */
  public ClusteredVocabulary {
    cutoffs = List.copyOf(cutoffs);
    int previous = 0;
    for (int cutoff : cutoffs) {
      Require.argument(
          cutoff > previous && cutoff < vocabulary.size(),
          "cutoffs must increase within 1..%d: %s",
          vocabulary.size() - 1,
          cutoffs);
      previous = cutoff;
    }
  }

  /**
   * Those of a published language model.
   *
   * @param version its directory
   * @return its words and clusters
   * @throws IllegalArgumentException if it is no language model
   * @throws IOException if it cannot be read
   */
  public static ClusteredVocabulary of(Path version) throws IOException {
    PublishedLanguageModel model = PublishedLanguageModel.read(version);
    return new ClusteredVocabulary(model.vocabulary(), model.configuration().plan().cutoffs());
  }

  /** {@return the number of clusters, the shortlist among them} */
  public int clusters() {
    return cutoffs.size() + 1;
  }

  /**
   * The cluster of a rank.
   *
   * @param rank of a word
   * @return 0 for the shortlist, i for tail cluster i, counted from 1
   */
  public int cluster(int rank) {
    int found = Collections.binarySearch(cutoffs, rank);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /**
   * The cluster of a word.
   *
   * @param word as {@link org.adaptivesoftmax.text.Tokenizer} gives it
   * @return as {@link #cluster(int)}; empty if the word is not here
   */
  public OptionalInt cluster(String word) {
    return vocabulary.contains(word)
        ? OptionalInt.of(cluster(vocabulary.rank(word)))
        : OptionalInt.empty();
  }
}

package org.adaptivesoftmax.serving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.adaptivesoftmax.vocabulary.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster of a published model each of its classes is in, as far as the model tells: cutoffs by its provenance, a
 * word's rank by its vocabulary. Reading it needs Jackson ({@code jackson-databind}), an optional dependency of this
 * library.
 */
public final class PublishedClusters {
  private final List<Integer> cutoffs;
  private final @Nullable Vocabulary vocabulary;

  private PublishedClusters(List<Integer> cutoffs, @Nullable Vocabulary vocabulary) {
    this.cutoffs = cutoffs;
    this.vocabulary = vocabulary;
  }

  /**
   * Reads what a version tells.
   *
   * @param version its directory
   * @return empty if it does not tell its cutoffs, or has an order of classes of its own
   * @throws IllegalArgumentException if its provenance is damaged
   * @throws IOException if it cannot be read
   */
  public static Optional<PublishedClusters> of(Path version) throws IOException {
    Map<String, Object> provenance = Provenance.read(version);
    if (!(provenance.get("cutoffs") instanceof List<?> recorded)
        || provenance.containsKey("class_order")) {
      return Optional.empty();
    }
    List<Integer> cutoffs =
        recorded.stream().map(cutoff -> Integer.valueOf(cutoff.toString())).toList();
    Path words = version.resolve("assets").resolve(VocabularyTables.FILE);
    return Optional.of(
        new PublishedClusters(cutoffs, Files.exists(words) ? Vocabulary.read(words) : null));
  }

  /** {@return where the ranks are cut into clusters} */
  public List<Integer> cutoffs() {
    return List.copyOf(cutoffs);
  }

  /**
   * The cluster of a class.
   *
   * @param label a word of the vocabulary, or a class id
   * @return 0 for the head, i for tail cluster i; empty if it is not known
   */
  public OptionalInt cluster(Object label) {
    long rank;
    if (label instanceof Long id) {
      rank = id;
    } else if (vocabulary != null && vocabulary.contains(label.toString())) {
      rank = vocabulary.rank(label.toString());
    } else {
      return OptionalInt.empty();
    }
    return OptionalInt.of((int) cutoffs.stream().filter(cutoff -> cutoff <= rank).count());
  }
}

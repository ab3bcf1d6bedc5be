package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Which cluster of a published model each of its classes is in, as far as the model tells: cutoffs by its provenance, a
 * word's rank by its vocabulary, a class id's rank by the order of classes that goes with the provenance. Reading a provenance
 * needs Jackson ({@code jackson-databind}), an optional dependency of this library.
 */
public final class PublishedClusters {
  private final List<Integer> cutoffs;
  private final Function<Object, OptionalInt> rank;

  private PublishedClusters(List<Integer> cutoffs, Function<Object, OptionalInt> rank) {
    this.cutoffs = cutoffs;
    this.rank = rank;
  }

  /**
   * Reads what a version tells.
   *
   * @param version its directory
   * @return empty if it does not tell its cutoffs or the order of its classes
   * @throws IllegalArgumentException if its provenance or its order of classes is damaged
   * @throws IOException if it cannot be read
   */
  public static Optional<PublishedClusters> of(Path version) throws IOException {
    Provenance provenance = Provenance.read(version);
    if (!provenance.has(ProvenanceKeys.CUTOFFS)) {
      return Optional.empty();
    }
    List<Integer> cutoffs = provenance.integers(ProvenanceKeys.CUTOFFS);
    return ranks(version, provenance).map(rank -> new PublishedClusters(cutoffs, rank));
  }

  private static Optional<Function<Object, OptionalInt>> ranks(Path version, Provenance provenance)
      throws IOException {
    Path words = version.resolve(ModelDirectory.VOCABULARY);
    if (Files.exists(words)) {
      Vocabulary vocabulary = Vocabulary.read(words);
      return Optional.of(
          word ->
              vocabulary.contains(word.toString())
                  ? OptionalInt.of(vocabulary.rank(word.toString()))
                  : OptionalInt.empty());
    }
    return PublishedClassOrder.read(provenance, version)
        .map(order -> id -> id instanceof Long known ? order.rank(known) : OptionalInt.empty());
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
    OptionalInt known = rank.apply(label);
    return known.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of((int) cutoffs.stream().filter(c -> c <= known.getAsInt()).count());
  }
}

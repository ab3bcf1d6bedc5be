package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Which cluster of a published model each of its classes is in, as far as the model tells: cutoffs by its provenance, a
 * word's rank by its vocabulary, a class id's rank by the order of classes that goes with the provenance. Reading a provenance
 * needs Jackson ({@code jackson-databind}), an optional dependency of this library.
 */
public final class PublishedClusters {
  private final List<Integer> cutoffs;
  private final Classes classes;

  /** The classes of a model by rank. */
  private interface Classes {
    int size();

    OptionalInt rank(Object label);

    Object label(int rank);

    int[] columnsByRank();
  }

  private record Words(Vocabulary vocabulary) implements Classes {
    @Override
    public int size() {
      return vocabulary.size();
    }

    @Override
    public OptionalInt rank(Object label) {
      String word = label.toString();
      return vocabulary.contains(word)
          ? OptionalInt.of(vocabulary.rank(word))
          : OptionalInt.empty();
    }

    @Override
    public Object label(int rank) {
      return vocabulary.word(rank);
    }

    @Override
    public int[] columnsByRank() {
      return IntStream.range(0, size()).toArray();
    }
  }

  private record Ids(LabelOrder order) implements Classes {
    @Override
    public int size() {
      return order.size();
    }

    @Override
    public OptionalInt rank(Object label) {
      return label instanceof Long id ? order.rank(id) : OptionalInt.empty();
    }

    @Override
    public Object label(int rank) {
      return order.label(rank);
    }

    @Override
    public int[] columnsByRank() {
      return order.placesByRank();
    }
  }

  private PublishedClusters(List<Integer> cutoffs, Classes classes) {
    this.cutoffs = cutoffs;
    this.classes = classes;
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
    return classes(version, provenance).map(classes -> new PublishedClusters(cutoffs, classes));
  }

  private static Optional<Classes> classes(Path version, Provenance provenance) throws IOException {
    Path words = version.resolve(ModelDirectory.VOCABULARY);
    if (Files.exists(words)) {
      return Optional.of(new Words(Vocabulary.read(words)));
    }
    return PublishedClassOrder.read(provenance, version).map(Ids::new);
  }

  /** {@return where the ranks are cut into clusters} */
  public List<Integer> cutoffs() {
    return List.copyOf(cutoffs);
  }

  /** {@return the number of classes} */
  public int nClasses() {
    return classes.size();
  }

  /**
   * The rank of a class.
   *
   * @param label a word of the vocabulary, or a class id
   * @return its place in decreasing frequency; empty if it is not known
   */
  public OptionalInt rank(Object label) {
    return classes.rank(label);
  }

  /**
   * The class at a rank.
   *
   * @param rank in 0..nClasses−1
   * @return a word, or a class id as a {@link Long}
   * @throws IndexOutOfBoundsException if the rank is out of its range
   */
  public Object label(int rank) {
    return classes.label(rank);
  }

  /** {@return the column of each rank in what the signature {@code log_prob} gives} */
  public int[] columnsByRank() {
    return classes.columnsByRank();
  }

  /**
   * The cluster of a class.
   *
   * @param label a word of the vocabulary, or a class id
   * @return 0 for the head, i for tail cluster i; empty if it is not known
   */
  public OptionalInt cluster(Object label) {
    OptionalInt known = rank(label);
    return known.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of((int) cutoffs.stream().filter(c -> c <= known.getAsInt()).count());
  }
}

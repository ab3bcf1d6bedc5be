package org.adaptivesoftmax.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.adaptivesoftmax.vocabulary.Vocabulary;

/**
 * Which cluster of a published model each of its classes is in, as far as the model tells: cutoffs by its provenance, a
 * word's rank by its vocabulary, a class id's rank by the order of classes inside its graph. Reading it needs Jackson ({@code
 * jackson-databind}), an optional dependency of this library.
 */
public final class PublishedClusters {
  private static final JsonMapper JSON = new JsonMapper();

  private final List<Integer> cutoffs;
  private final Function<Object, OptionalLong> rank;

  private PublishedClusters(List<Integer> cutoffs, Function<Object, OptionalLong> rank) {
    this.cutoffs = cutoffs;
    this.rank = rank;
  }

  /**
   * Reads what a version tells.
   *
   * @param version its directory
   * @return empty if it does not tell its cutoffs or the ranks of its classes
   * @throws IllegalArgumentException if its provenance is no JSON
   * @throws IOException if it cannot be read
   */
  public static Optional<PublishedClusters> of(Path version) throws IOException {
    Path provenance = version.resolve(Provenance.FILE);
    if (!Files.exists(provenance)) {
      return Optional.empty();
    }
    JsonNode json = json(provenance);
    if (!json.path("cutoffs").isArray()) {
      return Optional.empty();
    }
    List<Integer> cutoffs = new ArrayList<>();
    json.get("cutoffs").forEach(cutoff -> cutoffs.add(cutoff.asInt()));
    return ranks(version).map(rank -> new PublishedClusters(cutoffs, rank));
  }

  private static JsonNode json(Path provenance) throws IOException {
    try {
      return JSON.readTree(Files.readAllBytes(provenance));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "provenance is no JSON: %s: %s".formatted(provenance, e.getOriginalMessage()), e);
    }
  }

  private static Optional<Function<Object, OptionalLong>> ranks(Path version) throws IOException {
    Path words = version.resolve("assets").resolve(VocabularyTables.FILE);
    if (Files.exists(words)) {
      Vocabulary vocabulary = Vocabulary.read(words);
      return Optional.of(
          word ->
              vocabulary.contains(word.toString())
                  ? OptionalLong.of(vocabulary.rank(word.toString()))
                  : OptionalLong.empty());
    }
    return PublishedClassOrder.of(version)
        .map(order -> id -> id instanceof Long known ? order.rank(known) : OptionalLong.empty());
  }

  /**
   * The cluster of a class.
   *
   * @param label a word of the vocabulary, or a class id
   * @return 0 for the head, i for tail cluster i; empty if it is not known
   */
  public OptionalInt cluster(Object label) {
    OptionalLong known = rank.apply(label);
    return known.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of((int) cutoffs.stream().filter(c -> c <= known.getAsLong()).count());
  }
}

package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.PublishedCounts;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * What a version that {@link LanguageModelExporter} published is made of, read back so that it can be exported anew: with other
 * settings, or by a newer library. Reading it needs Jackson ({@code jackson-databind}), an optional dependency of this
 * library.
 *
 * <pre>{@code
 * PublishedLanguageModel published = PublishedLanguageModel.read(model.highestVersion());
 * published.exporter().tailWeights(TailWeights.INT8).build().publish(model, published.weights());
 * }</pre>
 *
 * @param version its directory
 * @param configuration of the model
 * @param vocabulary its words, with their counts if the version has them
 * @param counted the text that the counts are of; null if the version has no counts
 * @param topK how many next words {@code serving_default} gives
 * @param tailWeights how it stores its tail clusters; only {@link TailWeights#FLOAT32} can be exported anew
 * @param provenance all that it tells of where it comes from
 */
public record PublishedLanguageModel(
    Path version,
    LanguageModelConfiguration configuration,
    Vocabulary vocabulary,
    @Nullable CountsAbout counted,
    int topK,
    TailWeights tailWeights,
    Provenance provenance) {
  /**
   * Reads a version.
   *
   * @param version its directory
   * @return what it is made of
   * @throws IllegalArgumentException if it is no language model, or does not tell what it is made of
   * @throws IOException if it cannot be read
   */
  public static PublishedLanguageModel read(Path version) throws IOException {
    Path file = version.resolve(Provenance.FILE);
    Path words = version.resolve(ModelDirectory.VOCABULARY);
    if (!Files.exists(file) || !Files.exists(words)) {
      throw new IllegalArgumentException(
          "not a language model, as it has no %s: %s"
              .formatted(
                  Files.exists(file) ? ModelDirectory.VOCABULARY : Provenance.FILE, version));
    }
    Provenance provenance = Provenance.read(version);
    try {
      Vocabulary vocabulary = Vocabulary.read(words);
      Optional<PublishedCounts> counts = PublishedCounts.read(version);
      return new PublishedLanguageModel(
          version,
          configuration(provenance),
          counts.isPresent() ? vocabulary.withCounts(counts.get().byRank()) : vocabulary,
          counts.map(PublishedCounts::about).orElse(null),
          provenance.number(ProvenanceKeys.TOP_K).intValue(),
          provenance.has(ProvenanceKeys.TAIL_WEIGHTS)
              ? TailWeights.valueOf(upperCase(provenance, ProvenanceKeys.TAIL_WEIGHTS))
              : TailWeights.FLOAT32,
          provenance);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s does not tell what the model is made of: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static LanguageModelConfiguration configuration(Provenance provenance) {
    return LanguageModelConfiguration.builder()
        .softmax(Softmax.valueOf(upperCase(provenance, ProvenanceKeys.SOFTMAX)))
        .vocabulary(provenance.number(ProvenanceKeys.VOCABULARY).intValue())
        .cutoffs(provenance.integers(ProvenanceKeys.CUTOFFS))
        .divValue(provenance.number(ProvenanceKeys.DIV_VALUE).doubleValue())
        .embedding(provenance.number(ProvenanceKeys.EMBEDDING).intValue())
        .hidden(provenance.number(ProvenanceKeys.HIDDEN).intValue())
        .dropout(provenance.number(ProvenanceKeys.DROPOUT).doubleValue())
        .seed(provenance.number(ProvenanceKeys.SEED).longValue())
        .build();
  }

  private static String upperCase(Provenance provenance, String key) {
    return provenance.text(key).toUpperCase(Locale.ROOT);
  }

  /**
   * An exporter of the same model, whose {@linkplain Ancestor parent} is this version.
   *
   * @return a builder with the model's settings, but for {@link TailWeights}; provenance goes with it, but for the versions
   *     of library and TensorFlow, and for what the builder sets
   * @throws IllegalArgumentException if its tail clusters are not stored as float32
   * @throws IOException if the version cannot be read
   */
  public LanguageModelExporter.Builder exporter() throws IOException {
    if (tailWeights != TailWeights.FLOAT32) {
      throw new IllegalArgumentException(
          "only a model with float32 tail weights can be exported anew: %s has %s"
              .formatted(version, tailWeights));
    }
    Map<String, Object> kept = new LinkedHashMap<>(provenance.values());
    kept.keySet()
        .removeAll(
            List.of(
                ProvenanceKeys.LIBRARY,
                ProvenanceKeys.TENSORFLOW,
                ProvenanceKeys.TOP_K,
                ProvenanceKeys.MAX_WORDS,
                ProvenanceKeys.TAIL_WEIGHTS));
    kept.put(ProvenanceKeys.PARENT, Ancestor.asParent(version));
    var exporter =
        LanguageModelExporter.builder(configuration, vocabulary).topK(topK).maxWords(maxWords());
    if (counted != null) {
      exporter.counted(counted);
    }
    return exporter.provenance(kept);
  }

  /** {@return how many words of a text it reads; for a version that reads all of them, the exporter's default} */
  public int maxWords() {
    return provenance.has(ProvenanceKeys.MAX_WORDS)
        ? provenance.number(ProvenanceKeys.MAX_WORDS).intValue()
        : LanguageModelExporter.DEFAULT_MAX_WORDS;
  }

  /** {@return what the exporter takes for its weights} */
  public Path weights() {
    return version.resolve("variables").resolve("variables");
  }
}

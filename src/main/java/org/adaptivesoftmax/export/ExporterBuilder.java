package org.adaptivesoftmax.export;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;

/**
 * What every exporter may be told.
 *
 * @param <B> the builder itself
 */
public abstract class ExporterBuilder<B extends ExporterBuilder<B>> {
  OptionalInt topK = OptionalInt.empty();
  Map<String, ?> provenance = Map.of();

  ExporterBuilder() {}

  abstract B self();

  /**
   * How many classes or words {@code serving_default} gives. Default: the exporter's {@code DEFAULT_TOP_K}, or all if there
   * are fewer.
   *
   * @param k from 1 to as many as there are
   * @return this builder
   */
  public B topK(int k) {
    topK = OptionalInt.of(k);
    return self();
  }

  /**
   * Where the model comes from beyond what the exporter knows, such as data, training and metrics, as in {@link
   * SavedModelPublisher.Builder#provenance}. Default: empty.
   *
   * @param values of the types that JSON has, lists and maps
   * @return this builder
   * @throws IllegalStateException if it is not empty, and Jackson is not on the class path
   */
  public B provenance(Map<String, ?> values) {
    if (!values.isEmpty()) {
      Provenance.requireLibrary();
    }
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    return self();
  }

  static int requireMaxWords(int words) {
    Require.argument(words >= 1, "maxWords must be at least 1: %d", words);
    return words;
  }

  /** The k that is given or the default. */
  int topK(int byDefault, int most, String meaning) {
    int k = topK.orElse(Math.min(byDefault, most));
    Require.argument(k >= 1 && k <= most, "topK must be in 1..%d (%s): %d", most, meaning, k);
    return k;
  }

  /**
   * What exporters of a layer of clusters may be told.
   *
   * @param <B> the builder itself
   */
  public abstract static class OfClusters<B extends OfClusters<B>> extends ExporterBuilder<B> {
    TailWeights tailWeights = TailWeights.FLOAT32;

    OfClusters() {}

    /**
     * How the model stores the class rows of its tail clusters. Default: {@link TailWeights#FLOAT32}.
     *
     * @param form another one needs an adaptive softmax
     * @return this builder
     */
    public B tailWeights(TailWeights form) {
      tailWeights = form;
      return self();
    }
  }
}

package org.adaptivesoftmax.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.text.TokenStatistics;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;

/** Counts the tokens of texts that a model has answered. */
final class LiveText {
  private static final List<String> TEXTS = List.of(TensorNames.INPUTS, TensorNames.TEXT);

  private final TokenStatistics statistics;
  private final @Nullable DriftGauges gauges;

  LiveText(TokenStatistics statistics, @Nullable DriftGauges gauges) {
    this.statistics = statistics;
    this.gauges = gauges;
  }

  void turned(Path version) {
    if (gauges != null) {
      gauges.turned(version);
    }
  }

  void answered(Map<String, ? extends NdArray<?>> inputs) {
    for (String name : TEXTS) {
      NdArray<?> texts = inputs.get(name);
      if (texts != null) {
        texts.streamOfObjects().forEach(this::count);
      }
    }
  }

  /** Rows of other models are no text. */
  private void count(Object value) {
    if (value instanceof String text) {
      statistics.addText(text);
    }
  }
}

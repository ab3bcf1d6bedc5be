package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One model's times at one share of finished rows.
 *
 * @param batch the model and the share
 * @param plain forward and backward on all rows
 * @param skipping backward on the unfinished rows alone
 */
record SparseTimes(SparseBatch batch, Measured plain, Measured skipping) {
  /** How many times as fast as the plain step skipping is, the median of the rounds' ratios. */
  double speedup() {
    return plain.ratioTo(skipping);
  }

  /** Medians in milliseconds. */
  @JsonValue
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("shape", batch.shape().name());
    json.put("rows", batch.shape().rows());
    json.put("classes", batch.shape().classes());
    json.put("finished", batch.finished());
    json.put("plain_ms", plain.medianMs());
    json.put("skipping_ms", skipping.medianMs());
    json.put("plain_to_skipping", speedup());
    json.put("rounds", plain.ms().size());
    json.put("plain_quartiles_ms", plain.quartilesMs());
    json.put("skipping_quartiles_ms", skipping.quartilesMs());
    return json;
  }
}

package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One layer's results at one batch.
 *
 * @param shape the layer's name
 * @param batch number of rows
 * @param k how many classes were wanted
 * @param rounds number of timed calls of each contender
 * @param measured by contender
 * @param tailWorkSkipped the share of the multiplications in all tail clusters, for all rows, that were not done
 */
record DecodeTimes(
    String shape,
    int batch,
    int k,
    int rounds,
    Map<Contender, Measured> measured,
    double tailWorkSkipped) {
  /** Who is timed. */
  static final List<Contender> CONTENDERS =
      List.of(Contender.OURS, Contender.FULL_SOFTMAX, Contender.PYTORCH);

  /** How many times as long as ours a contender takes; null if it was not measured. */
  @Nullable Double ratioToOurs(Contender contender) {
    Measured ours = measured.get(Contender.OURS);
    Measured other = measured.get(contender);
    return ours == null || other == null ? null : other.ratioTo(ours);
  }

  /** Medians and quartiles in milliseconds; null for what was not measured. */
  @JsonValue
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("shape", shape);
    json.put("batch", batch);
    json.put("k", k);
    for (Contender contender : CONTENDERS) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_ms", of == null ? null : of.medianMs());
    }
    json.put("rounds", rounds);
    for (Contender contender : CONTENDERS) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_quartiles_ms", of == null ? null : of.quartilesMs());
    }
    json.put("full_softmax_to_ours", ratioToOurs(Contender.FULL_SOFTMAX));
    json.put("pytorch_to_ours", ratioToOurs(Contender.PYTORCH));
    json.put("tail_work_skipped", tailWorkSkipped);
    return json;
  }
}

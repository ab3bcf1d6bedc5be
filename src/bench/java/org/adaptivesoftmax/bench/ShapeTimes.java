package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One shape's results.
 *
 * @param shape what was measured
 * @param rounds number of timed steps of each contender
 * @param measured by contender
 * @param fullSoftmaxSkipped why the full softmax was not measured; null if it was
 */
record ShapeTimes(
    StepShape shape,
    int rounds,
    Map<Contender, Measured> measured,
    @Nullable String fullSoftmaxSkipped) {

  /** How many times as long as the other a contender takes; null if one of them was not measured. */
  @Nullable Double ratio(Contender contender, Contender to) {
    Measured first = measured.get(contender);
    Measured second = measured.get(to);
    return first == null || second == null ? null : first.ratioTo(second);
  }

  /** Medians in milliseconds, memory in MB, and further fields; null for what was not measured. */
  @JsonValue
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("shape", shape.name());
    json.put("rows", shape.rows());
    json.put("in_features", shape.plan().inFeatures());
    json.put("classes", shape.plan().nClasses());
    json.put("cutoffs", shape.plan().cutoffs());
    json.put("div_value", shape.plan().divValue());
    for (Contender contender : Contender.values()) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_ms", of == null ? null : of.medianMs());
    }
    for (Contender contender : Contender.values()) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_mb", of == null ? null : of.mb());
    }
    json.put("rounds", rounds);
    for (Contender contender : Contender.values()) {
      Measured of = measured.get(contender);
      json.put(contender.key() + "_quartiles_ms", of == null ? null : of.quartilesMs());
    }
    json.put("ours_to_matmul_floor", ratio(Contender.OURS, Contender.MATMUL_FLOOR));
    json.put("full_softmax_to_ours", ratio(Contender.FULL_SOFTMAX, Contender.OURS));
    json.put("pytorch_to_ours", ratio(Contender.PYTORCH, Contender.OURS));
    if (fullSoftmaxSkipped != null) {
      json.put("full_softmax_skipped", fullSoftmaxSkipped);
    }
    return json;
  }
}

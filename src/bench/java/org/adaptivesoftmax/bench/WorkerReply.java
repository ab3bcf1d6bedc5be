package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/**
 * One line of a worker's answer: one of these is there.
 *
 * @param ready what computes, and its version
 * @param ms milliseconds of a step
 * @param mb peak of the resident set above weights and inputs, in MB
 * @param skipped share of the tail clusters' products that a step does without
 * @param error why the worker cannot work
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record WorkerReply(
    @Nullable String ready,
    @Nullable Double ms,
    @Nullable Double mb,
    @Nullable Double skipped,
    @Nullable String error) {
  /** How both sides write. */
  static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  static WorkerReply ready(String version) {
    return new WorkerReply(version, null, null, null, null);
  }

  static WorkerReply ms(double value) {
    return new WorkerReply(null, value, null, null, null);
  }

  static WorkerReply mb(@Nullable Double value) {
    return new WorkerReply(null, null, value, null, null);
  }

  static WorkerReply skipped(double share) {
    return new WorkerReply(null, null, null, share, null);
  }
}

package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** The results that benches wrote. */
final class Written {
  private Written() {}

  /** A result without what it was measured with, which must be there. */
  static JsonNode read(String name) throws IOException {
    ObjectNode json =
        (ObjectNode) WorkerReply.JSON.readTree(BenchFiles.results().resolve(name).toFile());
    requireMeasured(json.remove("measured"));
    return json;
  }

  static void requireMeasured(JsonNode measured) {
    assertThat(measured.get("date").asText()).matches("\\d{4}-\\d\\d-\\d\\d");
    for (String key : new String[] {"processor", "system", "java", "tensorflow", "library"}) {
      assertThat(measured.get(key).asText()).as(key).isNotBlank();
    }
    assertThat(measured.get("cores").asInt()).isPositive();
  }
}

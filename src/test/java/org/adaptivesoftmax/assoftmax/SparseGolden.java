package org.adaptivesoftmax.assoftmax;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.adaptivesoftmax.Golden;

/** One case of the published reference's numbers, as the resources hold it. */
record SparseGolden(String name, JsonNode batch, JsonNode json) {

  /** The cases of a kind, {@code single_label} or {@code multi_label}. */
  static List<SparseGolden> cases(String kind) {
    List<SparseGolden> cases = new ArrayList<>();
    for (JsonNode batch : root().get(kind)) {
      for (JsonNode json : batch.get("cases")) {
        String name = batch.get("name").asText() + ", delta " + json.get("delta").asText();
        cases.add(new SparseGolden(name, batch, json));
      }
    }
    return cases;
  }

  double delta() {
    return number("delta");
  }

  double number(String field) {
    return json.get(field).asDouble();
  }

  long rows() {
    return batch.get("logits").size();
  }

  long classes() {
    return batch.get("logits").get(0).size();
  }

  double[] logits() {
    return Golden.flat(batch.get("logits"));
  }

  long[] labels() {
    return Arrays.stream(Golden.flat(batch.get("labels"))).mapToLong(x -> (long) x).toArray();
  }

  /** Numbers, row by row. */
  double[] values(String field) {
    return Golden.flat(json.get(field));
  }

  /** Booleans, row by row. */
  Boolean[] flags(String field) {
    return StreamSupport.stream(json.get(field).spliterator(), false)
        .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
        .map(JsonNode::asBoolean)
        .toArray(Boolean[]::new);
  }

  static Stream<SparseGolden> singleLabel() {
    return cases("single_label").stream();
  }

  static Stream<SparseGolden> multiLabel() {
    return cases("multi_label").stream();
  }

  private static JsonNode root() {
    try (InputStream in = SparseGolden.class.getResourceAsStream("/golden/as_softmax.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException("golden/as_softmax.json", e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

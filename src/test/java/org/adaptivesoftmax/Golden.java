package org.adaptivesoftmax;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.IntStream;

/** One case of PyTorch's numbers, as the resources hold it. */
record Golden(String name, JsonNode json) {
  static final String[] CASES = {
    "large_logits",
    "last_cutoff_n_minus_1",
    "one_tail",
    "single_row",
    "some_tails_unused",
    "three_tails",
    "two_tails_bias"
  };

  static Golden read(String name, String type) {
    String path = "/golden/adaptive_" + name + "_" + type + ".json";
    try (InputStream in = Golden.class.getResourceAsStream(path)) {
      return new Golden(name, new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new IllegalStateException(path, e);
    }
  }

  int number(String field) {
    return json.get(field).asInt();
  }

  int[] cutoffs() {
    return IntStream.range(0, json.get("cutoffs").size())
        .map(i -> json.get("cutoffs").get(i).asInt())
        .toArray();
  }

  /** A scalar, vector or matrix, row by row. */
  static double[] flat(JsonNode node) {
    if (!node.isArray()) {
      return new double[] {node.asDouble()};
    }
    return IntStream.range(0, node.size())
        .mapToObj(node::get)
        .flatMapToDouble(child -> java.util.Arrays.stream(flat(child)))
        .toArray();
  }

  static long[] shape(JsonNode node) {
    if (!node.isArray()) {
      return new long[0];
    }
    return node.get(0).isArray()
        ? new long[] {node.size(), node.get(0).size()}
        : new long[] {node.size()};
  }
}

package org.adaptivesoftmax;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One case of PyTorch's numbers, as the resources hold it. */
public record Golden(String name, JsonNode json) {
  static final String[] CASES = {
    "large_logits",
    "last_cutoff_n_minus_1",
    "one_tail",
    "single_row",
    "some_tails_unused",
    "three_tails",
    "two_tails_bias"
  };

  public static Stream<String> cases() {
    return Stream.of(CASES);
  }

  public static Golden read(String name, String type) {
    String path = "/golden/adaptive_" + name + "_" + type + ".json";
    try (InputStream in = Golden.class.getResourceAsStream(path)) {
      return new Golden(name, new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new IllegalStateException(path, e);
    }
  }

  public int number(String field) {
    return json.get(field).asInt();
  }

  public int[] cutoffs() {
    return IntStream.range(0, json.get("cutoffs").size())
        .map(i -> json.get("cutoffs").get(i).asInt())
        .toArray();
  }

  /** A scalar, vector or matrix, row by row. */
  public static double[] flat(JsonNode node) {
    if (!node.isArray()) {
      return new double[] {node.asDouble()};
    }
    return IntStream.range(0, node.size())
        .mapToObj(node::get)
        .flatMapToDouble(child -> java.util.Arrays.stream(flat(child)))
        .toArray();
  }

  public static long[] shape(JsonNode node) {
    if (!node.isArray()) {
      return new long[0];
    }
    return node.get(0).isArray()
        ? new long[] {node.size(), node.get(0).size()}
        : new long[] {node.size()};
  }
}

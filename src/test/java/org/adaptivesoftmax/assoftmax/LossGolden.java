package org.adaptivesoftmax.assoftmax;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.adaptivesoftmax.Golden;

/** A batch with what {@code tools/golden/losses.py} makes of the losses' definitions. */
record LossGolden(JsonNode json) {
  static Stream<LossGolden> batches() {
    try (InputStream in = LossGolden.class.getResourceAsStream("/golden/losses.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(in).get("cases").spliterator(), false)
          .map(LossGolden::new);
    } catch (IOException e) {
      throw new IllegalStateException("golden/losses.json", e);
    }
  }

  double[] logits() {
    return Golden.flat(json.get("logits"));
  }

  long[] labels() {
    return Arrays.stream(Golden.flat(json.get("labels"))).mapToLong(x -> (long) x).toArray();
  }

  long classes() {
    return json.get("logits").get(0).size();
  }

  /** Numbers of a loss, row by row. */
  double[] values(String loss, String field) {
    return Golden.flat(json.get(loss).get(field));
  }

  @Override
  public String toString() {
    return json.get("name").asText();
  }
}

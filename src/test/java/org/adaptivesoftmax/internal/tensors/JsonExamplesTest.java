package org.adaptivesoftmax.internal.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.Feature;

class JsonExamplesTest {
  /** A number that counts how often it is looked at. */
  private static final class Counted extends IntNode {
    private static final long serialVersionUID = 1;
    private static int looks;

    Counted(int value) {
      super(value);
    }

    @Override
    public boolean isIntegralNumber() {
      looks++;
      return true;
    }
  }

  @Test
  void eachValueOfAFeatureIsLookedAtOnce() {
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 1000; i++) {
      values.add((JsonNode) new Counted(i));
    }
    Counted.looks = 0;
    Feature feature = JsonExamples.feature(values);
    assertThat(feature.getInt64List().getValueCount()).isEqualTo(1000);
    assertThat(Counted.looks).isEqualTo(1000);
  }
}

package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.util.stream.StreamSupport;
import org.adaptivesoftmax.model.TransformerEncoder;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.EncoderGolden;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The encoder {@code minilm}, fetched by Maven if it is not there yet, against PyTorch. */
@Tag("slow")
class MiniLmTest {
  private static final int WIDTH = 384;

  @Test
  void statesAreThoseOfPyTorch() throws Exception {
    JsonNode golden =
        JsonMapper.builder()
            .build()
            .readTree(Files.readAllBytes(EncoderGolden.directory().resolve("minilm.json")));
    PretrainedEncoder pretrained = NamedEncoder.read(NamedEncoder.MINILM);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      TransformerEncoder encoder = TransformerEncoder.create(tf, pretrained.configuration(), 0);
      session.initialize();
      pretrained.load(session, encoder);
      for (int i = 0; i < golden.get("texts").size(); i++) {
        int[] ids = pretrained.tokenizer().encode(golden.get("texts").get(i).textValue(), 128);
        assertThat(ids).containsExactly(ints(golden.get("ids").get(i)));
        Operand<TInt32> row = tf.expandDims(tf.constant(ids), tf.constant(0));
        Operand<TFloat32> mask = tf.dtypes.cast(tf.onesLike(row), TFloat32.class);
        try (Result result = session.runner().fetch(encoder.pooled(tf, row, mask)).run()) {
          float[] mean = new float[WIDTH];
          result.get(0).asRawTensor().data().asFloats().read(mean);
          for (int j = 0; j < WIDTH; j++) {
            assertThat((double) mean[j])
                .isCloseTo(golden.get("means").get(i).get(j).doubleValue(), within(1e-4));
          }
        }
      }
    }
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }
}

package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.adaptivesoftmax.client.ClassLogProb;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.OutputLayerClient;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;
import org.tensorflow.proto.error.Code;

/** Requests without an answer beside such as have one, in the joint batches of a model in this process. */
class BadRowTest {
  private static final ModelDirectory MODEL =
      new ModelDirectory(Path.of("savedmodels/samples/output-layer"));
  private static final ModelDirectory CLASSIFIER =
      new ModelDirectory(Path.of("savedmodels/samples/classifier"));
  private static final int WIDTH = 16;
  private static final String NOT_FINITE =
      "INVALID_ARGUMENT: row 1 of the request: log_probs are not finite, as inputs hold NaN,"
          + " infinity or too large a value";

  private static float[] row(int seed) {
    float[] row = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      row[i] = (float) Math.sin(seed * WIDTH + i);
    }
    return row;
  }

  private static float[] badRow(float value) {
    float[] row = row(0);
    row[3] = value;
    return row;
  }

  @Test
  void theTypedCallsNameTheRow() throws Exception {
    try (LocalModel model = LocalModel.builder(MODEL).load()) {
      OutputLayerClient layer = model.outputLayer();
      for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        float[][] rows = {row(1), badRow(value), row(2)};
        for (Runnable call :
            List.<Runnable>of(
                () -> layer.topK(rows), () -> layer.logProb(rows), () -> layer.predict(rows))) {
          assertThatThrownBy(call::run)
              .isInstanceOf(ModelServerException.class)
              .hasMessageContaining(NOT_FINITE);
        }
      }
      float[][] rows = {row(1), badRow(Float.NaN)};
      assertThatThrownBy(() -> layer.score(rows, new long[] {1, 2}))
          .hasMessageContaining(NOT_FINITE);
      assertThatThrownBy(() -> layer.score(new float[][] {row(1), row(2)}, new long[] {1, 1000}))
          .hasMessageContaining("row 1 of the request: target must be a class: 1000");
    }
  }

  /** Bytes that are no example, and a text that is a number: TensorFlow's parser fails the whole run for either. */
  @Test
  void anExampleThatCannotBeReadIsAnsweredAlone() throws Exception {
    Feature number = Feature.newBuilder().setInt64List(Int64List.newBuilder().addValue(1)).build();
    byte[][] examples = {
      example("when does the train leave?").toByteArray(),
      {(byte) 0xff, 1, 2},
      Example.newBuilder()
          .setFeatures(Features.newBuilder().putFeature("text", number))
          .build()
          .toByteArray(),
      example("I left my coat on the bus.").toByteArray()
    };
    for (LocalModelBuilder builder :
        List.of(LocalModel.builder(CLASSIFIER), LocalModel.builder(CLASSIFIER).microBatching(8))) {
      try (LocalModel model = builder.load()) {
        List<List<ClassScore>> alone =
            model.classifier().classify(List.of("when does the train leave?"));
        Prediction found =
            model.predict("classify", Map.of("inputs", NdArrays.vectorOfObjects(examples)));
        NdArray<String> labels = found.strings("classes");
        FloatNdArray scores = found.floats("scores");
        for (int row : new int[] {1, 2}) {
          assertThat(labels.getObject(row, 0)).isEmpty();
          assertThat(scores.getFloat(row, 0)).isNaN();
        }
        assertThat(labels.getObject(0, 0)).isEqualTo(alone.get(0).get(0).label());
        assertThat(Math.abs(scores.getFloat(0, 0) - alone.get(0).get(0).score())).isLessThan(1e-5f);
        assertThat(labels.getObject(3, 0)).isEqualTo("lost");
        // Alone it has the same answer: not one that depends on its neighbours.
        Prediction single =
            model.predict(
                "classify", Map.of("inputs", NdArrays.vectorOfObjects(new byte[][] {examples[1]})));
        assertThat(single.floats("scores").getFloat(0, 0)).isNaN();
      }
    }
  }

  private static Example example(String text) {
    BytesList bytes = BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)).build();
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature("text", Feature.newBuilder().setBytesList(bytes).build()))
        .build();
  }

  @Test
  void onesFaultIsNotTheOthers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try (LocalModel alone = LocalModel.builder(MODEL).load();
        LocalModel joined = LocalModel.builder(MODEL).microBatching(8).load()) {
      List<Future<List<List<ClassLogProb<Long>>>>> good = new ArrayList<>();
      List<Future<List<List<ClassLogProb<Long>>>>> bad = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        float[] row = row(i);
        good.add(pool.submit(() -> joined.outputLayer().topK(row)));
        if (i % 4 == 0) {
          bad.add(pool.submit(() -> joined.outputLayer().topK(badRow(Float.NaN))));
        }
      }
      for (int i = 0; i < good.size(); i++) {
        List<ClassLogProb<Long>> expected = alone.outputLayer().topK(row(i)).get(0);
        List<ClassLogProb<Long>> found = good.get(i).get().get(0);
        for (int k = 0; k < expected.size(); k++) {
          assertThat(found.get(k).label()).isEqualTo(expected.get(k).label());
          assertThat(Math.abs(found.get(k).logProb() - expected.get(k).logProb()))
              .isLessThan(1e-5f);
        }
      }
      for (Future<?> each : bad) {
        assertThatThrownBy(each::get)
            .cause()
            .isInstanceOfSatisfying(
                ModelServerException.class,
                e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
      }
    } finally {
      pool.shutdownNow();
    }
  }
}

package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

/**
 * Requests of one row to {@code serving_default}: texts of eight words of the vocabulary, or random rows. There are some hundred
 * different ones, the same in every run.
 *
 * @param name of the model
 * @param rows by the input's name
 */
record ServeInputs(String name, List<Map<String, NdArray<?>>> rows) {
  private static final int DISTINCT = 256;
  private static final int WORDS = 8;

  static ServeInputs of(ServeLoadSpec spec) throws IOException {
    Path directory = Path.of(spec.model());
    Random random = new Random(1);
    String name = directory.getFileName().toString();
    if (spec.inFeatures() > 0) {
      return new ServeInputs(
          name,
          IntStream.range(0, DISTINCT)
              .<Map<String, NdArray<?>>>mapToObj(
                  i -> Map.of(TensorNames.INPUTS, row(random, spec.inFeatures())))
              .toList());
    }
    Path version = new ModelDirectory(directory).highestVersion();
    List<String> words = Vocabulary.read(version.resolve(ModelDirectory.VOCABULARY)).words();
    return new ServeInputs(
        name,
        IntStream.range(0, DISTINCT)
            .<Map<String, NdArray<?>>>mapToObj(
                i -> Map.of(TensorNames.TEXT, NdArrays.vectorOfObjects(text(random, words))))
            .toList());
  }

  private static NdArray<?> row(Random random, int width) {
    FloatNdArray row = NdArrays.ofFloats(Shape.of(1, width));
    row.scalars().forEach(value -> value.setFloat((float) random.nextGaussian()));
    return row;
  }

  /** Frequent words are frequent. */
  private static String text(Random random, List<String> words) {
    return random
        .doubles(WORDS)
        .mapToObj(uniform -> words.get((int) (words.size() * uniform * uniform * uniform)))
        .collect(Collectors.joining(" "));
  }

  Map<String, NdArray<?>> row(int request) {
    return rows.get(request % rows.size());
  }

  /** The bodies of calls over gRPC. */
  List<byte[]> messages() {
    return rows.stream()
        .map(
            row -> {
              PredictRequest.Builder request =
                  PredictRequest.newBuilder().setModelSpec(ModelSpec.newBuilder().setName(name));
              row.forEach((input, value) -> request.putInputs(input, ProtoTensors.encode(value)));
              return request.build().toByteArray();
            })
        .toList();
  }

  /** The requests over HTTP, head and body. */
  List<byte[]> http() {
    return rows.stream()
        .map(
            row -> {
              String body = "{\"instances\":[%s]}".formatted(json(row));
              int bytes = body.getBytes(StandardCharsets.UTF_8).length;
              return "POST /v1/models/%s:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n\r\n%s"
                  .formatted(name, bytes, body)
                  .getBytes(StandardCharsets.UTF_8);
            })
        .toList();
  }

  private static String json(Map<String, NdArray<?>> row) {
    NdArray<?> only = row.values().iterator().next();
    if (only.rank() == 1) {
      return WorkerReply.JSON.getNodeFactory().textNode((String) only.getObject(0)).toString();
    }
    return only.get(0)
        .streamOfObjects()
        .map(String::valueOf)
        .collect(Collectors.joining(",", "[", "]"));
  }
}

package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.client.ClassLogProb;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.export.TinyEncoderClassifier;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.remote.RemoteModelBuilder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.EncoderGolden;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.StdArrays;

/** A classifier with an encoder behind the server, over REST and gRPC, against PyTorch's states. */
@Timeout(120)
class EncoderServerTest {
  private static final int LONGEST = 48;
  private static final double TOLERANCE = 1e-4;

  /** Texts with accents, CJK, emoji and none at all, with the golden sequence that each becomes. */
  private static final int[] TEXTS = {3, 4, 6, 7, 11, 0, 22, 18};

  @TempDir static Path directory;
  private static TinyEncoderClassifier model;
  private static ModelServer server;
  private static List<String> texts;
  private static List<double[]> means;

  @BeforeAll
  static void start() throws IOException {
    model = TinyEncoderClassifier.create(directory);
    ModelDirectory exported = new ModelDirectory(model.export(directory, LONGEST, 3).getParent());
    server = ModelServer.builder().ports(0, 0).model("intents", exported).start();
    List<String> all = EncoderGolden.texts();
    texts = Arrays.stream(TEXTS).mapToObj(all::get).toList();
    means = EncoderGolden.rows("means");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RemoteModelBuilder client() {
    return RemoteModel.builder("intents").deadline(Duration.ofSeconds(60));
  }

  private static ModelServerClient grpc() {
    return client().grpc("127.0.0.1:" + server.grpcPort());
  }

  private static ModelServerClient rest() {
    return client().rest(URI.create("http://127.0.0.1:" + server.restPort()));
  }

  private static JsonNode post(String method, String body) throws Exception {
    URI uri =
        URI.create("http://127.0.0.1:%d/v1/models/intents:%s".formatted(server.restPort(), method));
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JsonMapper.builder().build().readTree(response.body());
  }

  private static void assertRow(int row, List<String> labels, List<Double> logProbs) {
    double[] expected = model.logProbs(means.get(row));
    List<Integer> best = TinyEncoderClassifier.best(expected);
    for (int j = 0; j < best.size(); j++) {
      assertThat(labels.get(j)).isEqualTo(model.labels().names().get(best.get(j)));
      assertThat(logProbs.get(j)).isCloseTo(expected[best.get(j)], within(TOLERANCE));
    }
  }

  @Test
  void textsBecomeLabelsOverBothTransports() {
    try (ModelServerClient grpc = grpc();
        ModelServerClient rest = rest()) {
      for (ModelServerClient client : List.of(grpc, rest)) {
        List<List<ClassLogProb<String>>> found = client.classifier().topK(texts);
        List<List<ClassScore>> classified = client.classifier().classify(texts);
        for (int row = 0; row < texts.size(); row++) {
          assertRow(
              row,
              found.get(row).stream().map(ClassLogProb::label).toList(),
              found.get(row).stream().map(best -> (double) best.logProb()).toList());
          assertRow(
              row,
              classified.get(row).stream().map(ClassScore::label).toList(),
              classified.get(row).stream().map(best -> Math.log(best.score())).toList());
        }
        assertThat(client.classifier().topK(List.of())).isEmpty();
        List<List<ClassLogProb<String>>> nothing = client.classifier().topK(List.of("", "", ""));
        assertThat(nothing).hasSize(3);
        assertThat(nothing.get(1)).isEqualTo(nothing.get(0));
        assertThat(nothing.get(2)).isEqualTo(nothing.get(0));
      }
    }
  }

  @Test
  void tokensAreAnsweredAsTheirTexts() throws IOException {
    List<int[]> sequences = EncoderGolden.ids("sequences");
    int time = sequences.stream().mapToInt(row -> row.length).max().orElseThrow();
    long[][] ids = new long[sequences.size()][time];
    long[][] mask = new long[sequences.size()][time];
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < sequences.get(row).length; i++) {
        ids[row][i] = sequences.get(row)[i];
        mask[row][i] = 1;
      }
    }
    try (ModelServerClient grpc = grpc();
        ModelServerClient rest = rest()) {
      for (ModelServerClient client : List.of(grpc, rest)) {
        Prediction answer =
            client.predict(
                "tokens",
                Map.of(
                    "input_ids", StdArrays.ndCopyOf(ids),
                    "attention_mask", StdArrays.ndCopyOf(mask)));
        for (int row = 0; row < ids.length; row++) {
          int at = row;
          List<Integer> ranks = List.of(0, 1, 2);
          assertRow(
              row,
              ranks.stream().map(j -> answer.strings("classes").getObject(at, j)).toList(),
              ranks.stream()
                  .map(j -> (double) answer.floats("log_probs").getFloat(at, j))
                  .toList());
        }
      }
    }
  }

  @Test
  void plainJsonIsAnsweredAsTensorFlowServingAnswersIt() throws Exception {
    JsonNode predictions =
        post("predict", "{\"instances\": [{\"text\": \"hello fox\"}, {\"text\": \"\"}]}")
            .get("predictions");
    assertThat(predictions).hasSize(2);
    JsonNode results =
        post(
                "classify",
                "{\"signature_name\": \"classify\", \"examples\": [{\"text\": \"hello fox\"}, {\"text\": \"\"}]}")
            .get("results");
    for (int row = 0; row < 2; row++) {
      for (int j = 0; j < 3; j++) {
        assertThat(results.at("/%d/%d/0".formatted(row, j)).asText())
            .isEqualTo(predictions.at("/%d/classes/%d".formatted(row, j)).asText());
        assertThat(Math.log(results.at("/%d/%d/1".formatted(row, j)).asDouble()))
            .isCloseTo(
                predictions.at("/%d/log_probs/%d".formatted(row, j)).asDouble(), within(1e-5));
      }
    }
    int[] hello = EncoderGolden.ids("sequences").get(0);
    String ids = Arrays.toString(hello);
    String ones = ids.replaceAll("\\d+", "1");
    JsonNode tokens =
        post(
            "predict",
            "{\"signature_name\": \"tokens\", \"instances\": [{\"input_ids\": %s, \"attention_mask\": %s}]}"
                .formatted(ids, ones));
    assertThat(tokens.at("/predictions/0/log_probs/0").asDouble())
        .isCloseTo(
            Arrays.stream(model.logProbs(means.get(0))).max().orElseThrow(), within(TOLERANCE));
  }
}

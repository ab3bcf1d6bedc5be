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
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page is told, by the sample models. */
@Timeout(120)
class PageAnswersTest {
  private static final Path SAMPLES = Path.of("savedmodels/samples");
  private static final ModelDirectory LANGUAGE =
      new ModelDirectory(SAMPLES.resolve("language-model"));
  private static final String TEXT = "a fisherman waits on the quay until the";
  private static final JsonMapper JSON = new JsonMapper();

  private static ModelServer server;

  @BeforeAll
  static void start() throws IOException {
    server =
        ModelServer.builder()
            .model("lm", LANGUAGE)
            .model("classifier", new ModelDirectory(SAMPLES.resolve("classifier")))
            .model("layer", new ModelDirectory(SAMPLES.resolve("output-layer")))
            .ports(0, 0)
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(server.restPort(), path));
  }

  private static JsonNode ask(String call, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(uri("/page/models/" + call))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static JsonNode send(HttpRequest request) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    return JSON.readTree(response.body());
  }

  private static String text(String text, String more) {
    return "{\"text\": \"%s\"%s}".formatted(text, more);
  }

  private static List<String> labels(JsonNode answers) {
    List<String> labels = new ArrayList<>();
    answers.forEach(answer -> labels.add(answer.get("label").asText()));
    return labels;
  }

  @Test
  void theBestAnswersAreTheModelsOwnEachWithItsCluster() throws Exception {
    JsonNode found = ask("lm/versions/1:try", text(TEXT, ""));
    try (LocalModel local = LocalModel.builder(LANGUAGE).load()) {
      List<NextWord> expected = local.languageModel().complete(List.of(TEXT)).get(0);
      PublishedClusters clusters = PublishedClusters.of(LANGUAGE.highestVersion()).orElseThrow();
      assertThat(found.get("answers")).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        JsonNode answer = found.get("answers").get(i);
        assertThat(answer.get("label").asText()).isEqualTo(expected.get(i).word());
        assertThat(answer.get("log_prob").asDouble())
            .isCloseTo(expected.get(i).logProb(), within(1e-5));
        assertThat(answer.get("cluster").asInt())
            .isEqualTo(clusters.cluster(expected.get(i).word()).orElseThrow());
      }
    }
    assertThat(found.get("version").asText()).isEqualTo("1");
    assertThat(found.get("graph_ms").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(found.get("server_ms").asDouble());
  }

  /** The probability of the last cluster is below that of the tenth best word: it cannot hold one of the ten. */
  @Test
  void saysWhichClustersTheBoundSkipped() throws Exception {
    JsonNode found = ask("lm:try", text(TEXT, ""));
    List<Boolean> scored = new ArrayList<>();
    double sum = 0;
    for (JsonNode cluster : found.get("clusters")) {
      scored.add(cluster.get("scored").asBoolean());
      sum += cluster.get("probability").asDouble();
    }
    assertThat(scored).containsExactly(true, true, false);
    assertThat(sum).isCloseTo(1, within(1e-5));
    double tenth = Math.exp(found.get("answers").get(9).get("log_prob").asDouble());
    assertThat(found.get("clusters").get(2).get("probability").asDouble()).isLessThan(tenth);
    assertThat(found.get("clusters").get(2).get("from").asInt()).isEqualTo(48);
    assertThat(found.get("clusters").get(2).get("to").asInt()).isEqualTo(71);
  }

  /** p'(c) = p(c) exp(b) / Σ: with one word's share p and bias b the others shrink by 1 / (1 − p + p exp(b)). */
  @Test
  void aBiasIsThatOfTheSoftmax() throws Exception {
    JsonNode plain = ask("lm:try", text(TEXT, "")).get("answers");
    String best = plain.get(0).get("label").asText();
    double p = Math.exp(plain.get(0).get("log_prob").asDouble());
    double q = Math.exp(plain.get(1).get("log_prob").asDouble());
    JsonNode favoured = ask("lm:try", text(TEXT, bias(best, "2"))).get("answers");
    double sum = 1 - p + p * Math.exp(2);
    assertThat(Math.exp(favoured.get(0).get("log_prob").asDouble()))
        .isCloseTo(p * Math.exp(2) / sum, within(1e-5));
    assertThat(Math.exp(favoured.get(1).get("log_prob").asDouble()))
        .isCloseTo(q / sum, within(1e-5));
    JsonNode banned = ask("lm:try", text(TEXT, bias(best, "null"))).get("answers");
    assertThat(labels(banned)).hasSize(10).doesNotContain(best);
    assertThat(Math.exp(banned.get(0).get("log_prob").asDouble()))
        .isCloseTo(q / (1 - p), within(1e-5));
  }

  private static String bias(String label, String value) {
    return ", \"bias\": [{\"label\": \"%s\", \"value\": %s}]".formatted(label, value);
  }

  @Test
  void drawsAreRepeatableAndKeepToTheOptions() throws Exception {
    String options = ", \"words\": 8, \"temperature\": 0.9, \"top_k\": 3, \"seed\": ";
    JsonNode first = ask("lm:sample", text("the", options + 4)).get("words");
    assertThat(ask("lm:sample", text("the", options + 4)).get("words")).isEqualTo(first);
    assertThat(ask("lm:sample", text("the", options + 5)).get("words")).isNotEqualTo(first);
    String text = "the";
    for (JsonNode word : first) {
      List<String> best = labels(ask("lm:try", text(text, "")).get("answers"));
      assertThat(best.subList(0, 4)).contains(word.get("label").asText());
      text += " " + word.get("label").asText();
    }
  }

  /** The best word at each step, until the text ends. */
  @Test
  void aSmallTopPIsTheBestWord() throws Exception {
    JsonNode drawn = ask("lm:sample", text("the pilot", ", \"words\": 100, \"top_p\": 0.000001"));
    assertThat(drawn.get("ended").asBoolean()).isTrue();
    String text = "the pilot";
    for (String word : labels(drawn.get("words"))) {
      assertThat(labels(ask("lm:try", text(text, bias("<unk>", "null"))).get("answers")).get(0))
          .isEqualTo(word);
      text += " " + word;
    }
    assertThat(labels(ask("lm:try", text(text, "")).get("answers")).get(0)).isEqualTo("</s>");
  }

  @Test
  void aClassifierHasLabelsAndNoClusters() throws Exception {
    JsonNode found = ask("classifier:try", text("when does the ferry leave", ""));
    assertThat(found.get("answers")).hasSize(3);
    assertThat(found.has("clusters")).isFalse();
    assertThat(found.get("answers").get(0).has("cluster")).isFalse();
  }

  @Test
  void anOutputLayerTakesAVector() throws Exception {
    String vector = "{\"vector\": [%s1]%s}".formatted("0.5, ".repeat(15), bias("999", "20"));
    JsonNode found = ask("layer:try", vector);
    assertThat(found.get("answers").get(0).get("label").asText()).isEqualTo("999");
    assertThat(found.get("answers").get(0).get("cluster").asInt()).isEqualTo(2);
    assertThat(found.get("clusters")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lm:try         | {}                                                   | text must be a string:
          lm:try         | {"text": "a", "bias": [{"label": "zz", "value": 1}]} | bias names no class of the model: zz
          lm:try         | {"text": "a", "bias": [{"label": "a"}]}              | bias must be a finite number, or null for a ban:
          lm:sample      | {"text": "a", "temperature": 0}                      | temperature must be above 0 and finite: 0.0
          lm:sample      | {"text": "a", "temperature": "x"}                    | temperature must be a number: "x"
          lm:sample      | {"text": "a", "top_k": 0}                            | topK must be at least 1: 0
          lm:sample      | {"text": "a", "top_p": 2}                            | topP must be in (0, 1]: 2.0
          lm:sample      | {"text": "a", "words": 101}                          | words must be in 1..100: 101
          lm:sample      | {"text": "a", "seed": 1.5}                           | seed must be a whole number: 1.5
          classifier:try | {"text": "a", "bias": [{"label": "a", "value": 1}]}  | the model has no signature log_prob, which a bias needs
          classifier:sample | {"text": "a"}                                     | only a language model can go on
          layer:try      | {"vector": [1]}                                      | vector must hold 16 numbers: 1
          layer:try      | {"text": "a"}                                        | vector must be a list of numbers:
          layer:sample   | {"vector": [1]}                                      | only a language model can go on
          nosuch:try     | {"text": "a"}                                        | Servable not found for request: Latest(nosuch)
          lm/versions/9:try | {"text": "a"}                                     | Servable not found for request: Specific(lm, 9)
          lm:other       | {"text": "a"}                                        | Malformed request: POST /page/models/lm:other
          lm:try         | [1]                                                  | JSON Value: [
          """)
  void saysWhatIsWrong(String call, String body, String message) throws Exception {
    assertThat(ask(call, body).path("error").asText()).startsWith(message);
  }

  /** A look inside is no request of its own: neither its answer nor its text is counted. */
  @Test
  void aTryIsCountedOnce() throws Exception {
    double before = rows("lm");
    ask("lm:try", text("the quay", ""));
    ask("lm:sample", text("the quay", ""));
    assertThat(rows("lm") - before).isEqualTo(1);
  }

  private static double rows(String model) throws Exception {
    double rows = 0;
    for (JsonNode row : get("/page/watch.json").get("rows")) {
      rows += row.get("model").asText().equals(model) ? row.get("count").asDouble() : 0;
    }
    return rows;
  }

  @Test
  void tellsWhatVersionsAreMadeOf() throws Exception {
    JsonNode facts = get("/page/watch.json").get("versions").get("lm").get("1");
    assertThat(facts.get("provenance").get("corpus").asText()).isEqualTo("sentences.txt");
    assertThat(facts.get("ancestors")).isEmpty();
    double sum = 0;
    for (JsonNode share : facts.get("training_shares")) {
      sum += share.asDouble();
    }
    assertThat(facts.get("training_shares")).hasSize(3);
    assertThat(sum).isCloseTo(1, within(1e-9));
    JsonNode inputs =
        get("/page/models.json").at("/layer/signatures/1/serving_default/inputs/inputs");
    assertThat(inputs.get("type").asText()).isEqualTo("DT_FLOAT");
    assertThat(inputs.get("shape")).extracting(JsonNode::asInt).containsExactly(-1, 16);
  }
}

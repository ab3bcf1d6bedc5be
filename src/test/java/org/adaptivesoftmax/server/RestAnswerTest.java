package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms of requests and answers; what stands in them {@code SampleModelsTest} checks. */
class RestAnswerTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path SAMPLES = Path.of("savedmodels", "samples");
  private static final String ROW = "[1,0,-1,0.5,0,0,0,0,0,0,0,0,0,0,0,2]";

  @SuppressWarnings("NullAway.Init")
  private static LocalModel layer;

  @SuppressWarnings("NullAway.Init")
  private static LocalModel texts;

  @SuppressWarnings("NullAway.Init")
  private static LocalModel classifier;

  @BeforeAll
  static void load() throws IOException {
    layer = LocalModel.builder(new ModelDirectory(SAMPLES.resolve("output-layer"))).load();
    texts = LocalModel.builder(new ModelDirectory(SAMPLES.resolve("language-model"))).load();
    classifier = LocalModel.builder(new ModelDirectory(SAMPLES.resolve("classifier"))).load();
  }

  @AfterAll
  static void close() {
    layer.close();
    texts.close();
    classifier.close();
  }

  private static JsonNode answer(LocalModel model, String request) throws IOException {
    JsonNode body = JSON.readTree(request.replace("ROW", ROW));
    return JSON.readTree(RestAnswer.of(model, body).toString());
  }

  @Test
  void aContextGivesExamplesTheFeaturesThatTheyLack() throws IOException {
    JsonNode expected =
        answer(
            classifier,
            "{\"examples\": [{\"text\": \"the train\"}, {\"text\": \"rain\"}],"
                + " \"signature_name\": \"classify\"}");
    assertThat(
            answer(
                classifier,
                "{\"examples\": [{}, {\"text\": \"rain\"}],"
                    + " \"context\": {\"text\": \"the train\"}, \"signature_name\": \"classify\"}"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'examples': [], 'signature_name': 'classify'} | 'examples' value is an empty array",
        "{'instances': [ROW], 'inputs': [ROW]} | Not formatted correctly expecting only one of 'inputs' or 'instances' keys",
      },
      quoteCharacter = '`')
  void whatTheServerRefusesIsRefused(String request, String message) {
    LocalModel model = request.contains("examples") ? classifier : layer;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> answer(model, request.replace('\'', '"')))
        .withMessageContaining(message);
  }

  @Test
  void rowsAreAnsweredWithRows() throws IOException {
    JsonNode top = answer(layer, "{'instances': [ROW, ROW]}".replace('\'', '"'));
    assertThat(top).hasSize(1);
    assertThat(top.get("predictions")).hasSize(2);
    JsonNode row = top.get("predictions").get(1);
    assertThat(row.properties()).hasSize(2);
    assertThat(row.get("classes")).hasSize(5).allMatch(JsonNode::isIntegralNumber);
    assertThat(row.get("log_probs")).hasSize(5).allMatch(JsonNode::isFloatingPointNumber);
  }

  @Test
  void columnsAreAnsweredWithColumns() throws IOException {
    JsonNode rows = answer(layer, "{\"instances\": [ROW]}").get("predictions").get(0);
    JsonNode columns = answer(layer, "{\"inputs\": {\"inputs\": [ROW]}}").get("outputs");
    assertThat(columns.properties()).hasSize(2);
    assertThat(columns.get("classes").get(0)).isEqualTo(rows.get("classes"));
    assertThat(columns.get("log_probs").get(0)).isEqualTo(rows.get("log_probs"));
  }

  @Test
  void theOnlyInputAndOutputNeedNoName() throws IOException {
    String request = "{\"signature_name\": \"predict\", %s}";
    JsonNode expected = JSON.readTree("[%s]".formatted(best()));
    for (String bare : new String[] {"[ROW]", "[{\"inputs\": ROW}]"}) {
      assertThat(answer(layer, request.formatted("\"instances\": " + bare)).get("predictions"))
          .isEqualTo(expected);
    }
    for (String bare : new String[] {"[ROW]", "{\"inputs\": [ROW]}"}) {
      assertThat(answer(layer, request.formatted("\"inputs\": " + bare)).get("outputs"))
          .isEqualTo(expected);
    }
  }

  private static String best() throws IOException {
    JsonNode top = answer(layer, "{\"instances\": [ROW]}").get("predictions").get(0);
    return top.get("classes").get(0).asText();
  }

  @Test
  void wholeNumbersAreTakenForFloats() throws IOException {
    String draw =
        "{\"signature_name\": \"sample\", \"instances\": [{\"text\": \"the\", \"seed\": 3, %s}]}";
    assertThat(answer(texts, draw.formatted("\"temperature\": 1")))
        .isEqualTo(answer(texts, draw.formatted("\"temperature\": 1.0")));
  }

  @Test
  void binaryTextsAreDecoded() throws IOException {
    assertThat(answer(texts, "{\"instances\": [{\"b64\": \"dGhlIHN0b3Jt\"}]}"))
        .isEqualTo(answer(texts, "{\"instances\": [\"the storm\"]}"));
    String classify = "{\"signature_name\": \"classify\", \"examples\": [{\"text\": %s}]}";
    assertThat(answer(classifier, classify.formatted("{\"b64\": \"bXkgYmFn\"}")))
        .isEqualTo(answer(classifier, classify.formatted("[\"my bag\"]")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                                  | Missing 'inputs' or 'instances' key
          {"instances": []}                                   | JSON Value: { "instances": [] } No values in 'instances' array
          {"instances": 1}                                    | JSON Value: { "instances": 1 } Expecting 'instances' to be an list/array
          {"inputs": []}                                      | Cannot convert empty tensor map to JSON
          {"signature_name": "none", "instances": [1]}        | Serving signature name: "none" not found in signature def
          {"instances": [{"wrong": ROW}]}                     | JSON object: does not have named input: wrong
          {"instances": [["a"]]}                              | JSON Value: "a" Type: String is not of expected type: float
          {"instances": [ROW, [1]]}                           | Expecting tensor size: 16 but got: 1
          {"signature_name": "score", "instances": [ROW]}     | expecting list of objects as multiple input tensors required
          {"signature_name": "score", "instances": [{"inputs": ROW, "targets": 1.5}]} | Type: Number is not of expected type: int64
          """)
  void requestsThatDoNotFitAreRefused(String request, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> answer(layer, request))
        .withMessageContaining(message);
  }

  @Test
  void whatTheModelRefusesIsItsOwnError() {
    assertThatThrownBy(() -> answer(layer, "{\"instances\": [[1, 2, 3]]}"))
        .isInstanceOf(ModelServerException.class)
        .hasMessageContaining("INVALID_ARGUMENT");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> answer(classifier, "{\"signature_name\": \"classify\", \"examples\": [1]}"))
        .withMessage("Example must be JSON object but got JSON Number");
  }
}

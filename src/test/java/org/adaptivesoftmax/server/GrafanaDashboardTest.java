package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The dashboard's queries against what a server really tells: names, labels and the values that are asked for. */
@Timeout(120)
class GrafanaDashboardTest {
  private static final Pattern SAMPLE =
      Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$", Pattern.MULTILINE);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final Pattern SELECTOR =
      Pattern.compile("(adaptive_softmax_\\w+)(?:\\{([^}]*)})?");
  private static final Pattern CONDITION = Pattern.compile("(\\w+)(=~?)\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("(?:by|ignoring) \\(([^)]*)\\)");

  @Test
  void everyQueryFindsWhatItAsksFor() throws Exception {
    Map<String, List<Map<String, String>>> told = samples(scrape());
    List<String> queries = queries();
    assertThat(queries).hasSizeGreaterThan(12);
    for (String query : queries) {
      List<MatchResult> selectors = SELECTOR.matcher(query).results().toList();
      assertThat(selectors).as(query).isNotEmpty();
      for (MatchResult selector : selectors) {
        assertThat(told).as(query).containsKey(selector.group(1));
        assertThat(told.get(selector.group(1)))
            .as("%s: %s", selector.group(1), query)
            .anyMatch(labels -> fits(labels, selector.group(2)) && groups(labels, query));
      }
    }
  }

  /** Whether a sample has the labels of a selector; what begins with $ is Grafana's to fill in. */
  private static boolean fits(Map<String, String> labels, String conditions) {
    return conditions == null
        || CONDITION
            .matcher(conditions)
            .results()
            .allMatch(
                one ->
                    one.group(3).startsWith("$")
                        ? labels.containsKey(one.group(1))
                        : one.group(3).equals(labels.get(one.group(1))));
  }

  private static boolean groups(Map<String, String> labels, String query) {
    return GROUPING
        .matcher(query)
        .results()
        .flatMap(one -> List.of(one.group(1).split(", ")).stream())
        .allMatch(labels::containsKey);
  }

  private static List<String> queries() throws IOException {
    JsonNode dashboard =
        new JsonMapper().readTree(Path.of("tools/grafana/dashboard.json").toFile());
    List<String> queries = new ArrayList<>();
    dashboard.findValues("expr").forEach(expression -> queries.add(expression.asText()));
    dashboard.get("templating").findValues("query").stream()
        .map(JsonNode::asText)
        .filter(query -> query.startsWith("label_values"))
        .forEach(queries::add);
    return queries;
  }

  /** After requests of every kind: answered, refused, remembered, over REST. */
  private static String scrape() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .model("lm", new ModelDirectory(Path.of("savedmodels/samples/language-model")))
            .model("layer", new ModelDirectory(Path.of("savedmodels/samples/output-layer")))
            .ports(0, 0)
            .cache(10)
            .start()) {
      for (String text : List.of("the old sailor", "the old sailor", "a fisherman waits in")) {
        send(server, "/v1/models/lm:predict", "{\"inputs\": [\"%s\"]}".formatted(text));
      }
      send(server, "/v1/models/layer:predict", "{\"inputs\": [[1, 2]]}");
      return send(server, "/monitoring/prometheus/metrics", null);
    }
  }

  private static String send(ModelServer server, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(server.restPort(), path)));
    return HttpClient.newHttpClient()
        .send(
            body == null
                ? request.build()
                : request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** The labels of every sample, by name. */
  private static Map<String, List<Map<String, String>>> samples(String exposition) {
    Map<String, List<Map<String, String>>> samples = new HashMap<>();
    Set<String> seen = new HashSet<>();
    SAMPLE
        .matcher(exposition)
        .results()
        .forEach(
            sample -> {
              Map<String, String> labels = new HashMap<>();
              if (sample.group(2) != null) {
                LABEL
                    .matcher(sample.group(2))
                    .results()
                    .forEach(label -> labels.put(label.group(1), label.group(2)));
              }
              assertThat(seen.add(sample.group(1) + labels)).as(sample.group()).isTrue();
              samples.computeIfAbsent(sample.group(1), name -> new ArrayList<>()).add(labels);
            });
    return samples;
  }
}

package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ServeMetricsCommandTest {
  private static final String HITS = "adaptive_softmax_cache_total{model=\"moved\",result=\"hit\"}";
  private static final String MISSES =
      "adaptive_softmax_cache_total{model=\"moved\",result=\"miss\"}";

  @TempDir static Path directory;
  private static String model;

  @BeforeAll
  static void export() throws IOException {
    model = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory).base().toString();
  }

  @Test
  void countsTheTextsOfAFile() throws IOException {
    Path texts = Files.writeString(directory.resolve("texts.txt"), "the\na fox is\nthe\n");
    CommandRun run = CommandRun.of("serve-metrics", "--model", model, "--texts", texts.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out().lines()).contains(HITS + " 1.0", MISSES + " 2.0");
    assertThat(run.out().lines().filter(line -> line.startsWith("adaptive_softmax_rows_total{")))
        .isNotEmpty()
        .allMatch(line -> line.contains("cluster=\"head\"") || line.contains("cluster=\"tail "));
    double requests =
        run.out()
            .lines()
            .filter(line -> line.startsWith("adaptive_softmax_requests_seconds_count{"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf("} ") + 2)))
            .sum();
    assertThat(requests).isEqualTo(3);
  }

  @Test
  @Timeout(300)
  void servesThePageMeanwhile() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    InputStream standardInput = System.in;
    PipedOutputStream lines = new PipedOutputStream();
    try {
      System.setIn(new PipedInputStream(lines));
      CompletableFuture<CommandRun> run =
          CompletableFuture.supplyAsync(
              () ->
                  CommandRun.of("serve-metrics", "--model", model, "--port", port + "", "--json"));
      lines.write("the quick\nthe quick\n".getBytes(StandardCharsets.UTF_8));
      lines.flush();
      String page = "";
      while (!run.isDone() && !page.contains(HITS + " 1.0")) {
        Thread.sleep(100);
        page = run.isDone() ? run.get().err() : page(port);
      }
      assertThat(page).contains(HITS + " 1.0", MISSES + " 1.0");
      lines.close();
      JsonNode result = new JsonMapper().readTree(run.get(120, TimeUnit.SECONDS).out());
      assertThat(result.get("texts").asLong()).isEqualTo(2);
      assertThat(result.get("metrics").asText()).contains(HITS + " 1.0");
    } finally {
      lines.close();
      System.setIn(standardInput);
    }
  }

  private static String page(int port) throws InterruptedException {
    URI uri = URI.create("http://localhost:%d/metrics".formatted(port));
    try {
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException notYet) {
      return "";
    }
  }

  @Test
  void refusesAPortThatIsNone() {
    CommandRun run = CommandRun.of("serve-metrics", "--model", model, "--port", "70000");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err().strip()).isEqualTo("adaptive-softmax: --port must be in 1..65535: 70000");
  }
}

package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own, and the signal that ends it. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class ServeCommandTest {
  private static final Path SAMPLES = Path.of("savedmodels", "samples").toAbsolutePath();

  @TempDir Path directory;

  @Test
  void aSignalEndsItWhenTheRequestsOnTheirWayAreAnswered() throws Exception {
    Process server =
        start("--model", SAMPLES.resolve("language-model").toString(), "--json");
    try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
      JsonNode ready = new JsonMapper().readTree(out.readLine());
      assertThat(ready.at("/versions/language-model/0").asLong()).isEqualTo(1);
      assertThat(ready.get("grpc").asText()).startsWith("127.0.0.1:");
      URI uri = URI.create(ready.get("rest").asText() + "/v1/models/language-model:predict");
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      // Long texts, so that most wait still when the signal comes.
      String body = "{\"instances\": [\"%s\"]}".formatted("the wind on the sea ".repeat(400));
      for (int i = 0; i < 32; i++) {
        answers.add(
            client.sendAsync(
                HttpRequest.newBuilder(uri)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new)).join();
      server.destroy();
      int answered = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> response = answer.join();
        // One that came after the signal is told so.
        assertThat(response.statusCode()).isIn(200, 503);
        answered += response.statusCode() == 200 ? 1 : 0;
      }
      assertThat(answered).isPositive();
      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).as(err()).isZero();
      assertThat(out.readLine()).isNull();
      assertThat(err()).doesNotContain("adaptive-softmax:");
    } finally {
      server.destroyForcibly();
    }
  }

  private Process start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("serve", "--port", "0", "--grpc-port", "0"));
    command.addAll(List.of(options));
    return new ProcessBuilder(command)
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  @Test
  void badArgumentsAreOneLine() {
    assertThat(CommandRun.of("serve").err())
        .isEqualTo("adaptive-softmax: --model or --config is needed\n");
    String model = SAMPLES.resolve("language-model").toString();
    assertThat(CommandRun.of("serve", "--model", model, "--model", model).err())
        .isEqualTo("adaptive-softmax: two models have the name language-model\n");
    assertThat(CommandRun.of("serve", "--model", model, "--port", "70000").err())
        .isEqualTo("adaptive-softmax: port must be in 0..65535: 70000\n");
    String config = SAMPLES.resolve("models.config").toString();
    assertThat(CommandRun.of("serve", "--model", model, "--tls-key", config).err())
        .isEqualTo(
            "adaptive-softmax: --tls-certificate and --tls-key go together: %s\n"
                .formatted(config));
    assertThat(CommandRun.of("serve", "--config", config).err())
        .isEqualTo("adaptive-softmax: no such model directory: /models/output-layer\n");
  }
}

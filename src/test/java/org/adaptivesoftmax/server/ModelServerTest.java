package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.export.TinyTextClassifier;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.remote.RemoteModelBuilder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/** The embedded server with this library's own models and clients, against the same model without a server. */
@Timeout(120)
class ModelServerTest {
  private static final Duration SOON = Duration.ofMillis(50);

  @TempDir static Path exported;
  private static Path original;

  @TempDir Path directory;
  private ModelDirectory model;

  @BeforeAll
  static void export() throws IOException {
    original = TinyLanguageModel.save(exported, Softmax.ADAPTIVE).export(exported).highestVersion();
  }

  @BeforeEach
  void copy() throws IOException {
    model = new ModelDirectory(directory.resolve("lm"));
    publish();
  }

  private Path publish() throws IOException {
    return model.publish(unfinished -> copyFiles(original, unfinished));
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static ModelServerBuilder builder() {
    return ModelServer.builder().ports(0, 0).poll(SOON);
  }

  private static RemoteModelBuilder client() {
    return RemoteModel.builder("lm").deadline(Duration.ofSeconds(60));
  }

  private static ModelServerClient grpc(ModelServer server, RemoteModelBuilder client) {
    return client.grpc("127.0.0.1:" + server.grpcPort());
  }

  private static ModelServerClient rest(ModelServer server, RemoteModelBuilder client) {
    return client.rest(URI.create("http://127.0.0.1:" + server.restPort()));
  }

  private static HttpResponse<String> get(ModelServer server, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.restPort(), path));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void answersBothClientsAsTheModelDoes() throws IOException {
    try (ModelServer server = builder().model("lm", model).start();
        ModelServerClient grpc = grpc(server, client());
        ModelServerClient rest = rest(server, client());
        LocalModel local = LocalModel.builder(model).load()) {
      List<List<NextWord>> expected = local.languageModel().complete(TinyLanguageModel.SENTENCES);
      for (ModelServerClient client : List.of(grpc, rest)) {
        assertThat(client.languageModel().complete(TinyLanguageModel.SENTENCES))
            .isEqualTo(expected);
        assertThat(client.languageModel().score(List.of("the fox", "a dog")))
            .isEqualTo(local.languageModel().score(List.of("the fox", "a dog")));
        assertThat(client.metadata().signatures().keySet())
            .isEqualTo(local.metadata().signatures().keySet());
        assertThat(client.status()).isEqualTo(local.status());
      }
      assertThat(server.versions()).isEqualTo(Map.of("lm", Set.of(1L)));
    }
  }

  @Test
  void classifies() throws IOException {
    Path version = TinyTextClassifier.save(directory).export(directory);
    ModelDirectory classifier = new ModelDirectory(version.getParent());
    try (ModelServer server = builder().model("lm", classifier).start();
        ModelServerClient grpc = grpc(server, client());
        ModelServerClient rest = rest(server, client());
        LocalModel local = LocalModel.builder(classifier).load()) {
      List<String> texts = List.of("a text of some words", "another");
      assertThat(grpc.classifier().classify(texts)).isEqualTo(local.classifier().classify(texts));
      assertThat(rest.classifier().classify(texts)).isEqualTo(local.classifier().classify(texts));
    }
  }

  @Test
  void servesTheVersionsAndLabelsOfAConfiguration() throws IOException {
    publish();
    publish();
    Path config =
        Files.writeString(
            directory.resolve("models.config"),
            """
            model_config_list {
              config {
                name: "lm"
                base_path: "%s"
                model_platform: "tensorflow"
                model_version_policy { specific { versions: 1 versions: 2 } }
                version_labels { key: "stable" value: 1 }
              }
              config { name: "newest" base_path: "%1$s" }
            }
            """
                .formatted(model.base()));
    try (ModelServer server = builder().models(config).start();
        ModelServerClient stable = grpc(server, client().versionLabel("stable"));
        ModelServerClient second = rest(server, client().version(2));
        ModelServerClient third = grpc(server, client().version(3));
        ModelServerClient nosuch = rest(server, client().versionLabel("nosuch"))) {
      assertThat(server.versions()).isEqualTo(Map.of("lm", Set.of(1L, 2L), "newest", Set.of(3L)));
      assertThat(stable.metadata().version()).isEqualTo(1);
      assertThat(stable.status()).extracting(VersionStatus::version).containsExactly(1L);
      assertThat(second.metadata().version()).isEqualTo(2);
      assertThatThrownBy(third::metadata)
          .isInstanceOf(ModelServerException.class)
          .hasMessageContaining("Servable not found for request: Specific(lm, 3)");
      assertThatThrownBy(nosuch::metadata)
          .isInstanceOf(ModelServerException.class)
          .hasMessageContaining("Unrecognized servable version label: nosuch");
    }
  }

  @Test
  void saysWhatIsWrongWithAConfiguration() throws IOException {
    Path config = directory.resolve("models.config");
    Files.writeString(config, "model_config_list { config { nome: \"a\" } }");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().models(config))
        .withMessageContaining("models.config is no configuration of models")
        .withMessageContaining("nome");
    Files.writeString(
        config,
        "model_config_list { config { name: \"a\" base_path: \"%s\" version_labels { key: \"x\" value: 9 } } }"
            .formatted(model.base()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().models(config).start())
        .withMessage("model a: label x is of version 9, which is not served");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().model("a", model).model("a", model).start())
        .withMessage("two models have the name a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().model("a/b", model))
        .withMessage("a model's name must not be empty and have neither / nor :: a/b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().model("a", new ModelDirectory(directory.resolve("no"))).start())
        .withMessage("no such model directory: " + directory.resolve("no"));
  }

  @Test
  void manyThreadsAreAnsweredWhileVersionsTurn() throws Exception {
    try (ModelServer server = builder().model("lm", model).start();
        ModelServerClient grpc = grpc(server, client());
        ModelServerClient rest = rest(server, client());
        LocalModel local = LocalModel.builder(model).load()) {
      List<List<NextWord>> expected = local.languageModel().complete(TinyLanguageModel.SENTENCES);
      AtomicBoolean done = new AtomicBoolean();
      ExecutorService threads = Executors.newFixedThreadPool(64);
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        ModelServerClient client = i % 2 == 0 ? grpc : rest;
        clients.add(threads.submit(() -> ask(client, expected, done)));
      }
      for (long version = 2; version <= 4; version++) {
        publish();
        awaitVersion(server, version);
        Thread.sleep(100);
      }
      done.set(true);
      int answers = 0;
      for (Future<Integer> client : clients) {
        answers += client.get();
      }
      threads.shutdown();
      assertThat(answers).isGreaterThan(64);
      assertThat(get(server, "/monitoring/prometheus/metrics").body())
          .contains("adaptive_softmax_server_requests_seconds_count{")
          .doesNotContain("code=\"INTERNAL\"");
    }
  }

  /** Joint batches differ in the last bit of a log-probability, as their products have other sizes. */
  private static int ask(
      ModelServerClient client, List<List<NextWord>> expected, AtomicBoolean done) {
    int answers = 0;
    while (!done.get()) {
      List<List<NextWord>> found = client.languageModel().complete(TinyLanguageModel.SENTENCES);
      for (int row = 0; row < expected.size(); row++) {
        assertThat(found.get(row))
            .extracting(NextWord::word)
            .isEqualTo(expected.get(row).stream().map(NextWord::word).toList());
      }
      answers++;
    }
    return answers;
  }

  private static void awaitVersion(ModelServer server, long version) throws InterruptedException {
    while (!server.versions().get("lm").equals(Set.of(version))) {
      Thread.sleep(10);
    }
  }

  @Test
  @Timeout(60)
  void aVersionIsForgottenWithItsFiles() throws Exception {
    try (ModelServer server = builder().model("lm", model).start();
        ModelServerClient grpc = grpc(server, client())) {
      publish();
      awaitVersion(server, 2);
      assertThat(grpc.status()).extracting(VersionStatus::version).containsExactly(2L, 1L);
      FileTree.delete(model.base().resolve("1"));
      while (grpc.status().size() > 1) {
        Thread.sleep(10);
      }
      assertThat(grpc.status()).extracting(VersionStatus::version).containsExactly(2L);
    }
  }

  @Test
  void aBrokenVersionIsToldAndTheLastGoodOneServesOn() throws Exception {
    try (ModelServer server = builder().model("lm", model).start();
        ModelServerClient grpc = grpc(server, client())) {
      Path broken = Files.createDirectory(model.base().resolve("2"));
      Files.writeString(broken.resolve("saved_model.pb"), "no model");
      while (grpc.status().size() < 2) {
        Thread.sleep(10);
      }
      assertThat(grpc.status().get(0).message()).contains("is it complete? " + broken);
      assertThat(grpc.status().get(1).state()).isEqualTo(VersionStatus.State.AVAILABLE);
      assertThat(grpc.languageModel().complete(List.of("the"))).hasSize(1);
      FileTree.delete(broken);
      publish();
      awaitVersion(server, 2);
    }
  }

  @Test
  void tellsItsHealth() throws Exception {
    ModelServer server = builder().model("lm", model).start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
    try {
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
      assertThat(get(server, "/health").statusCode()).isEqualTo(204);
    } finally {
      channel.shutdownNow();
      server.close();
      server.close();
    }
  }

  @Test
  void servesNoFileOfTheDisk() throws Exception {
    try (ModelServer server = builder().model("lm", model).start()) {
      for (String path :
          List.of(
              "/../lm/1/saved_model.pb", "/page/../page.js", "/page/%2e%2e/page.js", "/page/")) {
        assertThat(get(server, path).statusCode()).as(path).isEqualTo(400);
      }
      HttpResponse<String> page = get(server, "/");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'");
      assertThat(get(server, "/page/models.json").body()).contains("\"serving_default\"");
      assertThat(get(server, "/page/watch.json").body()).contains("\"batches\"");
    }
  }

  @Test
  void aRowThatHasNoAnswerIsAnsweredAlone() throws Exception {
    try (ModelServer server = builder().model("lm", model).start();
        ModelServerClient grpc = grpc(server, client())) {
      List<Integer> wrong = IntStream.range(0, 20).filter(i -> i % 5 == 0).boxed().toList();
      ExecutorService threads = Executors.newFixedThreadPool(20);
      List<Future<Prediction>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Map<String, NdArray<?>> draw =
            Map.of(
                "text", NdArrays.vectorOfObjects("the"),
                "seed", NdArrays.vectorOf(1L),
                "temperature", NdArrays.vectorOf(wrong.contains(i) ? 0f : 1f));
        calls.add(threads.submit(() -> grpc.predict("sample", draw)));
      }
      for (int i = 0; i < 20; i++) {
        Future<Prediction> call = calls.get(i);
        NdArray<?> words = call.get().outputs().get("words");
        assertThat(words).isNotNull();
        assertThat(((String) words.getObject(0)).isEmpty()).isEqualTo(wrong.contains(i));
      }
      threads.shutdown();
    }
  }
}

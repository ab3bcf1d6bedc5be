package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.inference.TextScore;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.error.Code;

class LocalModelTest {
  private static final List<String> TEXTS = List.of("the quick", "a fox is", "", "the", "zebra");

  @TempDir Path directory;
  private ModelDirectory exported;

  @BeforeEach
  void export() throws IOException {
    exported = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
  }

  /** The same model once more, as the next version. */
  private void publishAgain() throws IOException {
    Path first = exported.base().resolve("1");
    exported.publish(
        to -> {
          try (var files = Files.walk(first)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
              Path copy = to.resolve(first.relativize(file).toString());
              Files.createDirectories(copy.getParent());
              Files.copy(file, copy);
            }
          }
        });
  }

  private LocalModelBuilder local() {
    return LocalModel.builder(exported).poll(Duration.ZERO);
  }

  @Test
  void answersAsTheModelDoes() throws IOException {
    List<List<NextWord>> next;
    List<TextScore> scores;
    try (SavedLanguageModel model = SavedLanguageModel.load(exported)) {
      next = model.next(TEXTS, 3);
      scores = model.score(TEXTS);
    }
    try (LocalModel model = local().load()) {
      assertThat(model.languageModel().complete(TEXTS)).isEqualTo(next);
      assertThat(model.languageModel().score(TEXTS)).isEqualTo(scores);
    }
    try (LocalModel model = local().maxBatch(2).load()) {
      assertThat(model.languageModel().complete(TEXTS)).hasSameSizeAs(next);
    }
  }

  @Test
  void describesItself() throws IOException {
    try (LocalModel model = local().load()) {
      assertThat(model.version()).isEqualTo(1);
      assertThat(model.status())
          .containsExactly(new VersionStatus(1, State.AVAILABLE, Code.OK, ""));
      ModelMetadata metadata = model.metadata();
      assertThat(metadata.version()).isEqualTo(1);
      assertThat(metadata.signatures().get("score").outputs())
          .containsOnlyKeys("log_probs", "words");
    }
  }

  @Test
  void refusesWhatTheModelCannot() throws IOException {
    try (LocalModel model = local().load()) {
      Path version = exported.highestVersion();
      assertThatThrownBy(
              () -> model.predict("nosuch", Map.of("text", NdArrays.vectorOfObjects("a"))))
          .isInstanceOf(ModelServerException.class)
          .hasMessageStartingWith(
              version + ", signature nosuch: FAILED_PRECONDITION: no such signature, there are [")
          .hasMessageContaining("score");
      assertThatThrownBy(
              () -> model.predict("score", Map.of("texts", NdArrays.vectorOfObjects("a"))))
          .isInstanceOf(ModelServerException.class)
          .hasMessage(
              version + ", signature score: INVALID_ARGUMENT: inputs must be [text]: [texts]");
      assertThatThrownBy(() -> model.outputLayer().topK(new float[3]))
          .isInstanceOf(ModelServerException.class)
          .hasMessageContaining("inputs must be [text]: [inputs]");
      assertThatThrownBy(() -> model.predict("score", Map.of("text", NdArrays.vectorOf(1f))))
          .isInstanceOf(ModelServerException.class)
          .hasMessageEndingWith(
              "signature score: INVALID_ARGUMENT: "
                  + "input text must be DT_STRING [-1]: DT_FLOAT [1]");
    }
  }

  @Test
  void aTextThatIsTooLongIsRefused() throws IOException {
    try (LocalModel model = local().maxWords(8).cache(10).microBatching(4).load()) {
      String eight = "the dog ".repeat(4);
      assertThat(model.languageModel().score(List.of("a", eight))).hasSize(2);
      assertThatThrownBy(() -> model.languageModel().score(List.of("a", eight + "!")))
          .isInstanceOf(ModelServerException.class)
          .hasMessage(
              exported.highestVersion()
                  + ", signature score: INVALID_ARGUMENT: text in row 1 has 9 words, more than 8"
                  + " (maxWords)");
    }
    assertThatThrownBy(() -> local().maxWords(0)).hasMessage("maxWords must be at least 1: 0");
  }

  @Test
  void aLongTextAmongShortOnesIsAnsweredAsAlone() throws IOException {
    List<String> texts = new ArrayList<>(TEXTS);
    texts.add("the dog is quick . ".repeat(60));
    texts.addAll(TEXTS);
    try (LocalModel model = local().load()) {
      List<TextScore> scores = model.languageModel().score(texts);
      for (int i = 0; i < texts.size(); i++) {
        TextScore alone = model.languageModel().score(List.of(texts.get(i))).get(0);
        assertThat(scores.get(i).words()).isEqualTo(alone.words());
        assertThat(scores.get(i).logProb()).isCloseTo(alone.logProb(), within(1e-3f));
      }
    }
  }

  @Test
  void aMissingTextIsNamed() throws IOException {
    NdArray<String> texts = NdArrays.vectorOfObjects("a", null);
    try (LocalModel model = local().load();
        SavedLanguageModel saved = SavedLanguageModel.load(exported)) {
      assertThatThrownBy(() -> model.predict("score", Map.of("text", texts)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("text must not be null in row 1");
      assertThatThrownBy(() -> saved.score(Arrays.asList("a", "b", null)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("text must not be null in row 2");
    }
  }

  @Test
  void answersAnEmptyBatchAtOnce() throws IOException {
    try (LocalModel model = local().load()) {
      assertThat(model.languageModel().complete(List.of())).isEmpty();
      assertThat(
              model
                  .predict("score", Map.of("text", NdArrays.ofObjects(String.class, Shape.of(0))))
                  .outputs())
          .isEmpty();
    }
  }

  @Test
  void turnsToANewVersion() throws IOException {
    try (LocalModel model = local().load()) {
      assertThat(model.refresh()).isFalse();
      publishAgain();
      assertThat(model.version()).isEqualTo(1);
      assertThat(model.refresh()).isTrue();
      assertThat(model.version()).isEqualTo(2);
      assertThat(model.predict("score", Map.of("text", NdArrays.vectorOfObjects("a"))).version())
          .hasValue(2);
    }
  }

  @Test
  @Timeout(120)
  void findsANewVersionByItself() throws IOException, InterruptedException {
    try (LocalModel model = LocalModel.builder(exported).poll(Duration.ofMillis(50)).load()) {
      publishAgain();
      while (model.version() == 1) {
        Thread.sleep(50);
      }
      assertThat(model.version()).isEqualTo(2);
    }
  }

  @Test
  void staysWithItsVersionIfANewOneIsBroken() throws IOException {
    try (LocalModel model = local().load()) {
      List<List<NextWord>> before = model.languageModel().complete(TEXTS);
      Path broken = exported.publish(to -> Files.writeString(to.resolve("saved_model.pb"), "?"));
      String reason = "model version has no weights, is it complete? " + broken;
      assertThatThrownBy(model::refresh)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(reason);
      assertThatThrownBy(model::refresh).hasMessage(reason);
      assertThat(model.status())
          .containsExactly(
              new VersionStatus(1, State.AVAILABLE, Code.OK, ""),
              new VersionStatus(2, State.END, Code.FAILED_PRECONDITION, reason));
      assertThat(model.languageModel().complete(TEXTS)).isEqualTo(before);
      publishAgain();
      assertThat(model.refresh()).isTrue();
      assertThat(model.status())
          .containsExactly(new VersionStatus(3, State.AVAILABLE, Code.OK, ""));
    }
  }

  @Test
  void namesAnIncompleteVersion() throws IOException {
    Path version = exported.highestVersion();
    Files.delete(version.resolve("variables").resolve("variables.index"));
    assertThatThrownBy(() -> local().load())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("model version has no weights, is it complete? " + version);
  }

  @Test
  void answersNothingOnceClosed() throws IOException {
    LocalModel model = local().load();
    model.close();
    model.close();
    assertThatThrownBy(() -> model.languageModel().complete(TEXTS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("model is closed: " + exported.base());
  }

  /** Each call is answered or refused, whatever the moment; then the version is freed. */
  @Test
  void closesWithCallsInFlight() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    for (int round = 0; round < 5; round++) {
      LocalModel model = local().microBatching(4).cache(2).load();
      List<List<NextWord>> expected = model.languageModel().complete(TEXTS);
      CountDownLatch running = new CountDownLatch(8);
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int first = i % TEXTS.size();
        threads.add(
            pool.submit(
                () -> {
                  try {
                    while (true) {
                      NextWord best =
                          model.languageModel().complete(List.of(TEXTS.get(first))).get(0).get(0);
                      assertThat(best.word()).isEqualTo(expected.get(first).get(0).word());
                      running.countDown();
                    }
                  } catch (IllegalStateException closed) {
                    assertThat(closed).hasMessage("model is closed: " + exported.base());
                  }
                }));
      }
      assertThat(running.await(120, TimeUnit.SECONDS)).isTrue();
      model.close();
      for (Future<?> thread : threads) {
        thread.get(120, TimeUnit.SECONDS);
      }
      assertThat(model.isFreed()).isTrue();
    }
    pool.shutdown();
  }

  @Test
  void doesNotRememberAnswersOfAWholeVocabulary() {
    int[] runs = new int[1];
    CachedRows rows =
        new CachedRows(
            (signature, inputs) -> {
              runs[0]++;
              return Map.of(
                  "log_probs", NdArrays.ofFloats(Shape.of(1, Integer.parseInt(signature))));
            },
            10,
            1 << 20,
            (hits, misses) -> {});
    for (int i = 0; i < 3; i++) {
      rows.run("1000", Map.of("text", NdArrays.vectorOfObjects("a")));
    }
    assertThat(runs[0]).isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      rows.run("1001", Map.of("text", NdArrays.vectorOfObjects("a")));
    }
    assertThat(runs[0]).isEqualTo(4);
  }

  private static CachedRows lengths(int texts, long bytes, int[] found) {
    return new CachedRows(
        (signature, inputs) -> {
          long[] lengths =
              inputs.get("text").streamOfObjects().mapToLong(LocalModelTest::length).toArray();
          return Map.of("length", NdArrays.vectorOf(lengths));
        },
        texts,
        bytes,
        (hits, misses) -> found[0] += hits);
  }

  private static long length(Object text) {
    return text instanceof byte[] bytes ? bytes[0] : ((String) text).length();
  }

  @Test
  void rememberedTextsTakeNoMoreMemoryThanAllowed() {
    int[] found = new int[1];
    CachedRows rows = lengths(10_000, 1 << 20, found);
    String padding = "x".repeat(100_000); // 200 kB in memory
    for (int i = 0; i < 2 * 100; i++) {
      rows.run("s", Map.of("text", NdArrays.vectorOfObjects(padding + i % 100)));
    }
    assertThat(found[0]).isLessThanOrEqualTo(5);
    String popular = "the";
    for (int i = 0; i < 10; i++) {
      rows.run("s", Map.of("text", NdArrays.vectorOfObjects(popular)));
    }
    assertThat(found[0]).isGreaterThanOrEqualTo(5);
  }

  @Test
  void bytesThatChangeAfterACallChangeNoAnswer() {
    int[] found = new int[1];
    CachedRows rows = lengths(10, 1 << 20, found);
    byte[] bytes = {1};
    rows.run("s", Map.of("text", NdArrays.vectorOfObjects(bytes)));
    bytes[0] = 2;
    assertThat(
            rows.run("s", Map.of("text", NdArrays.vectorOfObjects(bytes)))
                .get("length")
                .getObject(0))
        .isEqualTo(2L);
    assertThat(
            rows.run("s", Map.of("text", NdArrays.vectorOfObjects(new byte[] {1})))
                .get("length")
                .getObject(0))
        .isEqualTo(1L);
    assertThat(found[0]).isEqualTo(1);
  }

  @Test
  void aVersionBehindALinkIsTriedAgainWhenItsFilesHaveChanged() throws IOException {
    Path half = directory.resolve("half");
    try (LocalModel model = local().load()) {
      Path whole = exported.base().resolve("1");
      Files.createDirectories(half.resolve("variables"));
      Files.createSymbolicLink(exported.base().resolve("2"), half);
      assertThatThrownBy(model::refresh).hasMessageContaining("saved_model.pb");
      try (var files = Files.walk(whole)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path copy = half.resolve(whole.relativize(file).toString());
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
      assertThat(model.refresh()).isTrue();
      assertThat(model.version()).isEqualTo(2);
    }
  }

  @Test
  void remembersPopularTextsUntilANewVersion() throws IOException {
    MeterRegistry registry = new SimpleMeterRegistry();
    try (LocalModel model = local().cache(100).metrics(registry).load();
        LocalModel plain = local().load()) {
      List<List<NextWord>> expected = plain.languageModel().complete(TEXTS);
      assertThat(model.languageModel().complete(List.of("the", "a fox is", "the"))).hasSize(3);
      assertCache(registry, 0, 3);
      assertThat(model.languageModel().complete(TEXTS))
          .usingRecursiveComparison()
          .withComparatorForType((x, y) -> Math.abs(x - y) < 1e-5 ? 0 : 1, Float.class)
          .isEqualTo(expected);
      assertCache(registry, 2, 6);
      assertThat(model.languageModel().score(TEXTS)).hasSize(5);
      assertCache(registry, 2, 11);
      publishAgain();
      model.refresh();
      assertThat(model.languageModel().complete(List.of("the"))).hasSize(1);
      assertCache(registry, 2, 12);
    }
  }

  private static void assertCache(MeterRegistry registry, int hits, int misses) {
    assertThat(registry.get("adaptive.softmax.cache").tag("result", "hit").counter().count())
        .isEqualTo(hits);
    assertThat(registry.get("adaptive.softmax.cache").tag("result", "miss").counter().count())
        .isEqualTo(misses);
  }

  private static List<String> beginnings() {
    List<String> beginnings = new ArrayList<>();
    for (String sentence : TinyLanguageModel.SENTENCES) {
      for (int end = sentence.indexOf(' '); end > 0; end = sentence.indexOf(' ', end + 1)) {
        beginnings.add(sentence.substring(0, end));
      }
    }
    return beginnings;
  }

  @Test
  void countsAnswersByCluster() throws IOException {
    MeterRegistry registry = new SimpleMeterRegistry();
    try (LocalModel model = local().name("tiny").metrics(registry).load();
        SavedLanguageModel direct = SavedLanguageModel.load(exported)) {
      int[] rows = new int[3];
      int tailAnswers = 0;
      for (String text : beginnings()) {
        List<NextWord> answer = model.languageModel().complete(List.of(text)).get(0);
        List<Integer> clusters =
            answer.stream()
                .map(word -> direct.vocabulary().rank(word.word()))
                .map(rank -> rank < 6 ? 0 : rank < 15 ? 1 : 2)
                .toList();
        rows[clusters.get(0)]++;
        tailAnswers += clusters.stream().anyMatch(cluster -> cluster > 0) ? 1 : 0;
      }
      String[] names = {"head", "tail 1", "tail 2"};
      for (int i = 0; i < 3; i++) {
        var counter = registry.find("adaptive.softmax.rows").tag("cluster", names[i]).counter();
        assertThat(counter == null ? 0 : counter.count()).as(names[i]).isEqualTo(rows[i]);
      }
      var tail = registry.get("adaptive.softmax.requests").tag("answer", "tail").timer();
      assertThat(tail.count()).isEqualTo(tailAnswers).isPositive();
      assertThat(tail.totalTime(TimeUnit.NANOSECONDS)).isPositive();
      model.languageModel().score(TEXTS);
      assertThat(
              registry
                  .get("adaptive.softmax.requests")
                  .tags("model", "tiny", "signature", "score", "answer", "none")
                  .timer()
                  .count())
          .isEqualTo(1);
      assertThatThrownBy(
          () -> model.predict("nosuch", Map.of("text", NdArrays.vectorOfObjects("a"))));
      assertThat(
              registry
                  .get("adaptive.softmax.failures")
                  .tag("code", "FAILED_PRECONDITION")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void joinsRequestsOfManyThreads() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try (LocalModel plain = local().load();
        LocalModel model = local().microBatching(16).load()) {
      List<TextScore> expected = plain.languageModel().score(TinyLanguageModel.SENTENCES);
      List<Future<TextScore>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String text = TinyLanguageModel.SENTENCES.get(i % 5);
        answers.add(pool.submit(() -> model.languageModel().score(List.of(text)).get(0)));
      }
      for (int i = 0; i < 200; i++) {
        TextScore answer = answers.get(i).get();
        assertThat(answer.words()).isEqualTo(expected.get(i % 5).words());
        assertThat(answer.logProb()).isCloseTo(expected.get(i % 5).logProb(), within(1e-3f));
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void refusesBadSettings() {
    assertThatThrownBy(() -> local().poll(Duration.ofSeconds(-1)))
        .hasMessage("poll must not be negative: PT-1S");
    assertThatThrownBy(() -> local().poll(Duration.ofDays(300 * 365)))
        .hasMessageStartingWith("poll must be at most a year: PT");
    assertThatThrownBy(() -> local().cacheBytes(0)).hasMessage("cacheBytes must be at least 1: 0");
    assertThatThrownBy(() -> local().maxBatch(0)).hasMessage("maxBatch must be at least 1: 0");
    assertThatThrownBy(() -> local().cache(0)).hasMessage("cache must be at least 1 text: 0");
    assertThatThrownBy(() -> local().microBatching(0))
        .hasMessage("microBatching must be at least 1 row: 0");
    assertThatThrownBy(() -> local().name("")).hasMessage("name must not be empty");
  }
}

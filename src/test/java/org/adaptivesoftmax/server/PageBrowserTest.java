package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * The page in a real browser, with the sample models; the language model in a second version, made from the first. Takes the
 * documents' pictures, into {@code target/pictures} or where {@code -Dpage.pictures} says.
 */
@Tag("browser")
@Timeout(600)
class PageBrowserTest {
  private static final Path SAMPLES = Path.of("savedmodels/samples");
  private static final Path PICTURES =
      Path.of(System.getProperty("page.pictures", "target/pictures"));
  private static final int NARROW = 360;
  private static final int WIDE = 1600;
  private static final int PICTURE = 1200;

  @TempDir static Path directory;
  private static ModelServer server;
  private static PageBrowser page;

  @BeforeAll
  static void open() throws IOException {
    ModelDirectory language = new ModelDirectory(directory.resolve("language-model"));
    PublishedLanguageModel first = PublishedLanguageModel.read(SAMPLES.resolve("language-model/1"));
    copy(first.version(), Files.createDirectories(language.base()).resolve("1"));
    PublishedLanguageModel.read(language.base().resolve("1"))
        .exporter()
        .tailWeights(TailWeights.INT8)
        .build()
        .publish(language, first.weights());
    Path config =
        Files.writeString(
            directory.resolve("models.config"),
            """
            model_config_list {
              config {
                name: "language-model" base_path: "%s" model_platform: "tensorflow"
                model_version_policy { all {} }
                version_labels { key: "stable" value: 1 }
              }
              config { name: "classifier" base_path: "%s" model_platform: "tensorflow" }
              config { name: "output-layer" base_path: "%s" model_platform: "tensorflow" }
            }
            """
                .formatted(
                    language.base(),
                    SAMPLES.resolve("classifier").toAbsolutePath(),
                    SAMPLES.resolve("output-layer").toAbsolutePath()));
    server = ModelServer.builder().models(config).ports(0, 0).cache(100).start();
    page = new PageBrowser(server);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @AfterAll
  static void close() {
    if (page != null) {
      page.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @AfterEach
  void theConsoleIsQuietAndNothingCameFromElsewhere() {
    assertThat(page.complaints()).isEmpty();
    assertThat(page.loaded())
        .allSatisfy(name -> assertThat(name.toString()).startsWith(page.address()));
  }

  private static void ask(String text, int answers) {
    page.type("try-text", text);
    page.submit("try-form");
    awaitAnswers(answers);
  }

  private static void awaitAnswers(int count) {
    page.await(() -> page.all("#try-answers li").size() == count);
  }

  private static String label(int place) {
    return page.all("#try-answers .label").get(place).getText();
  }

  private static void awaitFirst(String label) {
    page.await(() -> label(0).equals(label));
  }

  @Test
  void everyControlDoesWhatItSays() {
    page.open("#try", WIDE, false);
    triesALanguageModel();
    draws();
    triesAClassifier();
    triesAnOutputLayer();
    watches();
    compares();
    assertThat(page.unused()).containsExactly("token-form", "token");
    assertThat(page.loaded()).asString().contains("/page/watch.js", "/page/watch.json");
  }

  private void triesALanguageModel() {
    page.choose("try-model", "language-model");
    page.choose("try-version", "1");
    page.choose("try-version", "2 (newest)");
    ask("the", 10);
    String best = label(0);
    assertThat(page.text("try-summary")).startsWith("10 best of version 2: first “" + best + "”");
    assertThat(page.all("#try-clusters li")).hasSize(3);
    assertThat(page.text("try-clusters")).contains("head", "tail 1", "tail 2", "scored", "classes");
    assertThat(page.text("try-times")).contains("In the graph", "In the server", " ms");
    page.all("#try-answers .label").get(0).click();
    page.await(() -> page.find("try-text").getDomProperty("value").equals("the " + best));
    page.await(() -> page.focused().equals(page.all("#try-answers button").get(0)));
    ask("the", 10);
    awaitFirst(best);
    bans(best);
  }

  private void bans(String best) {
    page.all("#try-answers .actions button").get(1).click();
    page.await(() -> !label(0).equals(best));
    assertThat(page.text("bias-list")).isEqualTo(best + ": banned ✕");
    String second = label(0);
    page.all("#bias-list button").get(0).click();
    awaitFirst(best);
    page.type("bias-label", second);
    page.type("bias-value", "5");
    page.click("bias-add");
    awaitFirst(second);
    assertThat(page.text("bias-list")).isEqualTo(second + ": +5 ✕");
    page.type("bias-label", second);
    page.click("bias-ban");
    awaitFirst(best);
    page.click("bias-clear");
    page.await(() -> page.all("#bias-list li").isEmpty());
    page.all("#try-answers .actions button").get(0).click();
    page.await(() -> page.text("bias-list").equals(best + ": +1 ✕"));
    page.type("bias-label", "nosuchword");
    page.click("bias-ban");
    page.await(() -> page.text("message").equals("bias names no class of the model: nosuchword"));
    page.click("bias-clear");
    page.await(() -> page.text("message").isEmpty());
    page.assertRefused(1);
  }

  private void draws() {
    page.type("sample-temperature", "0.7");
    page.type("sample-top-k", "20");
    page.type("sample-top-p", "0.9");
    page.type("sample-words", "6");
    page.type("sample-seed", "7");
    page.submit("sample-form");
    page.await(() -> page.text("sample-text").startsWith("the "));
    String drawn = page.text("sample-text");
    assertThat(page.find("sample-seed").getDomProperty("value")).isEqualTo("8");
    page.type("sample-seed", "7");
    page.submit("sample-form");
    page.await(() -> page.find("sample-seed").getDomProperty("value").equals("8"));
    assertThat(page.text("sample-text")).isEqualTo(drawn);
    page.click("sample-use");
    page.await(
        () ->
            drawn.startsWith(page.find("try-text").getDomProperty("value"))
                && page.find("try-text").getDomProperty("value").length() > "the".length());
  }

  private void triesAClassifier() {
    page.choose("try-model", "classifier");
    assertThat(page.find("bias").isDisplayed()).isFalse();
    assertThat(page.find("sample-form").isDisplayed()).isFalse();
    ask("when does the ferry leave", 3);
    assertThat(page.text("try-answers-title")).isEqualTo("Classes");
    assertThat(page.find("try-look").isDisplayed()).isFalse();
  }

  private void triesAnOutputLayer() {
    page.choose("try-model", "output-layer");
    page.click("try-random");
    assertThat(page.find("try-text").getDomProperty("value").split(",")).hasSize(16);
    page.submit("try-form");
    awaitAnswers(5);
    assertThat(page.text("try-clusters")).contains("300 classes", "600 classes");
    page.type("try-text", "[1, 2, x]");
    page.submit("try-form");
    page.await(() -> page.text("message").equals("the vector must hold numbers alone: x"));
    page.type("try-text", "1, 2");
    page.submit("try-form");
    page.await(() -> page.text("message").equals("vector must hold 16 numbers: 2"));
    page.assertRefused(1);
  }

  private void watches() {
    page.go("watch");
    page.choose("watch-model", "output-layer");
    page.choose("watch-model", "language-model");
    page.await(() -> page.all("#watch-charts figure").size() == 5);
    askForAWhile(2);
    page.await(() -> page.text("watch-charts").matches("(?s).*hits \\d+.*"));
    assertThat(page.text("watch-charts"))
        .contains("Requests, a second", "answered", "Tail answers, ms", "p99", "mean");
    assertThat(page.text("watch-clusters"))
        .contains("head", "tail 2", "Training text", "Live text");
    page.await(() -> page.text("watch-drift").contains("Jensen–Shannon divergence, bits 0."));
    assertThat(page.text("watch-advice")).isNotEmpty();
    assertThat(page.text("watch-versions"))
        .contains("Version 2", "Made from language-model, version 1 (6b9ad640).")
        .contains("Version 1", "labels: stable", "Trained anew.");
    page.all("#watch summary").forEach(WebElement::click);
    assertThat(page.text("watch-requests")).contains("rest", "page", "predict", "OK");
    assertThat(page.text("watch-versions")).contains("weights_sha256", "int8");
    assertThat(page.text("watch-meters")).contains("rows of a batch", "best answers", "hit");
  }

  /** Beginnings of sentences that the model has learned, now one, now several at once, and some of them again. */
  private static void askForAWhile(int seconds) {
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    Random random = new Random(seconds);
    try (ModelServerClient client =
        RemoteModel.builder("language-model").rest(URI.create(page.address()))) {
      List<String> sentences = Files.readAllLines(SAMPLES.resolve("sources/sentences.txt"));
      while (System.nanoTime() < end) {
        List<String> texts = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          String[] words = sentences.get(random.nextInt(sentences.size())).split(" ");
          texts.add(
              String.join(" ", Arrays.asList(words).subList(0, random.nextInt(words.length))));
        }
        client.languageModel().complete(texts);
        Thread.sleep(20 + random.nextInt(60));
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void compares() {
    page.go("compare");
    page.choose("compare-left", "language-model, version 1");
    page.choose("compare-right", "language-model, version 2");
    page.type("compare-text", "the old");
    page.submit("compare-form");
    page.await(() -> page.all("#compare-right-answers li").size() == 10);
    assertThat(page.all("#compare-left-answers li")).hasSize(10);
    assertThat(page.text("compare-summary")).contains("answers are on both sides");
    assertThat(page.text("compare-left-title")).isEqualTo("language-model, version 1");
    page.go("try");
    assertThat(page.find("try").isDisplayed()).isTrue();
  }

  /** From the address to the next word's next word, without a mouse. */
  @Test
  void theKeyboardIsEnough() {
    page.open("", WIDE, false);
    page.await(() -> page.all("#try-model option").size() == 3);
    press(Keys.TAB); // The way past the head of the page.
    assertThat(page.focused().getText()).isEqualTo("Skip to the content");
    press(Keys.ENTER);
    tabTo("try-model");
    press("language-model");
    tabTo("try-text");
    press("the old");
    press(Keys.TAB);
    press(Keys.ENTER);
    awaitAnswers(10);
    String best = label(0);
    while (!("Go on with " + best).equals(page.focused().getAccessibleName())) {
      press(Keys.TAB);
    }
    press(Keys.SPACE);
    page.await(() -> page.find("try-text").getDomProperty("value").equals("the old " + best));
  }

  private static void press(CharSequence keys) {
    page.focused().sendKeys(keys);
  }

  private static void tabTo(String id) {
    for (int i = 0; i < 20 && !id.equals(page.focused().getDomAttribute("id")); i++) {
      press(Keys.TAB);
    }
    assertThat(page.focused().getDomAttribute("id")).isEqualTo(id);
  }

  /** Texts and words come into the page as text. */
  @Test
  void whatAModelOrAUserSaysIsNeverMarkup() {
    page.open("#try", WIDE, false);
    page.await(() -> page.all("#try-model option").size() == 3);
    page.choose("try-model", "language-model");
    page.type("try-text", "<img src=x onerror=alert(1)>");
    page.submit("sample-form");
    page.await(() -> page.text("sample-text").contains("<img"));
    page.type("bias-label", "<b>bold</b>");
    page.click("bias-add");
    page.await(() -> page.text("message").contains("<b>bold</b>"));
    assertThat(page.all("main img, main b")).isEmpty();
    page.assertRefused(1);
  }

  @Test
  void everyoneCanReadIt() {
    for (int width : new int[] {NARROW, WIDE}) {
      for (String view : List.of("try", "watch", "compare")) {
        page.open("#" + view, width, false);
        page.await(() -> page.all("#try-model option").size() == 3);
        fill(view, 3);
        page.all("#watch summary").stream()
            .filter(WebElement::isDisplayed)
            .forEach(WebElement::click);
        for (boolean dark : new boolean[] {false, true}) {
          String what = view + "-" + width + (dark ? "-dark" : "");
          page.scheme(dark);
          page.assertAccessible(what);
          page.assertFits(what);
        }
      }
    }
  }

  @Test
  void takesThePicturesOfTheDocuments() throws IOException {
    for (String view : List.of("try", "watch", "compare")) {
      page.open("#" + view, PICTURE, false);
      page.await(() -> page.all("#try-model option").size() == 3);
      fill(view, 20);
      Path picture = PICTURES.resolve("page-" + view + ".png");
      page.picture(picture);
      assertThat(picture).isNotEmptyFile();
      if (view.equals("try")) {
        page.picture(PICTURES.resolve("page-answers.png"), "try-result");
      }
    }
  }

  private void fill(String view, int seconds) {
    switch (view) {
      case "try" -> {
        page.choose("try-model", "language-model");
        ask("a fisherman waits on the quay until the", 10);
        page.all("#try-answers .actions button").get(8).click();
        page.await(() -> page.text("bias-list").endsWith(": +1 ✕"));
        page.submit("sample-form");
        page.await(() -> !page.text("sample-text").isEmpty());
      }
      case "watch" -> {
        page.choose("watch-model", "language-model");
        askForAWhile(seconds);
        page.await(() -> page.text("watch-clusters").contains(" to "));
      }
      default -> {
        page.type("compare-text", "a fisherman waits on the quay until the");
        page.submit("compare-form");
        page.await(() -> page.all("#compare-right-answers li").size() == 10);
      }
    }
  }

  @Test
  void aVersionThatComesIsThere() throws IOException {
    ModelDirectory classifier = new ModelDirectory(directory.resolve("classifier"));
    Path first = SAMPLES.resolve("classifier/1");
    copy(first, Files.createDirectories(classifier.base()).resolve("1"));
    try (ModelServer turning = ModelServer.builder().model("c", classifier).ports(0, 0).start();
        PageBrowser other = new PageBrowser(turning)) {
      other.open("#watch", WIDE, false);
      other.await(() -> versions(other).contains("Version 1 available"));
      copy(first, classifier.base().resolve("unfinished"));
      Files.move(classifier.base().resolve("unfinished"), classifier.base().resolve("2"));
      other.await(() -> versions(other).contains("Version 2 available"));
      assertThat(versions(other)).contains("Version 1 end");
      other.go("try");
      other.await(() -> other.find("try-version").getText().equals("2 (newest)"));
      assertThat(other.complaints()).isEmpty();
    }
  }

  private static String versions(PageBrowser other) {
    return other.text("watch-versions").replace('\n', ' ');
  }

  @Test
  void asksForTheTokenAndTakesIt() throws IOException {
    Path token = Files.writeString(directory.resolve("token"), "s3cret");
    ModelDirectory classifier = new ModelDirectory(SAMPLES.resolve("classifier"));
    try (ModelServer guarded =
            ModelServer.builder().model("c", classifier).ports(0, 0).token(token).start();
        PageBrowser other = new PageBrowser(guarded)) {
      other.open("", WIDE, false);
      other.await(() -> other.find("token-form").isDisplayed());
      assertThat(other.text("message")).isEqualTo("a bearer token is needed");
      other.assertAccessible("token");
      other.type("token", "wrong");
      other.submit("token-form");
      other.await(() -> other.text("message").equals("a bearer token is needed"));
      assertThat(other.find("token-form").isDisplayed()).isTrue();
      other.type("token", "s3cret");
      other.submit("token-form");
      other.await(() -> !other.find("token-form").isDisplayed());
      other.type("try-text", "hello");
      other.submit("try-form");
      other.await(() -> other.all("#try-answers li").size() == 3);
    }
  }
}

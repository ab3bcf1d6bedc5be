package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path adaptive;
  private Path full;
  private Path corpus;
  private Path out;

  @BeforeEach
  void export() throws IOException {
    adaptive = model(Softmax.ADAPTIVE);
    full = model(Softmax.FULL);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      lines.addAll(TinyLanguageModel.SENTENCES);
      lines.add("");
      lines.add("the dog watches a zebra.");
    }
    corpus = Files.write(directory.resolve("today <&>.txt"), lines);
    out = directory.resolve("out/report");
  }

  private Path model(Softmax softmax) throws IOException {
    Path place = Files.createDirectory(directory.resolve(softmax.name()));
    return TinyLanguageModel.save(place, softmax).export(place).base();
  }

  private static CommandRun run(Object... args) {
    return CommandRun.of(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return JsonMapper.builder().build().readTree(out.resolve("report.json").toFile());
  }

  private Path groups() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add("<b>news</b>\t" + TinyLanguageModel.SENTENCES.get(i % 3));
      lines.add("mail\t" + TinyLanguageModel.SENTENCES.get(3 + i % 2));
    }
    return Files.write(directory.resolve("groups.tsv"), lines);
  }

  @Test
  void reportsAModelAgainstAFullSoftmax() throws Exception {
    CommandRun run =
        run(
            "report",
            "--model",
            adaptive,
            "--against",
            full,
            "--corpus",
            corpus,
            "--groups",
            groups(),
            "--out",
            out,
            "--temperatures",
            "0.7,1",
            "--samples",
            6,
            "--resamples",
            200);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("perplexity ratio").contains("calibration error");
    JsonNode json = json();
    assertThat(json.path("measured").path("lines").asInt()).isEqualTo(72);
    assertThat(json.path("models")).hasSize(2);
    JsonNode all = json.path("models").path(0).path("slices").path(0);
    CommandRun evaluated = run("evaluate", "--model", adaptive, "--corpus", corpus, "--json");
    JsonNode reference = JsonMapper.builder().build().readTree(evaluated.out());
    assertThat(all.path("tokens")).isEqualTo(reference.path("tokens"));
    assertThat(all.path("perplexity").path("value").asDouble())
        .isCloseTo(
            reference.path("perplexity").asDouble(),
            org.assertj.core.data.Percentage.withPercentage(0.01));
    JsonNode comparison = json.path("comparisons").path(0);
    assertThat(comparison.path("same_words").asBoolean()).isTrue();
    JsonNode slice = comparison.path("slices").path(0);
    double ratio =
        slice.path("perplexities").path(0).asDouble()
            / slice.path("perplexities").path(1).asDouble();
    assertThat(slice.path("perplexity_ratio").path("value").asDouble())
        .isCloseTo(ratio, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(comparison.path("groups")).hasSize(2);
    JsonNode routing = json.path("models").path(0).path("groups").path("routing").path(0);
    assertThat(routing.path("cluster_shares")).hasSize(3);
    assertThat(routing.path("microseconds_per_token").asDouble()).isPositive();
    assertThat(json.path("models").path(1).path("generation")).hasSize(3);
    assertThat(json.path("drift").path("advice").isTextual()).isTrue();
    assertPage(Files.readString(out.resolve("report.html")));
    // A second report takes the place of the first.
    CommandRun again =
        run("report", "--model", adaptive, "--corpus", corpus, "--out", out, "--resamples", 100);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(json().path("comparisons")).isEmpty();
    assertNothingUnfinished();
  }

  private static void assertPage(String page) throws Exception {
    assertThat(page).startsWith("<!DOCTYPE html>").doesNotContain("http:", "https:", "<script");
    // Escaped to be well-formed: a parser of XML takes it.
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(page.replaceFirst("<!DOCTYPE html>\\n", ""))));
    assertThat(document.getDocumentElement().getAttribute("lang")).isEqualTo("en");
    NodeList images = document.getElementsByTagName("img");
    assertThat(images.getLength()).isBetween(3, 4);
    for (int i = 0; i < images.getLength(); i++) {
      Element image = (Element) images.item(i);
      assertThat(image.getAttribute("alt")).isNotBlank();
      assertThat(image.getAttribute("src")).startsWith("data:image/png;base64,");
    }
    NodeList tables = document.getElementsByTagName("table");
    assertThat(tables.getLength()).isGreaterThan(10);
    for (int i = 0; i < tables.getLength(); i++) {
      Element table = (Element) tables.item(i);
      assertThat(table.getElementsByTagName("caption").getLength()).isOne();
      int columns =
          table.getElementsByTagName("thead").item(0).getFirstChild().getChildNodes().getLength();
      NodeList rows =
          ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
      for (int row = 0; row < rows.getLength(); row++) {
        assertThat(rows.item(row).getChildNodes().getLength()).isEqualTo(columns);
      }
    }
    assertThat(document.getDocumentElement().getTextContent())
        .contains(
            "<b>news</b>",
            "today <&>.txt",
            "reliability".toUpperCase(java.util.Locale.ROOT).substring(0, 1) + "eliability");
    assertThat(document.getElementsByTagName("b").getLength()).isZero();
  }

  @Test
  void comparesVersionsOfOtherWordsAndOtherTailWeights() throws IOException {
    PublishedLanguageModel published = PublishedLanguageModel.read(adaptive.resolve("1"));
    published
        .exporter()
        .tailWeights(TailWeights.INT8)
        .build()
        .publish(new ModelDirectory(adaptive), published.weights());
    Path counts = directory.resolve("counts");
    assertThat(run("count", "--corpus", corpus, "--out", counts).code()).isZero();
    Path training = directory.resolve("training.txt");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add("a zebra %d and the quick fox of %d".formatted(i % 7, i % 29));
    }
    Files.write(training, lines);
    assertThat(run("count", "--corpus", training, "--out", directory.resolve("more")).code())
        .isZero();
    CommandRun rebucketed =
        run(
            "rebucket",
            "--model",
            full,
            "--counts",
            directory.resolve("more"),
            "--corpus",
            training,
            "--out",
            full,
            "--steps",
            1);
    assertThat(rebucketed.code()).as(rebucketed.err()).isZero();
    CommandRun run =
        run(
            "report",
            "--model",
            adaptive,
            "--against",
            adaptive.resolve("1"),
            full,
            "--corpus",
            corpus,
            "--out",
            out,
            "--resamples",
            100);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode comparisons = json().path("comparisons");
    assertThat(comparisons).hasSize(2);
    assertThat(comparisons.path(0).path("same_words").asBoolean()).isTrue();
    assertThat(
            comparisons
                .path(0)
                .path("slices")
                .path(0)
                .path("perplexity_ratio")
                .path("value")
                .asDouble())
        .isBetween(0.95, 1.05);
    assertThat(comparisons.path(1).path("same_words").asBoolean()).isFalse();
    assertThat(comparisons.path(1).path("common_words").asInt()).isPositive();
    assertThat(comparisons.path(1).path("words").path("added").asInt()).isPositive();
  }

  @Test
  void aBadCallIsOneLineAndLeavesNothing() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty.txt"), "\n \n");
    assertBad("empty, a corpus needs at least one line", "--model", adaptive, "--corpus", empty);
    Path unknown = Files.write(directory.resolve("unknown.txt"), List.of("xyz", "xyz abc"));
    assertBad(
        "unknown.txt: no word is known to the model", "--model", adaptive, "--corpus", unknown);
    Path one = Files.write(directory.resolve("one.txt"), List.of("the dog"));
    assertBad("at least 2 lines must have a word", "--model", adaptive, "--corpus", one);
    Path tabless = Files.write(directory.resolve("tabs.tsv"), List.of("a\tthe dog", "the fox"));
    assertBad(
        "tabs.tsv:2: no tab between label and text",
        "--model",
        adaptive,
        "--corpus",
        corpus,
        "--groups",
        tabless);
    assertBad("no such model directory", "--model", directory.resolve("none"), "--corpus", corpus);
    Path nothing = Files.createDirectories(directory.resolve("nothing"));
    assertBad("model directory has no version", "--model", nothing, "--corpus", corpus);
    Path broken = Files.createDirectories(directory.resolve("broken/1"));
    Files.writeString(broken.resolve("saved_model.pb"), "");
    assertBad("not a language model", "--model", broken.getParent(), "--corpus", corpus);
    assertBad("not a language model", "--model", adaptive, "--against", broken, "--corpus", corpus);
    assertBad(
        "temperature must be above 0",
        "--model",
        adaptive,
        "--corpus",
        corpus,
        "--temperatures",
        "0");
    assertBad(
        "resamples must be in 100..100000: 5",
        "--model",
        adaptive,
        "--corpus",
        corpus,
        "--resamples",
        5);
    assertBad(
        "samples must be at least 2: 1", "--model", adaptive, "--corpus", corpus, "--samples", 1);
    out = Files.writeString(directory.resolve("file"), "x");
    assertThat(run("report", "--model", adaptive, "--corpus", corpus, "--out", out).err())
        .isEqualToIgnoringNewLines("adaptive-softmax: is a file: " + out);
    assertThat(run("report", "--model", adaptive, "--corpus", corpus, "--out", adaptive).err())
        .contains("--out holds something else than a report");
    assertThat(adaptive.resolve("1/saved_model.pb")).exists();
  }

  @Test
  void modelsWithoutACommonWordCannotBeCompared() throws IOException {
    Path place = Files.createDirectory(directory.resolve("foreign"));
    TinyLanguageModel tiny = TinyLanguageModel.save(place, Softmax.ADAPTIVE);
    org.adaptivesoftmax.text.Vocabulary words = tiny.vocabulary();
    List<String> foreign =
        words.words().stream().map(word -> word.startsWith("<") ? word : "q" + word + "q").toList();
    Path file = Files.write(place.resolve("words.txt"), foreign);
    ModelDirectory model = new ModelDirectory(place.resolve("lm"));
    LanguageModelExporter.builder(
            tiny.configuration(), org.adaptivesoftmax.text.Vocabulary.read(file))
        .build()
        .publish(model, tiny.weights());
    assertBad(
        "models without a common word cannot be compared",
        "--model",
        adaptive,
        "--against",
        model.base(),
        "--corpus",
        corpus);
  }

  private void assertBad(String message, Object... arguments) throws IOException {
    List<Object> all = new ArrayList<>(List.of("report", "--out", out));
    all.addAll(List.of(arguments));
    CommandRun run = run(all.toArray());
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(out).doesNotExist();
  }

  private void assertNothingUnfinished() throws IOException {
    try (Stream<Path> files = Files.list(out.getParent())) {
      assertThat(files).containsExactly(out);
    }
  }
}

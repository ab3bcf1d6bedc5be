package org.adaptivesoftmax.bench.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.training.TinyExamples;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class StudyTest {
  private final Path directory;
  private final List<String> progress = new ArrayList<>();

  StudyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String file(String name, int count, long seed) throws IOException {
    return Files.writeString(directory.resolve(name), TinyExamples.lines(count, seed)).toString();
  }

  private StudyReport run(StudySettings settings) throws IOException, InterruptedException {
    String description =
        "tiny=%s,%s,%s".formatted(file("a", 600, 1), file("b", 120, 2), file("c", 120, 3));
    Path out = directory.resolve("study");
    progress.clear();
    return new Study(
            List.of(StudyData.parse(description)), settings, out, progress::add, new NGramTrials())
        .run();
  }

  @Test
  void reportsEveryVariantAndDoesNoRunTwice() throws Exception {
    StudyReport first = run(new StudySettings(1, 6, 0.1));
    assertThat(first.groups()).extracting(RunGroup::seeds).containsExactly(1, 1, 1, 1, 1, 1, 1, 1);
    assertThat(progress).hasSize(8).noneMatch(line -> line.contains("done before"));

    StudyReport report = run(new StudySettings(2, 6, 0.1));
    assertThat(progress).hasSize(16);
    assertThat(progress.subList(0, 8)).allMatch(line -> line.contains("seed 1 (done before)"));
    assertThat(progress.subList(8, 16)).noneMatch(line -> line.contains("done before"));
    assertThat(report.groups())
        .extracting(RunGroup::variant)
        .containsExactly(
            "softmax",
            "as-softmax",
            "as-softmax-warm-up",
            "as-speed",
            "row-skipping",
            "sparsemax",
            "entmax15",
            "focal");
    for (RunGroup group : report.groups()) {
      assertThat(group.seeds()).isEqualTo(2);
      assertThat(group.epochs().finished()).hasSize(6);
      assertThat(group.epochs().seconds()).hasSize(6).isSorted();
    }
    assertThat(report.groups().get(0).metrics().accuracyAgainstSoftmax())
        .isEqualTo(new Interval(0.0, 0.0));
    assertThat(report.groups().get(0).epochs().finished()).containsOnly(0.0);
    assertThat(report.groups().get(1).epochs().finished().get(5)).isPositive();

    run(new StudySettings(1, 6, 0.2));
    assertThat(progress)
        .filteredOn(line -> !line.contains("as-") && !line.contains("row-skipping"))
        .hasSize(4)
        .allMatch(line -> line.contains("done before"));
    assertThat(progress.subList(1, 5)).noneMatch(line -> line.contains("done before"));
  }

  @Test
  void writesMarkdownJsonAndPlots() throws Exception {
    StudyReport report = run(new StudySettings(1, 2, 0.1));
    Path out = directory.resolve("study");
    assertThat(out.resolve("report.md")).content().isEqualTo(report.markdown());
    assertThat(report.markdown().lines().filter(line -> line.startsWith("| tiny |"))).hasSize(15);
    JsonNode json = JsonMapper.builder().build().readTree(out.resolve("report.json").toFile());
    assertThat(json.get("groups")).hasSize(8);
    assertThat(json.get("groups").get(1).get("accuracy").get("mean").asDouble())
        .isEqualTo(report.groups().get(1).metrics().accuracy().mean());
    assertThat(json.get("groups").get(1).get("accuracy").get("half_width").isNull()).isTrue();
    for (String plot : List.of("tiny-accuracy.png", "tiny-finished.png")) {
      BufferedImage image = ImageIO.read(out.resolve(plot).toFile());
      assertThat(image.getWidth()).isEqualTo(800);
    }
  }

  /** Runs are kept by these words: with others, days of measurements would be done anew. */
  @Test
  void theWordsThatRunsAreKeptByStayAsTheyAre() throws IOException {
    StudySettings settings = new StudySettings(5, 12, 0.1);
    NGramTrials trials = new NGramTrials();
    assertThat(trials.description(trials.variants(0.1).get(4), settings))
        .isEqualTo(
            "ClassifierTraining[batch=64, epochs=12, learningRate=LearningRate[first=0.003,"
                + " last=3.0000000000000003E-4], loss=ClassifierLoss[kind=AS_SOFTMAX, delta=0.1, initialDelta=1.0,"
                + " warmupRatio=0.0, accumulate=1, accumulateLambda=1.0, skipping=TWO_PASS],"
                + " patience=12]");
    EncoderTrials encoder =
        new EncoderTrials(PretrainedEncoder.read(EncoderGolden.directory()), 24, true);
    assertThat(encoder.description(encoder.variants(0.1).get(2), settings))
        .isEqualTo(
            "EncoderTraining[batch=32, epochs=12, patience=12, loss=ClassifierLoss[kind=AS_SOFTMAX,"
                + " delta=0.1, initialDelta=1.0, warmupRatio=0.0, accumulate=1, accumulateLambda=1.0,"
                + " skipping=SPECULATIVE], optimizer=EncoderOptimizer[rate=WarmUp[peak=5.0E-5,"
                + " share=0.1], headFactor=10.0, weightDecay=0.01, clipNorm=1.0], frozenLayers=-1,"
                + " precision=FLOAT32] EncoderConfiguration[embeddings=Embeddings[vocabulary=238,"
                + " positions=48, types=2, width=24], layers=3, heads=4, intermediate=40,"
                + " epsilon=1.0E-12, pooling=MEAN] of 24 tokens");
  }

  @Test
  void twoStudiesBecomeOneReport() throws Exception {
    run(new StudySettings(1, 2, 0.1));
    Path first = directory.resolve("study");
    Path second = Files.createDirectory(directory.resolve("second"));
    String json = Files.readString(first.resolve("report.json"));
    Files.writeString(
        second.resolve("report.json"),
        json.replace("\"data\" : \"tiny\"", "\"data\" : \"other\"")
            .replace("\"seeds\" : 1", "\"seeds\" : 3"));
    Path merged = directory.resolve("merged");
    StudyReport report = StudyReport.merge(List.of(first, second), merged);
    assertThat(report.groups()).hasSize(16);
    assertThat(report.markdown()).startsWith("Means over seeds 1 to 1 (tiny), 3 (other) with 95 %");
    assertThat(merged.resolve("report.md")).content().isEqualTo(report.markdown());
    assertThat(merged.resolve("other-accuracy.png")).exists();
    JsonNode both = JsonMapper.builder().build().readTree(merged.resolve("report.json").toFile());
    assertThat(StudyReport.of(both)).isEqualTo(report);

    assertThatThrownBy(() -> StudyReport.merge(List.of(first, first), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two reports have tiny, softmax");
    assertThatThrownBy(() -> StudyReport.merge(List.of(first, directory), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("report.json: the study in");
    Files.writeString(
        second.resolve("report.json"), json.replace("\"delta\" : 0.1", "\"delta\" : 0.2"));
    assertThatThrownBy(() -> StudyReport.merge(List.of(first, second), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("reports must have the same epochs and delta");
    Files.writeString(second.resolve("report.json"), "{\"groups\": 1");
    assertThatThrownBy(() -> StudyReport.merge(List.of(first, second), merged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no report of a study");
  }

  @Test
  void intervalsAreStudents() {
    Interval interval = Interval.of(List.of(1.0, 2.0, 3.0, Double.NaN, 4.0, 5.0));
    assertThat(interval.mean()).isEqualTo(3);
    assertThat(interval.halfWidth()).isCloseTo(2.776 * Math.sqrt(2.5 / 5), within(1e-3));
    assertThat(interval.text(0.01, 1)).isEqualTo("300.0 ± 196.3");
    assertThat(Interval.of(List.of(2.0))).isEqualTo(new Interval(2.0, null));
    assertThat(Interval.of(List.of(Double.NaN)).text(1, 1)).isEqualTo("–");
    List<Double> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.add(i % 2 * 1.0);
    }
    // The 0.975 quantile for 100 degrees of freedom is 1.984.
    double deviation = Math.sqrt(50.0 / 101 * 51 / 101 / 100);
    assertThat(Interval.of(many).halfWidth())
        .isCloseTo(1.984 * deviation, within(1e-3 * deviation));
  }

  @Test
  void correlationIsPearsons() {
    List<Double> x = List.of(1.0, 2.0, 3.0, 4.0);
    assertThat(Correlation.of(x, List.of(2.0, 1.0, 4.0, 3.0))).isCloseTo(0.6, within(1e-12));
    assertThat(Correlation.of(x, List.of(8.0, 6.0, 4.0, 2.0))).isCloseTo(-1, within(1e-12));
    assertThat(Correlation.of(x, List.of(1.0, 1.0, 1.0, 1.0))).isNaN();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> new StudySettings(0, 12, 0.1))
        .hasMessage("seeds must be at least 1: 0");
    assertThatThrownBy(() -> new StudySettings(5, 1, 0.1))
        .hasMessage("epochs must be at least 2: 1");
    assertThatThrownBy(() -> new StudySettings(5, 12, 0))
        .hasMessage("delta must be in (0, 1]: 0.0");
    for (String wrong : List.of("x", "x=a,b", "=a,b,c", "x/y=a,b,c")) {
      assertThatThrownBy(() -> StudyData.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("--data must be NAME=TRAIN,VALIDATION,TEST: " + wrong);
    }
  }
}

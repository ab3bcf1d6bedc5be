package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.adaptivesoftmax.internal.io.Require;

/**
 * The runs of a study, put together.
 *
 * @param settings what all runs share
 * @param groups the runs of each data set and variant
 */
public record StudyReport(StudySettings settings, List<RunGroup> groups) {
  private static final double PERCENT = 0.01;
  private static final String JSON_FILE = "report.json";

  static StudyReport of(StudySettings settings, List<StudyRun> runs) {
    Map<String, Map<String, List<StudyRun>>> byData = new LinkedHashMap<>();
    for (StudyRun run : runs) {
      byData
          .computeIfAbsent(run.data(), data -> new LinkedHashMap<>())
          .computeIfAbsent(run.variant(), variant -> new ArrayList<>())
          .add(run);
    }
    List<RunGroup> groups = new ArrayList<>();
    for (Map<String, List<StudyRun>> variants : byData.values()) {
      List<StudyRun> baseline = variants.getOrDefault(Variant.BASELINE, List.of());
      variants.values().forEach(group -> groups.add(RunGroup.of(group, baseline)));
    }
    return new StudyReport(settings, groups);
  }

  /**
   * Several reports as one, each of data sets of its own.
   *
   * @throws IllegalArgumentException if they differ in epochs or δ, or two of them have the same data set
   */
  static StudyReport of(List<StudyReport> reports) {
    StudySettings first = reports.get(0).settings;
    List<RunGroup> groups = new ArrayList<>();
    int seeds = 0;
    for (StudyReport report : reports) {
      StudySettings settings = report.settings;
      Require.argument(
          settings.epochs() == first.epochs() && settings.delta() == first.delta(),
          "reports must have the same epochs and delta: %s and %s",
          first,
          settings);
      for (RunGroup group : report.groups) {
        Require.argument(
            groups.stream().noneMatch(known -> known.isOf(group)),
            "two reports have %s, %s",
            group.data(),
            group.variant());
        groups.add(group);
      }
      seeds = Math.max(seeds, settings.seeds());
    }
    return new StudyReport(new StudySettings(seeds, first.epochs(), first.delta()), groups);
  }

  /**
   * A report that was written.
   *
   * @param json may have other fields too
   */
  public static StudyReport of(JsonNode json) throws JsonProcessingException {
    return RunFiles.JSON
        .reader()
        .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .treeToValue(json, StudyReport.class);
  }

  /** The group of a data set and a variant, if there is one. */
  public Optional<RunGroup> group(String data, String variant) {
    return groups.stream()
        .filter(group -> group.data().equals(data) && group.variant().equals(variant))
        .findFirst();
  }

  /** The groups of each data set. */
  public Map<String, List<RunGroup>> byData() {
    return groups.stream()
        .collect(Collectors.groupingBy(RunGroup::data, LinkedHashMap::new, Collectors.toList()));
  }

  /** Writes it as Markdown and JSON, with its curves. */
  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("report.md"), markdown());
    Files.writeString(directory.resolve(JSON_FILE), RunFiles.JSON.writeValueAsString(this) + "\n");
    StudyPlots.write(this, directory);
  }

  /**
   * The report that a study wrote.
   *
   * @throws IllegalArgumentException if there is none, or it is none
   */
  private static StudyReport read(Path directory) throws IOException {
    Path file = directory.resolve(JSON_FILE);
    Require.argument(Files.exists(file), "no %s: the study in %s is not done", file, directory);
    try {
      return of(RunFiles.JSON.readTree(file.toFile()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s: no report of a study: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Makes one report of what several studies wrote, each of data sets of its own.
   *
   * @param studies their directories
   * @param directory of the new report
   * @throws IllegalArgumentException if one has no report, or they do not go together
   */
  public static StudyReport merge(List<Path> studies, Path directory) throws IOException {
    List<StudyReport> reports = new ArrayList<>();
    for (Path study : studies) {
      reports.add(read(study));
    }
    StudyReport merged = of(reports);
    merged.write(directory);
    return merged;
  }

  /** {@return the report in Markdown} */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        Means over seeds 1 to %s with 95 %% intervals (Student's t); δ = %s; %d epochs each, test metrics with the weights of \
        the epoch with the best validation accuracy; seconds of training without validation; finished: share of the \
        training examples in the last epoch whose classes were all dropped but the right one; correlation: Pearson's, of \
        validation loss with validation accuracy over the epochs of a run.

        | data | variant | accuracy, %% | against softmax | macro F1, %% | seconds | finished, %% | correlation |
        |---|---|---|---|---|---|---|---|
        """
            .formatted(seeds(), settings.delta(), settings.epochs()));
    groups.forEach(group -> text.append(row(group)));
    text.append("\nFinished training examples by epoch, %:\n\n");
    text.append("| data | variant |");
    for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
      text.append(" ").append(epoch).append(" |");
    }
    text.append("\n|---|---|").append("---|".repeat(settings.epochs())).append("\n");
    groups.stream()
        .filter(group -> !group.variant().equals(Variant.BASELINE))
        .forEach(group -> text.append(finishedRow(group)));
    if (groups.stream().anyMatch(group -> group.encoder() != null)) {
      text.append(
          """

          Processor seconds: of training, all cores together, which other work on the machine changes less than the seconds on \
          the clock above; speed: those of softmax with the same seed over the variant's; ECE: expected calibration error on the test \
          examples, before and after temperature scaling on the validation examples; guessed: training examples guessed \
          unfinished by speculative skipping, missed: guessed finished that were not, by epoch.

          | data | variant | processor seconds | speed | ECE, % | scaled, % | guessed, % | missed, % |
          |---|---|---|---|---|---|---|---|
          """);
      groups.forEach(group -> text.append(encoderRow(group)));
    }
    return text.toString();
  }

  /** The last seed, or that of each data set if they differ. */
  private String seeds() {
    Map<String, Integer> byData = new LinkedHashMap<>();
    groups.forEach(group -> byData.merge(group.data(), group.seeds(), Math::max));
    return byData.values().stream().allMatch(seeds -> seeds == settings.seeds())
        ? Integer.toString(settings.seeds())
        : byData.entrySet().stream()
            .map(entry -> "%s (%s)".formatted(entry.getValue(), entry.getKey()))
            .collect(Collectors.joining(", "));
  }

  private static String encoderRow(RunGroup group) {
    RunGroup.Encoder encoder = group.encoder();
    return encoder == null
        ? ""
        : "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
            .formatted(
                group.data(),
                group.variant(),
                encoder.processorSeconds().text(1, 0),
                encoder.speedup().text(1, 2),
                encoder.calibrationError().text(PERCENT, 1),
                encoder.scaledCalibrationError().text(PERCENT, 1),
                percent(encoder.guessed()),
                percent(encoder.missed()));
  }

  private static String percent(List<Double> shares) {
    return shares.stream()
        .map(share -> String.format(Locale.ROOT, "%.1f", 100 * share))
        .collect(Collectors.joining(" / "));
  }

  private static String row(RunGroup group) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %.1f | %s |\n",
        group.data(),
        group.variant(),
        group.metrics().accuracy().text(PERCENT, 2),
        group.variant().equals(Variant.BASELINE)
            ? ""
            : group.metrics().accuracyAgainstSoftmax().text(PERCENT, 2),
        group.metrics().macroF1().text(PERCENT, 2),
        group.metrics().trainSeconds().text(1, 1),
        100 * group.epochs().finished().get(group.epochs().finished().size() - 1),
        group.metrics().correlation().text(1, 2));
  }

  private static String finishedRow(RunGroup group) {
    return group.epochs().finished().stream()
        .map(share -> String.format(Locale.ROOT, "%.1f", 100 * share))
        .collect(
            Collectors.joining(
                " | ", "| %s | %s | ".formatted(group.data(), group.variant()), " |\n"));
  }
}

package org.adaptivesoftmax.bench.tables;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the parts of the documents that are not written by hand. */
@Command(
    name = "bench-tables",
    description = {
      "Write the tables of the README and of docs/ from the measurements in docs/bench, and the help of every command.",
      "A made part stands between <!-- made: NAME --> and <!-- end -->."
    })
public final class TablesCommand implements Callable<CommandResult> {
  @Option(
      names = "--check",
      description = "Write nothing, and fail if a part is not what it would be.")
  private boolean check;

  /**
   * What was done.
   *
   * @param documents that have made parts
   * @param changed those that were written
   */
  record Made(List<String> documents, List<String> changed) implements CommandResult {
    @Override
    public String text() {
      return changed.isEmpty()
          ? "every table is up to date"
          : "written: " + String.join(", ", changed);
    }
  }

  @Override
  public CommandResult call() throws IOException {
    return make(Path.of(System.getProperty("adaptivesoftmax.home", "")), check);
  }

  /**
   * Makes the parts of a project's documents.
   *
   * @param project its directory
   * @param check whether to fail instead of writing
   * @throws IllegalArgumentException if a part cannot be made, or differs and is only checked
   */
  static Made make(Path project, boolean check) throws IOException {
    Results results = new Results(project.resolve("docs/bench"));
    List<String> documents = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    for (Path file : documents(project)) {
      String name = project.relativize(file).toString();
      String text = Files.readString(file);
      String renewed = renew(name, text, results);
      if (text.contains("<!-- made: ")) {
        documents.add(name);
      }
      if (!renewed.equals(text)) {
        if (check) {
          throw new IllegalArgumentException(
              "%s: part \"%s\" is not what docs/bench or the commands give: run tools/bench-tables"
                  .formatted(name, MadeParts.firstDifference(text, renewed)));
        }
        Files.writeString(file, renewed);
        changed.add(name);
      }
    }
    return new Made(documents, changed);
  }

  private static String renew(String document, String text, Results results) throws IOException {
    try {
      return MadeParts.renew(text, name -> make(name, results));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(document, e.getMessage()), e);
    }
  }

  private static List<Path> documents(Path project) throws IOException {
    List<Path> documents = new ArrayList<>(List.of(project.resolve("README.md")));
    try (Stream<Path> files = Files.walk(project.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }

  private static String make(String name, Results results) throws IOException {
    MeasuredTables tables = new MeasuredTables(results);
    VocabularyTables vocabulary = new VocabularyTables(results);
    String[] words = name.split(" ", 2);
    return switch (words[0]) {
      case "headline" -> tables.headline();
      case "train-step" -> tables.trainStep();
      case "compiled" -> tables.compiled();
      case "growth" -> tables.growth();
      case "language-model" -> tables.languageModel();
      case "decode" -> tables.decode();
      case "as-softmax" -> tables.asSoftmax();
      case "long-run" -> tables.longRun();
      case "plan" -> vocabulary.plan();
      case "migrations" -> vocabulary.migrations();
      case "rebucket" -> vocabulary.rebucket();
      case "drift" -> vocabulary.drift();
      case "serve" -> new ServeTables(results).serve();
      case "serve-endurance" -> new ServeTables(results).endurance();
      case "distributed" -> new DistributedTables(results).ways();
      case "distributed-scaling" -> new DistributedTables(results).scaling();
      case "soak" -> new ServeTables(results).soak();
      case "fuzz" -> new ReliabilityTables(results).fuzz();
      case "fail-at" -> new ReliabilityTables(results).failAt();
      case "main-job" -> tables.mainJob();
      case "tail-weights" -> tables.tailWeights();
      case "count" -> vocabulary.count();
      case "study" -> new StudyTables(results).study();
      case "losses" -> new StudyTables(results).losses();
      case "encoder-study" -> new StudyTables(results).encoderStudy();
      case "record" -> tables.record(words[1]);
      case "help" -> help(words[1]);
      default -> throw new IllegalArgumentException("no such part: " + name);
    };
  }

  /** What a command writes with {@code --help}. */
  private static String help(String command) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    Main.run(out, out, List.of(), command, "--help");
    String text = written.toString(StandardCharsets.UTF_8).stripTrailing();
    // With an unknown command, picocli writes the help of the whole.
    if (!text.startsWith("Usage: adaptive-softmax %s ".formatted(command))) {
      throw new IllegalArgumentException("no such command: " + command);
    }
    return "```text\n" + text + "\n```";
  }
}

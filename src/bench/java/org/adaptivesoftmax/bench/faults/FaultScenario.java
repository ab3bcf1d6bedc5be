package org.adaptivesoftmax.bench.faults;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.io.Require;

/** A command that writes, with small input below a directory of its own. */
enum FaultScenario {
  TRAIN(
      "train --resume --corpus {in}/corpus.txt --out {out} --cutoffs 10,30 --hidden 8 --embedding 8"
          + " --epochs 2 --batch 16 --threads 1 --seed 1"),
  IMPORT_PYTORCH(
      "import-pytorch --weights {project}/src/test/resources/pytorch/module.safetensors --out {out}"),
  CONVERT(
      "convert --model {project}/savedmodels/samples/language-model --corpus {in}/corpus.txt --out {out}"
          + " --tail-weights int8"),
  REBUCKET(
      "rebucket --model {project}/savedmodels/samples/language-model --counts {in}/counts --corpus {in}/corpus.txt"
          + " --out {out} --steps 2 --seed 1");

  private static final int LINES = 400;

  private final String arguments;

  FaultScenario(String arguments) {
    this.arguments = arguments;
  }

  /** The directory of models, below that of the run. */
  static Path out(Path work) {
    return work.resolve("out");
  }

  /** The scenario of that name. */
  static FaultScenario named(String key) {
    for (FaultScenario scenario : values()) {
      if (scenario.key().equals(key)) {
        return scenario;
      }
    }
    throw new IllegalArgumentException(
        "no command %s, there are %s"
            .formatted(key, List.of(values()).stream().map(FaultScenario::key).toList()));
  }

  /** The command's name. */
  @JsonValue
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The command line for a directory with the input. */
  List<String> command(Path project, Path work) {
    String line =
        arguments
            .replace("{in}", work.resolve("in").toString())
            .replace("{out}", out(work).toString())
            .replace("{project}", project.toString());
    return List.of((line + " --json").split(" "));
  }

  /** Writes the input that all scenarios share. */
  static void prepare(Path work) throws IOException {
    Path in = Files.createDirectories(work.resolve("in"));
    Files.writeString(
        in.resolve("corpus.txt"),
        IntStream.range(0, LINES)
            .mapToObj(
                i ->
                    "the quick fox %d jumps over dog %d when the zebra sleeps\n"
                        .formatted(i % 17, i % 29))
            .collect(Collectors.joining()));
    int code =
        Commands.run(
                List.of(
                    "count",
                    "--corpus",
                    in.resolve("corpus.txt").toString(),
                    "--out",
                    in.resolve("counts").toString()))
            .code();
    Require.argument(code == 0, "count ended with %d", code);
  }
}

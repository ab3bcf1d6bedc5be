package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.training.TinyExamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.SavedModelBundle;

class TrainClassifierCommandTest {
  private final Path directory;

  TrainClassifierCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  private JsonNode json(String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train-classifier",
                "--json",
                "--train",
                file("train.tsv", TinyExamples.lines(600, 1)),
                "--out",
                directory.resolve("model").toString()));
    arguments.addAll(Arrays.asList(options));
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  @Test
  void trainsTestsAndExports() throws IOException {
    JsonNode result =
        json(
            "--validation",
            file("validation.tsv", TinyExamples.lines(120, 2)),
            "--test",
            file("test.tsv", TinyExamples.lines(120, 3)),
            "--epochs",
            "3",
            "--learning-rate",
            "0.02");
    assertThat(result.get("accuracy").asDouble()).isBetween(0.8, 1.0);
    assertThat(result.get("macro_f1").asDouble()).isBetween(0.8, 1.0);
    assertThat(result.get("validation_accuracy").asDouble()).isBetween(0.8, 1.0);
    assertThat(result.get("train_seconds").asDouble()).isPositive();
    assertThat(result.get("examples_per_second").asDouble()).isPositive();
    for (String perEpoch : List.of("train_loss", "validation_loss", "validation_accuracies")) {
      assertThat(result.get(perEpoch)).hasSize(3);
    }
    Path version = Path.of(result.get("model").asText());
    assertThat(version).isEqualTo(directory.resolve("model/1"));
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      assertThat(bundle.signatures()).hasSize(2);
    }
  }

  @Test
  void asSoftmaxReportsWhatItLeavesOut() throws IOException {
    JsonNode result =
        json(
            "--loss",
            "as-softmax",
            "--delta",
            "0.2",
            "--initial-delta",
            "0.9",
            "--warmup-ratio",
            "0.5",
            "--accumulate",
            "3",
            "--accumulate-lambda",
            "1.5",
            "--skip-finished-rows",
            "--batch",
            "16",
            "--learning-rate",
            "0.02",
            "--epochs",
            "4",
            "--patience",
            "4");
    List<Double> finished = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    result.get("masked_row_ratio").forEach(node -> finished.add(node.asDouble()));
    result.get("accumulation_steps").forEach(node -> steps.add(node.asInt()));
    assertThat(finished).hasSize(4);
    assertThat(finished.get(3)).isBetween(0.5, 1.0).isGreaterThan(finished.get(0));
    assertThat(steps).hasSize(4).isSorted().last().isEqualTo(3);
    assertThat(result.get("delta").get(3).asDouble()).isEqualTo(0.2);
    assertThat(result.get("delta").get(0).asDouble()).isBetween(0.5, 0.6);
    assertThat(result.get("accuracy").asDouble()).isGreaterThan(0.8);
  }

  @Test
  void aFileAloneIsDivided() throws IOException {
    JsonNode result = json("--epochs", "1");
    assertThat(result.get("classes").asInt()).isEqualTo(TinyExamples.CLASSES);
    assertThat(result.get("epochs").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --train TRAIN --epochs 0             | epochs must be at least 1: 0
          --train TRAIN --batch 0              | batch must be at least 1: 0
          --train TRAIN --patience 0           | patience must be at least 1: 0
          --train TRAIN --learning-rate -1     | --learning-rate must be above 0 and finite: -1.0
          --train TRAIN --hidden 0             | hidden must be at least 1: 0
          --train TRAIN --threads 0            | --threads must be at least 1: 0
          --train TRAIN --dropout 1            | dropout must be in [0, 1): 1.0
          --train TRAIN --max-vocabulary 0     | --max-vocabulary must be at least 1: 0
          --train TRAIN --top 7                | topK must be in 1..6 (classes): 7
          --train TRAIN --validation TRAIN     | go together: missing --test
          --test TRAIN                         | go together: missing --train
          --train TRAIN --loss hinge           | '--loss': must be one of softmax, as-softmax, sparsemax, entmax15, focal: hinge
          --train TRAIN --loss sparsemax --delta 0.1 | --delta needs --loss as-softmax
          --train TRAIN --loss focal --accumulate 2  | --accumulate needs --loss as-softmax
          --train TRAIN --delta 0.1            | --delta needs --loss as-softmax
          --train TRAIN --skip-finished-rows   | --skip-finished-rows needs --loss as-softmax
          --loss as-softmax --delta 0          | delta must be in (0, 1]: 0.0
          --loss as-softmax --delta 1.5        | delta must be in (0, 1]: 1.5
          --loss as-softmax --initial-delta -1 | initial delta must be in (0, 1]: -1.0
          --loss as-softmax --warmup-ratio 2   | warmupRatio must be in [0, 1]: 2.0
          --loss as-softmax --accumulate 0     | accumulate must be at least 1: 0
          --loss as-softmax --accumulate-lambda 0 | accumulateLambda must be above 0 and finite: 0.0
          --train TRAIN --out TRAIN            | train.tsv
          --train none.tsv                     | no such file: none.tsv
          --train NOTAB                        | notab.tsv:2: no tab between label and text
          --train EMPTY                        | empty.tsv: empty, it needs at least one line
          --train ONE                          | one.tsv, train split: one class only, 'a'
          --train TRAIN --validation TRAIN --test OTHER | other.tsv:2: label 'z' is not in the training data
          --train TRAIN --validation NOTAB --test TRAIN | notab.tsv:2: no tab between label and text
          """)
  void badInputIsOneLine(String options, String message) throws IOException {
    String arguments =
        options.contains("--out")
            ? "train-classifier " + options.strip()
            : "train-classifier --out " + directory.resolve("model") + " " + options.strip();
    CommandRun run =
        CommandRun.of(
            arguments
                .replace("TRAIN", file("train.tsv", TinyExamples.lines(600, 1)))
                .replace("NOTAB", file("notab.tsv", "class0\ttext text\nclass0 text\n"))
                .replace("EMPTY", file("empty.tsv", ""))
                .replace(
                    "ONE", file("one.tsv", TinyExamples.lines(90, 1).replaceAll("class.", "a")))
                .replace("OTHER", file("other.tsv", "class1\tw1\nz\tw1\n"))
                .split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().filter(line -> line.startsWith("adaptive-softmax: ")))
        .singleElement()
        .asString()
        .contains(message);
    assertThat(directory.resolve("model")).doesNotExist();
  }
}

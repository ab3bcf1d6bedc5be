package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.training.TinyExamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train-classifier --encoder} on a tiny encoder. */
class TrainEncoderCommandTest {
  @TempDir private Path directory;

  private String file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content).toString();
  }

  @Test
  void trainsExportsAndAnswers() throws IOException {
    Path model = directory.resolve("model");
    CommandRun run =
        CommandRun.of(
            "train-classifier",
            "--json",
            "--encoder",
            EncoderGolden.directory().toString(),
            "--train",
            file("train.tsv", TinyExamples.linesOfPieces(240, 1)),
            "--validation",
            file("validation.tsv", TinyExamples.linesOfPieces(60, 2)),
            "--test",
            file("test.tsv", TinyExamples.linesOfPieces(60, 3)),
            "--loss",
            "as-softmax",
            "--skip-finished-rows",
            "speculative",
            "--max-length",
            "20",
            "--freeze-layers",
            "0",
            "--calibrate",
            "--learning-rate",
            "5e-3",
            "--batch",
            "16",
            "--out",
            model.toString());
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode result = JsonMapper.builder().build().readTree(run.out());
    assertThat(result.get("accuracy").asDouble()).isGreaterThan(0.8);
    assertThat(result.get("epochs").asInt()).isEqualTo(3);
    for (String list : List.of("guessed_unfinished_ratio", "missed_ratio", "masked_row_ratio")) {
      assertThat(result.get(list)).hasSize(3);
    }
    assertThat(model.resolve("checkpoints")).doesNotExist();
    assertThat(result.at("/calibration/temperature").asDouble()).isPositive();
    assertThat(result.at("/calibration/scaled_error").asDouble()).isBetween(0.0, 1.0);
    assertThat(result.at("/calibration/error").asDouble()).isBetween(0.0, 1.0);

    String request = file("request.json", "{\"instances\": [\"fox , a\", \"\", \"hello b\"]}");
    CommandRun answer = CommandRun.of("answer", "--model", model.toString(), request);
    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode predictions = JsonMapper.builder().build().readTree(answer.out()).get("predictions");
    assertThat(predictions.get(0).get("classes").get(0).asText()).isEqualTo("fox");
    assertThat(predictions.get(2).get("classes").get(0).asText()).isEqualTo("hello");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --train TRAIN --max-length 9                         | --max-length needs --encoder
          --train TRAIN --freeze-layers 1                      | --freeze-layers needs --encoder
          --train TRAIN --resume                               | --resume needs --encoder
          --train TRAIN --loss as-softmax --skip-finished-rows speculative | skipping must be NONE or TWO_PASS
          --encoder ENCODER --train TRAIN --hidden 9           | --hidden is of no use with --encoder
          --encoder ENCODER --train TRAIN --max-vocabulary 9   | --max-vocabulary is of no use with --encoder
          --encoder ENCODER --train TRAIN --max-length 49      | maxLength must be in 3..48 (the encoder's positions): 49
          --encoder ENCODER --train TRAIN --max-length 2       | maxLength must be in 3..48 (the encoder's positions): 2
          --encoder ENCODER --train TRAIN --freeze-layers 4    | frozenLayers must be at most the encoder's 3: 4
          --encoder ENCODER --train TRAIN --freeze-layers -2   | --freeze-layers must be at least 0: -2
          --encoder ENCODER --train TRAIN --warm-up 1          | warmUp must be in [0, 1): 1.0
          --encoder ENCODER --train TRAIN --clip-norm 0        | clipNorm must be above 0: 0.0
          --encoder ENCODER --train TRAIN --head-factor 0      | headFactor must be above 0 and finite: 0.0
          --encoder ENCODER --train TRAIN --weight-decay -1    | weightDecay must be at least 0 and finite: -1.0
          --encoder ENCODER --train TRAIN --top 9              | topK must be in 1..3 (classes): 9
          --encoder none --train TRAIN                         | no such directory: none
          --encoder EMPTY --train TRAIN                        | no config.json
          --encoder OTHER --train TRAIN                        | model_type must be bert: "roberta"
          --encoder WORDLESS --train TRAIN                     | neither tokenizer.json nor vocab.txt
          --encoder ENCODER --train TRAIN --loss focal --delta 0.2 | --delta needs --loss as-softmax
          """)
  void badInputIsOneLine(String options, String message) throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.writeString(other.resolve("config.json"), "{\"model_type\": \"roberta\"}");
    Files.createFile(other.resolve("model.safetensors"));
    Path wordless = Files.createDirectory(directory.resolve("wordless"));
    for (String part : List.of("config.json", "model.safetensors")) {
      Files.copy(EncoderGolden.directory().resolve(part), wordless.resolve(part));
    }
    String arguments =
        "train-classifier --out " + directory.resolve("model") + " " + options.strip();
    CommandRun run =
        CommandRun.of(
            arguments
                .replace("TRAIN", file("train.tsv", TinyExamples.linesOfPieces(600, 1)))
                .replace("ENCODER", EncoderGolden.directory().toString())
                .replace("EMPTY", empty.toString())
                .replace("WORDLESS", wordless.toString())
                .replace("OTHER", other.toString())
                .split(" +"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().filter(line -> line.startsWith("adaptive-softmax: ")))
        .singleElement()
        .asString()
        .contains(message);
    assertThat(directory.resolve("model")).doesNotExist();
  }
}
